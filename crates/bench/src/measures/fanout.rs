//! Part f: one event to fifty endpoints.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Bench;
use crate::load::{self, Limit};
use crate::report::{Row, median};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "fanout";
const KIND: &str = "bench.fan";
const ENDPOINTS: u64 = 50;

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    setup::app(&stand.api, APP).await?;
    setup::event_type(&stand.api, KIND, "app").await?;
    for number in 0..ENDPOINTS {
        let url = bench.receiver.url(&format!("/fan/{number}"));
        setup::webhook(&stand.api, APP, &url, &[KIND], None).await?;
    }
    let events = if bench.options.quick { 200 } else { 1_500 };
    let request = Arc::new(wire::post(
        &setup::events_path(APP),
        &stand.spec.key,
        &setup::event_body(KIND),
    ));
    let (mut rates, mut costs) = (vec![], vec![]);
    // The first run opens connections and fills caches; it does not count.
    for round in 0..=bench.pairs() {
        bench.counting.reset(false);
        let cpu = bench.cpu(&stand)?;
        let limit = Limit::Count(events, Duration::from_mins(1));
        let sent = load::closed_loop(&bench.workers, stand.server.addr, &request, 16, limit).await?;
        let delivered = bench
            .counting
            .settle(sent.ok * ENDPOINTS, Duration::from_secs(15))
            .await;
        let wanted = sent.ok * ENDPOINTS;
        ensure!(delivered == wanted, "{delivered} of {wanted} deliveries arrived");
        let seconds = bench.counting.last().saturating_sub(sent.begun) as f64 / 1e9;
        if round > 0 {
            rates.push(delivered as f64 / seconds);
            costs.push((bench.cpu(&stand)? - cpu) / delivered as f64 * 1e3);
        }
    }
    let name = database.name();
    let row = Row::new(
        'f',
        format!("{name}, one event to {ENDPOINTS} endpoints"),
        median(&rates),
        "/s",
    );
    bench.add(
        row.at_least(25_000.0)
            .note(format!("deliveries; {events} events a run over 16 connections")),
    );
    let row = Row::new('f', format!("{name}, fan-out CPU"), median(&costs), "s/1,000");
    bench.add(row.at_most(0.05));
    stand.server.stop().await
}
