//! A node stopped beyond its lease, then going on: what it believes it still owns is another's by then.
//!
//! Some deliveries are held open by the receiver while their node is stopped, and answered then. The other node
//! rescues and sends them again, and gets another answer. When the first goes on, it finds its answer in the socket
//! and wants to write it down: the delivery log must keep the rescuer's.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use serde_json::Value;

use super::check::KIND;
use super::client::APP;
use super::faults::Schedule;
use super::harness::{Harness, rows};
use super::inbox::{FIRST_ANSWER, HELD, SECOND_ANSWER};
use super::publisher;
use crate::http::{Connection, Request};
use crate::{clock, setup};

/// How many deliveries are held.
const HELD_EVENTS: usize = 8;
/// How long after the pause's end a rescue may still come.
const GRACE: Duration = Duration::from_secs(30);

/// Stops the first of two nodes.
pub(crate) async fn strike(harness: &mut Harness, schedule: Schedule) -> Result<()> {
    harness.wait(2.0, 2.0 + schedule.seconds).await;
    let held = publish_held(harness).await?;
    let arrived = wait_for(harness, &held, 1, Duration::from_secs(10)).await;
    ensure!(
        !arrived.is_empty(),
        "no held delivery arrived: there is nothing to be stale about"
    );
    let node = harness.servers[0].as_ref().context("the first node is up")?;
    node.signal(Signal::STOP)?;
    harness.inbox.release();
    tokio::time::sleep(schedule.pause).await;
    let rescued = wait_for(harness, &arrived, 2, GRACE).await;
    // The rescuer writes down what it was answered.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before: Vec<u32> = rescued.iter().map(|id| harness.inbox.came(id)).collect();
    harness.servers[0]
        .as_ref()
        .context("the first node is stopped")?
        .signal(Signal::CONT)?;
    if rescued.len() < arrived.len() {
        let detail = format!("{} of {} held deliveries", rescued.len(), arrived.len());
        harness.complain("not rescued from a stopped node", detail);
    }
    harness.wait(8.0, 10.0).await;
    for (id, before) in rescued.iter().zip(before) {
        let after = harness.inbox.came(id);
        if after > before {
            let detail = format!("{id} came {before} times, then {after} times");
            harness.complain("sent again after its rescue: a stale owner wrote", detail);
        }
    }
    judge(harness, &rescued).await?;
    harness.notes.push(format!(
        "{} deliveries held over {:?}",
        arrived.len(),
        schedule.pause
    ));
    harness.wait(2.0, 2.0 + schedule.seconds).await;
    Ok(())
}

/// Publishes through the first node, which leases what it commits.
async fn publish_held(harness: &mut Harness) -> Result<Vec<String>> {
    let mut task = harness.client.task(0, 0);
    let mut line = Connection::new(harness.specs[0].listen, Duration::from_secs(30));
    let path = setup::events_path(APP);
    let mut ids = Vec::new();
    for number in 0..HELD_EVENTS {
        let caller = format!("held-{number}");
        let data = publisher::data(&mut task.rng, &caller, &format!(", {HELD}"));
        harness.ledger.book().event_leaves(&caller, &data);
        let body = format!(r#"{{"type":"{KIND}","id":"{caller}","data":{data}}}"#);
        let key = harness.specs[0].key.clone();
        let request = Request {
            method: "POST",
            path: &path,
            key: &key,
            idempotency: None,
            body: Some(&body),
        };
        let sent = clock::now();
        let reply = line
            .send(&request)
            .await
            .map_err(|failure| anyhow::anyhow!("publishing {caller}: {failure}"))?;
        ensure!(
            reply.ok(),
            "publishing {caller}: {} {}",
            reply.status,
            reply.text()
        );
        let id = reply.json()["event_id"]
            .as_str()
            .context("no event_id")?
            .to_owned();
        harness.ledger.book().event_acked(&caller, &id, false, sent);
        ids.push(id);
    }
    Ok(ids)
}

/// Those that came at least `times`, once all did or `patience` is over.
async fn wait_for(harness: &Harness, ids: &[String], times: u32, patience: Duration) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let came: Vec<String> = ids
            .iter()
            .filter(|id| harness.inbox.came(id) >= times)
            .cloned()
            .collect();
        if came.len() == ids.len() || begun.elapsed() > patience {
            return came;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn judge(harness: &Harness, rescued: &[String]) -> Result<()> {
    let log = delivery_log(harness, rescued).await?;
    for id in rescued {
        match log.get(id) {
            Some(row) => judge_row(harness, id, row),
            None => harness.complain("rescued delivery is not in the log", id.clone()),
        }
    }
    Ok(())
}

fn judge_row(harness: &Harness, id: &str, row: &Value) {
    let (status, response) = (
        row["status"].as_str().unwrap_or_default(),
        row["response"].as_str(),
    );
    if status != "sent" && status != "delivered" {
        harness.complain("rescued delivery is not sent", format!("{id}: {row}"));
    }
    match response {
        Some(text) if text.contains(FIRST_ANSWER) => {
            harness.complain("completed by a stale owner", format!("{id}: {row}"));
        }
        Some(text) if text.contains(SECOND_ANSWER) => {}
        _ => harness.complain(
            "cannot tell who completed",
            format!("{id}: no answer of ours in {row}"),
        ),
    }
}

/// The deliveries of these events, from the webhook's log.
async fn delivery_log(harness: &Harness, events: &[String]) -> Result<HashMap<String, Value>> {
    let api = harness.api(1);
    let base = format!(
        "/api/v1/apps/{APP}/webhooks/{}/deliveries?limit=100",
        harness.webhook.id
    );
    let mut found = HashMap::new();
    let mut path = base.clone();
    for _ in 0..10_000 {
        let page = api.get(&path).await?;
        for row in rows(&page) {
            if let Some(id) = row["event_id"]
                .as_str()
                .filter(|id| events.iter().any(|event| event == id))
            {
                found.insert(id.to_owned(), row.clone());
            }
        }
        match page["next_cursor"]
            .as_str()
            .filter(|_| found.len() < events.len())
        {
            Some(next) => path = format!("{base}&cursor={}", super::observe::encode(next)),
            None => break,
        }
    }
    Ok(found)
}
