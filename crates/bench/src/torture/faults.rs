//! The faults: each does its harm while the client works, and puts everything back before the checks.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::ValueEnum;

use super::harness::Harness;
use super::{clock_fault, inject, pause};
use crate::postgres::Cluster;

/// What can be done to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// `kill -9` at random instants, and a restart on the same data.
    Kill,
    /// Every flush fails for a while. SQLite: PostgreSQL flushes for itself.
    Fsync,
    /// Every write to the database's files finds the disk full. SQLite.
    DiskFull,
    /// The clock jumps an hour ahead and back between kills.
    Clock,
    /// PostgreSQL is stopped for a while.
    PgAway,
    /// The receiver refuses connections for the whole run.
    ReceiverDown,
    /// One of two nodes is stopped beyond its lease, then goes on. PostgreSQL.
    Pause,
}

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// Rounds of faults that come again and again.
    pub(crate) rounds: u32,
    /// At most how long a round lasts.
    pub(crate) seconds: f64,
    /// How long PostgreSQL stays away.
    pub(crate) away: Duration,
    /// How long a node is stopped.
    pub(crate) pause: Duration,
}

impl Fault {
    /// Whether it can be done to this database.
    pub(crate) fn applies(self, postgres: bool) -> bool {
        match self {
            Self::Fsync | Self::DiskFull => !postgres,
            Self::PgAway | Self::Pause => postgres,
            Self::Kill | Self::Clock | Self::ReceiverDown => true,
        }
    }

    /// How many nodes it needs.
    pub(crate) fn nodes(self) -> usize {
        if self == Self::Pause { 2 } else { 1 }
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// Does it.
    pub(crate) async fn strike(
        self,
        harness: &mut Harness,
        schedule: Schedule,
        cluster: Option<&mut Cluster>,
    ) -> Result<()> {
        match self {
            Self::Kill => kill(harness, schedule.rounds, schedule.seconds).await,
            Self::Fsync => inject::strike(harness, inject::FLUSHES, schedule).await,
            Self::DiskFull => inject::strike(harness, inject::WRITES, schedule).await,
            Self::Clock => clock_fault::strike(harness, schedule, cluster).await,
            Self::PgAway => match cluster {
                Some(cluster) => postgres_away(harness, cluster, schedule).await,
                None => anyhow::bail!("there is no PostgreSQL to stop"),
            },
            Self::ReceiverDown => receiver_down(harness, schedule).await,
            Self::Pause => pause::strike(harness, schedule).await,
        }
    }
}

/// Some deaths come at once after the start, some in the middle of work, some while already down for a moment.
pub(crate) async fn kill(harness: &mut Harness, rounds: u32, seconds: f64) -> Result<()> {
    for round in 1..=rounds {
        harness.wait(0.02, seconds).await;
        harness.kill(0).await?;
        if round % 4 == 0 {
            harness.wait(0.0, 0.2).await;
        }
        harness.restart(0).await?;
        if round % 20 == 0 {
            eprintln!(
                "    round {round} of {rounds}, {} writes acknowledged",
                harness.ledger.book().acked
            );
        }
    }
    harness.wait(0.5, seconds).await;
    Ok(())
}

async fn postgres_away(harness: &mut Harness, cluster: &mut Cluster, schedule: Schedule) -> Result<()> {
    harness.wait(2.0, 2.0 + schedule.seconds).await;
    cluster.stop().await?;
    // Answers already on their way when the last session was cut belong to the time before.
    tokio::time::sleep(Duration::from_millis(200)).await;
    harness.ledger.book().close("PostgreSQL is away");
    let before = unavailable(harness);
    tokio::time::sleep(schedule.away).await;
    let refused = unavailable(harness) - before;
    harness.ledger.book().open();
    cluster.go().await?;
    let back = Instant::now();
    if harness.ended(0) {
        harness.complain("the server ended", "while PostgreSQL was away");
        harness.servers[0] = None;
        harness.restart(0).await?;
    }
    if refused == 0 {
        harness.complain(
            "no 503 while PostgreSQL was away",
            format!("{:?}", harness.ledger.book().statuses),
        );
    }
    let other: Vec<u16> = harness
        .ledger
        .book()
        .statuses
        .keys()
        .copied()
        .filter(|status| *status >= 500 && *status != 503)
        .collect();
    if !other.is_empty() {
        harness.complain("not 503 while PostgreSQL was away", format!("{other:?}"));
    }
    if !harness.acked_again(Duration::from_secs(30)).await {
        harness.complain(
            "does not come back",
            "30 s after PostgreSQL was there again nothing is acknowledged",
        );
    }
    let seconds = back.elapsed().as_secs_f64();
    harness.notes.push(format!(
        "{refused} times 503 while away; writes again {seconds:.1} s after PostgreSQL"
    ));
    harness.wait(3.0, 3.0 + schedule.seconds).await;
    Ok(())
}

fn unavailable(harness: &Harness) -> u64 {
    harness.ledger.book().statuses.get(&503).copied().unwrap_or(0)
}

/// Nothing can be delivered while all is published, and the server dies twice on top.
async fn receiver_down(harness: &mut Harness, schedule: Schedule) -> Result<()> {
    harness.receiver.down();
    // What was on its way may still have been taken.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = harness.inbox.read(|pages| pages.arrived.len());
    let rounds = schedule.rounds.clamp(2, 4);
    for _ in 0..rounds {
        harness.wait(2.0, 2.0 + schedule.seconds * 2.0).await;
        harness.kill(0).await?;
        harness.restart(0).await?;
    }
    harness.client.stop.cancel();
    harness.wait(1.0, 2.0).await;
    let after = harness.inbox.read(|pages| pages.arrived.len());
    ensure!(
        before == after,
        "the receiver was not down: {before} arrived, then {after}"
    );
    let waiting = harness.ledger.book().acked;
    harness.notes.push(format!(
        "{waiting} writes acknowledged while the receiver was down"
    ));
    harness.receiver.up().await
}
