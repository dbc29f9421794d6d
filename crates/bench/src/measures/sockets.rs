//! Part d (W05): ten thousand authenticated sockets: what each weighs, one platform event to all of them, and the storm
//! when the server dies under them.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;

use super::storm::Crowd;
use super::{Bench, Stand, storm};
use crate::counting::millis;
use crate::http::{Api, Connection, Request};
use crate::process;
use crate::report::Row;
use crate::server::Database;
use crate::setup;

const KIND: &str = "bench.platform";
const READERS: usize = 10;

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    let wanted = bench.options.sockets;
    // Some files are the program's own; the server, with the same limit, has a few more.
    let room = usize::try_from(bench.files)?.saturating_sub(500);
    let count = wanted.min(room);
    if count < wanted {
        eprintln!(
            "  the limit of open files is {}: only {count} of {wanted} sockets fit",
            bench.files
        );
    }
    let spec = bench.spec(&Database::Sqlite)?.with_fixed_port()?;
    let server = spec.start().await?;
    let api = server.api(&spec);
    let stand = storm_after_weighing(bench, Stand { spec, server, api }, count).await?;
    fan_out(bench, &stand, count).await?;
    stand.server.stop().await
}

async fn storm_after_weighing(bench: &mut Bench, stand: Stand, count: usize) -> Result<Stand> {
    eprintln!("  minting {count} user tokens");
    let tokens = mint(&stand.api, count).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = process::rss_bytes(stand.server.pid)?;
    let begun = Instant::now();
    let crowd = Crowd::open(&bench.workers, stand.server.addr, tokens);
    crowd
        .wait(count, Duration::from_mins(2))
        .await
        .context("opening the sockets of users")?;
    let opening = begun.elapsed().as_secs_f64();
    tokio::time::sleep(bench.time(8)).await;
    let each = (process::rss_bytes(stand.server.pid)?.saturating_sub(before)) as f64 / count as f64 / 1e3;
    let row = Row::new('d', format!("memory of each of {count} sockets"), each, "KB").at_most(12.0);
    bench.add(row.note(format!("user tokens; all open after {opening:.1} s")));
    let cpu = process::cpu_seconds(stand.server.pid)?;
    let idle = bench.time(20);
    tokio::time::sleep(idle).await;
    let cpu = (process::cpu_seconds(stand.server.pid)? - cpu) / idle.as_secs_f64() / count as f64 * 1e6;
    bench.add(
        Row::new('d', "CPU of an idle socket", cpu, "µs/s")
            .at_most(3.0)
            .note("reliability.md 7.1"),
    );
    storm::measure(bench, stand, &crowd, count).await
}

/// Users and their tokens, over a few connections at once.
async fn mint(api: &Api, count: usize) -> Result<Vec<String>> {
    const LINES: usize = 16;
    let mut lines = JoinSet::new();
    for line in 0..LINES {
        let api = api.clone();
        lines.spawn(async move {
            let mut connection = Connection::new(api.addr, Duration::from_secs(30));
            let mut tokens = Vec::new();
            for number in (line..count).step_by(LINES) {
                let user = format!("/api/v1/users/crowd-{number}");
                call(&mut connection, &api.key, "PUT", &user, "{}").await?;
                let made = call(&mut connection, &api.key, "POST", &format!("{user}/token"), "{}").await?;
                tokens.push(
                    made["token"]
                        .as_str()
                        .context("no token in the answer")?
                        .to_owned(),
                );
            }
            anyhow::Ok(tokens)
        });
    }
    let mut tokens = Vec::new();
    while let Some(line) = lines.join_next().await {
        tokens.extend(line??);
    }
    Ok(tokens)
}

async fn call(
    connection: &mut Connection,
    key: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Result<serde_json::Value> {
    let request = Request {
        method,
        path,
        key,
        idempotency: None,
        body: Some(body),
    };
    let reply = connection
        .send(&request)
        .await
        .map_err(|failure| anyhow::anyhow!("{method} {path}: {failure}"))?;
    ensure!(reply.ok(), "{method} {path}: {} {}", reply.status, reply.text());
    Ok(reply.json())
}

async fn fan_out(bench: &mut Bench, stand: &Stand, count: usize) -> Result<()> {
    setup::event_type(&stand.api, KIND, "platform").await?;
    setup::app(&stand.api, "crier").await?;
    let mut keys = Vec::new();
    for number in 0..READERS.min(count) {
        let app = format!("listener-{number}");
        setup::app(&stand.api, &app).await?;
        keys.push(setup::app_key(&stand.api, &app).await?);
    }
    let bearers = (0..count)
        .map(|number| keys[number % keys.len()].clone())
        .collect();
    let crowd = Crowd::open(&bench.workers, stand.server.addr, bearers);
    crowd
        .wait(count, Duration::from_mins(2))
        .await
        .context("opening the sockets of applications")?;
    let events = if bench.options.quick { 3 } else { 20 };
    for number in 0..events {
        cry(stand).await?;
        let heard = crowd
            .heard_by(count * (number + 1), Duration::from_secs(10))
            .await;
        ensure!(
            heard == count * (number + 1),
            "event {number} reached {heard} sockets in all"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let latency = crowd.latency();
    let note = format!(
        "{events} events to {count} sockets of {} applications",
        keys.len()
    );
    bench.add(
        Row::new(
            'd',
            "one platform event to all sockets p50",
            millis(&latency, 0.5),
            "ms",
        )
        .note(note),
    );
    let row = Row::new(
        'd',
        "one platform event to all sockets p99",
        millis(&latency, 0.99),
        "ms",
    );
    bench.add(row.at_most(150.0));
    drop(crowd);
    Ok(())
}

async fn cry(stand: &Stand) -> Result<()> {
    let mut body = setup::event_body(KIND).into_bytes();
    if let Some(slot) = crate::clock::mark_slot(&body) {
        crate::clock::write_mark(&mut body, slot, crate::clock::now());
    }
    let body: serde_json::Value = serde_json::from_slice(&body)?;
    stand.api.post(&setup::events_path("crier"), json!(body)).await?;
    Ok(())
}

/// One address has 28,000 ports for one destination; every few thousand sockets get another.
pub(super) fn source(number: usize) -> IpAddr {
    let last = u8::try_from(2 + number / 5_000).unwrap_or(254);
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}
