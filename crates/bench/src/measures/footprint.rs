//! Part e: start time, idle memory, size of the binary.

use std::time::Duration;

use anyhow::Result;

use super::Bench;
use crate::process;
use crate::report::{Row, median};
use crate::server::Database;

const STARTS: usize = 10;

pub(super) async fn measure(bench: &mut Bench) -> Result<()> {
    let (mut first, mut again, mut idle) = (vec![], vec![], vec![]);
    for round in 0..STARTS {
        let spec = bench.spec(&Database::Sqlite)?;
        let server = spec.start().await?;
        first.push(server.ready_after.as_secs_f64() * 1e3);
        server.stop().await?;
        let server = spec.start().await?;
        again.push(server.ready_after.as_secs_f64() * 1e3);
        if round < 3 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            idle.push(process::rss_bytes(server.pid)? as f64 / 1e6);
        }
        server.stop().await?;
    }
    let note = format!("median of {STARTS}, on an empty directory, with migrations");
    bench.add(
        Row::new('e', "ready after start, first", median(&first), "ms")
            .at_most(200.0)
            .note(note),
    );
    bench.add(Row::new('e', "ready after start, again", median(&again), "ms").at_most(200.0));
    bench.add(
        Row::new('e', "idle memory", median(&idle), "MB")
            .at_most(40.0)
            .note("resident, 2 s after ready"),
    );
    let size = std::fs::metadata(&bench.binary)?.len() as f64 / 1e6;
    bench.add(Row::new('e', "binary", size, "MB").at_most(40.0));
    Ok(())
}
