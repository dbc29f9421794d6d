//! What was started under a cancellation key is called off.

use std::collections::HashMap;
use std::sync::Arc;

use domain::effects::{Receipt, Tally};
use domain::environment::Env;
use domain::id::Prefixed;
use domain::text::Faults;
use domain::workflow;
use store::call_off::{self, Off};

use crate::auth::Caller;
use crate::ctx::{Bodies, Ctx};
use crate::error::{Error, Result};
use crate::event::REPLANS;
use crate::trigger::MOST_RECIPIENTS;

/// What of a key is called off.
#[derive(Clone, Copy)]
enum Pass {
    /// Runs that wait.
    Waiting,
    /// Activities in batches that are not closed.
    Batched,
    /// Activities with which somebody goes on.
    Gathered,
}

impl Ctx {
    /// Calls off what was started by this key before: starts that are not done, runs that wait, activities in batches that somebody goes on with
    /// or will; of these users alone, where some are named. Answers how many runs.
    pub async fn cancel(
        self: &Arc<Self>,
        caller: &Caller,
        key: &str,
        cancellation_key: &str,
        users: &[String],
    ) -> Result<u64> {
        let env = caller.env();
        let mut faults = Faults::default();
        faults.key("/cancellation_key", cancellation_key);
        for (index, user) in users.iter().take(MOST_RECIPIENTS).enumerate() {
            faults.key(&format!("/users/{index}"), user);
        }
        faults.require(
            users.len() <= MOST_RECIPIENTS,
            "/users",
            "too_many",
            "must be at most 1000",
        );
        faults.finish().map_err(Error::Invalid)?;
        let environment = self.environment(env).await?;
        environment
            .workflows
            .get(key)
            .ok_or(Error::NotFound("workflow"))?;
        let app = match caller {
            Caller::Application { app, .. } => Some(*app),
            _ => None,
        };
        let own = app.as_ref().map_or("", Prefixed::bare);
        let name = |user| workflow::cancelled(own, key, cancellation_key, user);
        let names = if users.is_empty() {
            vec![name(None)]
        } else {
            users.iter().map(|user| name(Some(user.as_str()))).collect()
        };
        self.call_off(env, &names, workflow::calls_off(key, cancellation_key))
            .await?;
        let off = Off {
            workflow: key,
            cancellation_key,
            app: own,
            users,
        };
        // Twice, since a run may come out of its batch in between; each by itself, since the group commit takes batches first.
        let mut cancelled = 0;
        for pass in [Pass::Waiting, Pass::Batched, Pass::Waiting, Pass::Gathered] {
            cancelled += self.cancel_by(env, off, pass).await?;
        }
        let detail = serde_json::json!({"cancellation_key": cancellation_key, "runs": cancelled});
        self.audited(
            self.write(env).await?,
            caller.actor(),
            "workflow.cancel",
            key,
            Some(detail),
        )
        .await?;
        Ok(cancelled)
    }

    /// One pass over everything of a key, slice by slice.
    async fn cancel_by(&self, env: Env, off: Off<'_>, pass: Pass) -> Result<u64> {
        let (mut cancelled, mut after) = (0, String::new());
        loop {
            let (mut tx, now) = (self.write(env).await?, self.now());
            let slice = match pass {
                Pass::Waiting => call_off::waiting(&mut tx, off, &after, now).await?,
                Pass::Batched => call_off::batched(&mut tx, off, &after, now).await?,
                Pass::Gathered => call_off::gathered(&mut tx, off, &after, now).await?,
            };
            tx.commit().await?;
            cancelled += slice.cancelled;
            match slice.next {
                Some(last) => after = last,
                None => return Ok(cancelled),
            }
        }
    }

    /// Keeps that starts until now are called off, by the number of this call: slices that are planned meanwhile are planned again.
    async fn call_off(self: &Arc<Self>, env: Env, names: &[String], counter: String) -> Result<()> {
        let names: Vec<_> = names.iter().cloned().chain([counter.clone()]).collect();
        for _ in 0..REPLANS {
            let mut reader = self.store.read(env).await?;
            let found = store::tally::many(&mut reader, env, &names).await?;
            drop(reader);
            let mut found: HashMap<String, String> = found.into_iter().collect();
            let now = self.now();
            let last: i64 = found
                .get(&counter)
                .and_then(|last| last.parse().ok())
                .unwrap_or(0);
            let number = now.max(last.saturating_add(1));
            let mut effects = domain::effects::Effects::new(env, now);
            effects.tallies.extend(names.iter().map(|name| Tally {
                name: name.clone(),
                seen: found.remove(name),
                becomes: Some(number.to_string()),
            }));
            if self.commit(effects, Bodies::default()).await? != Receipt::Stale {
                return Ok(());
            }
        }
        Err(Error::Unavailable(
            "what is started keeps changing; try again".into(),
        ))
    }
}
