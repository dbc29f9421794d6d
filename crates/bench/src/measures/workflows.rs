//! Part w: an event → a run of a workflow → the recipient's open bell and a mail to the sandbox.
//!
//! Beside the steady stream a few runs wait thirty seconds, which says how late a wait ends under load; afterwards the traces of some
//! of the runs are read.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::bells::Bells;
use super::latency::LINES;
use super::{Bench, Stand};
use crate::clock;
use crate::counting::{histogram, millis};
use crate::http::{Connection, Request};
use crate::open_loop::{self, Arrivals, Outcome, Spread, Template};
use crate::process;
use crate::report::Row;
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "workflows";
const USERS: usize = 20;
/// The event type that is told at once, and the one that waits.
const NOW: &str = "bench.order";
const LATER: &str = "bench.reminder";
/// How long it waits.
const DELAY: Duration = Duration::from_secs(30);
/// Runs that wait.
const WAITING: f64 = 10.0;
/// For what is on its way when the last event was published.
const PATIENCE: Duration = Duration::from_secs(10);
/// Traces read.
const TRACES: usize = 100;

/// Runs a second: what is asked of SQLite, and what PostgreSQL can take on the same two cores.
fn rate(database: &Database) -> f64 {
    match database {
        Database::Sqlite => 1_000.0,
        Database::Postgres(_) => 400.0,
    }
}

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    declare(&stand).await?;
    let (name, rate) = (database.name(), rate(database));
    let named = |prefix: &str| (0..USERS).map(|number| format!("{prefix}-{number}")).collect();
    let bells = Bells::open(bench, &stand, named("now")).await?;
    let late_bells = Bells::open(bench, &stand, named("later")).await?;
    reachable(&stand, bells.users.iter().chain(&late_bells.users)).await?;
    publish(bench, &stand, (NOW, &bells), rate / 2.0, bench.time(4)).await?;
    settled(&stand).await?;
    bells.reset();

    let time = bench.time(60);
    // Begun at the beginning: what waits comes due while the others are still under way.
    let waiting_for = Duration::from_secs(2);
    let cpu = bench.cpu(&stand)?;
    let (outcome, waiting) = tokio::join!(
        publish(bench, &stand, (NOW, &bells), rate, time),
        publish(bench, &stand, (LATER, &late_bells), WAITING, waiting_for),
    );
    let (outcome, waiting) = (outcome?, waiting?);
    let latency = bells.heard(outcome.ok, PATIENCE).await?;
    let late = settled(&stand).await?;
    let cpu = bench.cpu(&stand)? - cpu;
    let note = format!("{} runs, {} failed", outcome.ok, outcome.failed);
    for (quantile, word) in [(0.5, "p50"), (0.99, "p99")] {
        let what = format!("{name}, {rate:.0} runs/s: publish → feed {word}");
        let row = Row::new('w', what, millis(&latency, quantile), "ms");
        bench.add(row.at_most(50.0).note(note.clone()));
    }
    let what = format!("{name}, {rate:.0} runs/s: mails behind at the end");
    let row = Row::new('w', what, late.as_secs_f64(), "s");
    bench.add(row.at_most(1.0).note("until the last one was sent"));
    let what = format!("{name}, {rate:.0} runs/s: CPU");
    bench.add(Row::new('w', what, cpu / outcome.ok as f64 * 1e3, "s/1,000"));
    let rss = process::rss_bytes(stand.server.pid)? as f64 / 1e6;
    bench.add(Row::new('w', format!("{name}, memory after it"), rss, "MB"));

    let patience = DELAY + PATIENCE;
    let waited = late_bells.heard(waiting.ok, patience).await?;
    let over = millis(&waited, 1.0) - DELAY.as_secs_f64() * 1e3;
    let what = format!("{name}, a delay of {} s under load: latest", DELAY.as_secs());
    let row = Row::new('w', what, over, "ms late");
    bench.add(row.at_most(1_000.0).note(format!("{} runs", waiting.ok)));
    trace(bench, &stand, name).await?;
    stand.server.stop().await
}

/// The application, the sandbox for mails, and both workflows.
async fn declare(stand: &Stand) -> Result<()> {
    let api = &stand.api;
    setup::app(api, APP).await?;
    let channel = json!({
        "from": {"address": "noreply@example.com", "name": "Bench"},
        "providers": [{"name": "sandbox", "kind": "sandbox"}],
    });
    api.expect("PUT", "/api/v1/channels/email", Some(&channel))
        .await?;
    let bell = json!({"name": "bell", "in_app": {
        "title": "Order {{ data.order }} is paid", "body": "{{ data.at }}", "link": "/orders/{{ data.order }}"}});
    let mail = json!({"name": "mail", "email": {"subject": "Order {{ data.order }} is paid", "blocks": [
        {"type": "heading", "text": "Order {{ data.order }}"},
        {"type": "text", "text": "Thank you, {{ recipient.name }}. You paid **{{ data.amount }} {{ data.currency }}**."},
        {"type": "button", "label": "See your order", "url": "https://example.com/orders/{{ data.order }}"}]}});
    let wait = json!({"name": "wait", "delay": {"for": format!("{}s", DELAY.as_secs())}});
    for (kind, steps) in [(NOW, json!([bell, mail])), (LATER, json!([wait, bell]))] {
        setup::event_type(api, kind, "app").await?;
        let workflow = json!({
            "events": [{"type": kind}], "recipients": [{"users_from": "data.customer"}], "steps": steps,
        });
        api.expect("PUT", &format!("/api/v1/workflows/{kind}"), Some(&workflow))
            .await?;
    }
    Ok(())
}

async fn reachable(stand: &Stand, users: impl Iterator<Item = &String>) -> Result<()> {
    for user in users {
        let described = json!({"name": user, "email": format!("{user}@example.com")});
        stand
            .api
            .expect("PUT", &format!("/api/v1/users/{user}"), Some(&described))
            .await?;
    }
    Ok(())
}

async fn publish(
    bench: &Bench,
    stand: &Stand,
    (kind, bells): (&str, &Bells),
    rate: f64,
    time: Duration,
) -> Result<Outcome> {
    let path = setup::events_path(APP);
    let template = |user: &String| {
        let body = setup::event_body(kind).replace("cus_1182", user);
        Template::new(wire::post(&path, &stand.spec.key, &body))
    };
    let arrivals = Arrivals {
        addr: stand.server.addr,
        templates: bells.users.iter().map(template).collect(),
        rate,
        spread: Spread::Strewn(1),
        time,
        connections: LINES,
    };
    open_loop::run(&bench.workers, arrivals).await
}

/// Waits until no mail is open, and says how long that took.
async fn settled(stand: &Stand) -> Result<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if open(stand).await? == 0 {
            return Ok(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(PATIENCE)
}

async fn open(stand: &Stand) -> Result<usize> {
    let mut open = 0;
    for status in ["pending", "sending", "retrying"] {
        let path = format!("/api/v1/deliveries?channel=email&status={status}&limit=1");
        open += rows(&stand.api.get(&path).await?)?.len();
    }
    Ok(open)
}

fn rows(page: &Value) -> Result<&Vec<Value>> {
    page["data"].as_array().context("a page without data")
}

/// How long the answer to "why" takes, over the newest runs.
async fn trace(bench: &mut Bench, stand: &Stand, name: &str) -> Result<()> {
    let page = stand
        .api
        .get(&format!("/api/v1/apps/{APP}/events?limit={TRACES}"))
        .await?;
    let mut latency = histogram();
    let mut connection = Connection::new(stand.server.addr, PATIENCE);
    for event in rows(&page)? {
        let id = event["id"].as_str().context("an event without id")?;
        let begun = clock::now();
        let request = Request {
            method: "GET",
            path: &format!("/api/v1/events/{id}/trace"),
            key: &stand.spec.key,
            ..Request::default()
        };
        let reply = connection
            .send(&request)
            .await
            .map_err(|failure| anyhow::anyhow!("the trace of {id}: {failure}"))?;
        ensure!(reply.ok(), "the trace of {id}: {} {}", reply.status, reply.text());
        let runs = reply.json()["runs"].as_array().map_or(0, Vec::len);
        ensure!(runs == 1, "the trace of {id} has {runs} runs");
        latency.record(clock::now() - begun)?;
    }
    let what = format!("{name}, trace of an event p99");
    let row = Row::new('w', what, millis(&latency, 0.99), "ms");
    bench.add(row.at_most(20.0).note(format!("{} traces", latency.len())));
    Ok(())
}
