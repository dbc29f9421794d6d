//! Part b: publish a notification → it is on the user's open socket.

use std::time::Duration;

use anyhow::Result;

use super::bells::Bells;
use super::latency::{LINES, end_to_end};
use super::{Bench, Stand};
use crate::open_loop::{self, Arrivals, Outcome, Spread, Template};
use crate::server::Database;
use crate::setup;
use crate::wire;

const APP: &str = "bell";
const USERS: usize = 20;

pub(super) async fn measure(bench: &mut Bench, database: &Database) -> Result<()> {
    let stand = bench.stand(database).await?;
    setup::app(&stand.api, APP).await?;
    let users = (0..USERS).map(|number| format!("bell-{number}")).collect();
    let bells = Bells::open(bench, &stand, users).await?;
    ring(bench, &stand, &bells, 200.0, bench.time(4)).await?;
    for rate in [100.0, 600.0] {
        bells.reset();
        let outcome = ring(bench, &stand, &bells, rate, bench.time(15)).await?;
        let latency = bells.heard(outcome.ok, Duration::from_secs(5)).await?;
        let note = format!(
            "{} notifications to {USERS} users, {} failed",
            outcome.ok, outcome.failed
        );
        let what = format!("{}, {rate:.0}/s: notify → bell", database.name());
        end_to_end(bench, &what, &latency, &note);
    }
    stand.server.stop().await
}

async fn ring(bench: &Bench, stand: &Stand, bells: &Bells, rate: f64, time: Duration) -> Result<Outcome> {
    let path = format!("/api/v1/apps/{APP}/notifications");
    let request = |user: &String| wire::post(&path, &stand.spec.key, &setup::notification_body(user));
    let arrivals = Arrivals {
        addr: stand.server.addr,
        templates: bells
            .users
            .iter()
            .map(|user| Template::new(request(user)))
            .collect(),
        rate,
        spread: Spread::Even,
        time,
        connections: LINES,
    };
    open_loop::run(&bench.workers, arrivals).await
}
