//! Part a: the generator straight into the receiver, the limit no server in between can pass.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::latency::LINES;
use super::{Bench, TICK};
use crate::counting::millis;
use crate::load::{self, Limit};
use crate::open_loop::{self, Arrivals, Spread, Template};
use crate::report::{Row, median};
use crate::setup;
use crate::wire;

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    for connections in [16, 64] {
        let mut rates = Vec::new();
        for _ in 0..bench.pairs() {
            rates.push(rate(bench, connections, bench.time(4)).await?);
        }
        let row = Row::new(
            'a',
            format!("direct, {connections} connections"),
            median(&rates),
            "/s",
        );
        bench.add(row.note("generator straight into receiver"));
    }
    // What the generator's own clock and sockets add to every latency below.
    for per_second in [100.0, 600.0] {
        let templates = vec![Template::new(request())];
        let addr = bench.receiver.addr();
        let arrivals = Arrivals {
            addr,
            templates,
            rate: per_second,
            spread: Spread::Even,
            time: bench.time(8),
            connections: LINES,
        };
        let outcome = open_loop::run(&bench.workers, arrivals).await?;
        for (quantile, name) in [(0.5, "p50"), (0.99, "p99")] {
            let value = millis(&outcome.api, quantile);
            bench.add(Row::new(
                'a',
                format!("direct, {per_second:.0}/s: answer {name}"),
                value,
                "ms",
            ));
        }
    }
    Ok(())
}

/// The same bytes that go to the server.
fn request() -> Vec<u8> {
    wire::post(
        "/direct",
        "sk_00000000000000000000000000000000",
        &setup::event_body(TICK),
    )
}

/// Requests a second.
pub(super) async fn rate(bench: &Bench, connections: usize, time: Duration) -> Result<f64> {
    let request = Arc::new(request());
    let addr = bench.receiver.addr();
    let done = load::closed_loop(&bench.workers, addr, &request, connections, Limit::For(time)).await?;
    Ok(done.ok as f64 / done.seconds)
}
