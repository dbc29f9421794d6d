//! Outboxes: what a product's own transactions left is published as if its application had called.

use std::sync::Arc;
use std::time::Duration;

use domain::environment::Env;
use domain::event::{Entity, EventInput};
use domain::time::rfc3339;
use serde_json::value::RawValue;
use store::outbox::Left;
use tokio::time::{Instant, timeout_at};

use crate::bootstrap::DEFAULT;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// How much longer than the others the last event may take.
const LAST: Duration = Duration::from_secs(1);

/// In whose name an outbox is read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The environment, by name or id.
    pub environment: String,
    /// The application of events that name none.
    pub application: Option<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            environment: DEFAULT.to_owned(),
            application: None,
        }
    }
}

/// What became of an event that was left.
#[derive(Debug)]
pub enum Taken {
    /// It is published, now or before.
    Published,
    /// It can never be published as it is.
    Refused(String),
    /// It may be later.
    Later(Error),
}

impl Ctx {
    /// Publishes what was left, as much of it as so long a time allows. The id that each was given makes sure that it is published once,
    /// however often it is read.
    pub async fn publish_left(
        self: &Arc<Self>,
        reading: &Reading,
        left: &[Left],
        patience: Duration,
    ) -> Vec<(i64, Taken)> {
        let until = Instant::now() + patience;
        let mut taken = Vec::with_capacity(left.len());
        let env = self.find_environment(&reading.environment).await;
        for event in left {
            let published = match env.clone() {
                Ok(Some(env)) => timeout_at(until + LAST, self.publish_one(env, reading, event))
                    .await
                    .unwrap_or_else(|_| Err(Error::Unavailable("publishing takes too long".into()))),
                Ok(None) => Err(Error::NotFound("environment")),
                Err(error) => Err(error),
            };
            let became = match published {
                Ok(()) => Taken::Published,
                Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Taken::Later(error),
                Err(error) => Taken::Refused(error.to_string()),
            };
            let is_later = matches!(became, Taken::Later(_));
            taken.push((event.number, became));
            // What comes behind it waits as well: events stay in their order.
            if is_later || Instant::now() >= until {
                break;
            }
        }
        taken
    }

    async fn publish_one(self: &Arc<Self>, env: Env, reading: &Reading, left: &Left) -> Result<()> {
        let name = left.application.as_ref().or(reading.application.as_ref());
        let name = name.ok_or_else(|| {
            Error::invalid(
                "/application",
                "required",
                "must be named by the event, or by outbox.application",
            )
        })?;
        let app = self.named_app(env, name).await?;
        let entity = match (&left.entity_type, &left.entity_id) {
            (Some(kind), Some(id)) => Some(Entity {
                kind: kind.as_str().into(),
                id: id.clone(),
            }),
            (None, None) => None,
            _ => return Err(Error::invalid("/entity", "shape", "must have a type and an id")),
        };
        let input = EventInput {
            kind: left.kind.clone(),
            category: left.category.clone(),
            entity,
            tenant: left.tenant.clone(),
            users: left.users.clone(),
            data: RawValue::from_string(left.data.clone())
                .map_err(|error| Error::invalid("/data", "json", error.to_string()))?,
            id: Some(left.id.clone()),
            occurred_at: Some(rfc3339(left.occurred_at)),
        };
        self.publish(&app, input, None).await.map(drop)
    }
}
