//! Wake-ups between the nodes of a shared database: "look now", and nothing else. A lost one costs the time until the next look, never data.

use domain::delivery::Owner;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::Store;
use crate::error::Result;
use crate::open::Db;

const CHANNEL: &str = "campanile";

/// The line on which other nodes call.
#[derive(Debug)]
pub struct Wakes(PgListener);

impl Wakes {
    /// Waits for the next call and answers whose it is. Reconnects by itself; calls of that time are lost.
    pub async fn next(&mut self) -> Result<Owner> {
        let call = self.0.recv().await?;
        Ok(Owner(call.payload().parse().unwrap_or(0)))
    }
}

impl Store {
    /// Calls the other nodes, in a transaction of its own: a notification makes commits wait for one another.
    pub async fn wake_others(&self, owner: Owner) -> Result<()> {
        let Db::Postgres { write, .. } = &self.db else {
            return Ok(());
        };
        sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(owner.0.to_string())
            .execute(write)
            .await?;
        Ok(())
    }

    /// Listens to other nodes on a connection of its own; `None` where the database is not shared.
    pub async fn wakes(&self) -> Result<Option<Wakes>> {
        let Db::Postgres { write, .. } = &self.db else {
            return Ok(None);
        };
        let options = write.connect_options().as_ref().clone();
        let own = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let mut line = PgListener::connect_with(&own).await?;
        line.listen(CHANNEL).await?;
        Ok(Some(Wakes(line)))
    }
}
