//! Fetching: a program is asked on behalf of a run, which goes on with what it answers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use domain::workflow::{Asked, Fetching};
use egress::{Answer, Failure};
use futures_util::FutureExt;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use store::timer::Timer;
use tokio::time::Instant;

use crate::Result;
use crate::run::Engine;

/// How long to wait before each further attempt, milliseconds.
const AGAIN: [i64; 3] = [5_000, 30_000, 120_000];
/// How long a fetch waits for its turn where as many as may be are under way, milliseconds.
const TURN_MS: i64 = 500;

impl Engine {
    /// Asks beside the other timers: one that answers late holds none of them up.
    pub(crate) async fn fetch(self: &Arc<Self>, timer: &Timer, state: Fetching) -> Result<()> {
        let Ok(turn) = Arc::clone(&self.fetching).try_acquire_owned() else {
            return self.wait_until(timer, self.ctx.now() + TURN_MS).await;
        };
        let (engine, mut timer) = (Arc::clone(self), timer.clone());
        self.spawn(async move {
            let _turn = turn;
            // As of every timer: a defect of ours must not leave it leased to a process that has forgotten it.
            let fetched = AssertUnwindSafe(engine.ask_and_go_on(&mut timer, state))
                .catch_unwind()
                .await;
            let panicked = |_| Err(app::Error::Internal("it panicked".to_owned()));
            engine.ended(timer, fetched.unwrap_or_else(panicked)).await;
        });
        Ok(())
    }

    async fn ask_and_go_on(&self, timer: &mut Timer, mut state: Fetching) -> Result<()> {
        let settled = |found| Answered {
            found,
            is_worth_another: false,
        };
        let answered = match (state.found.take(), &self.settings.pretend) {
            (Some(found), _) => settled(found),
            (None, Some(pretend)) => settled(pretend.found(&state.step)),
            (None, None) => self.ask(&state.asked).await,
        };
        let again = AGAIN
            .get(state.attempts as usize)
            .filter(|_| answered.is_worth_another);
        if let Some(pause) = again {
            state.attempts += 1;
            let text = serde_json::to_string(&state).unwrap_or_default();
            let due_at = self.ctx.now() + pause;
            return self.fire_again(timer, &text, due_at).await.map(drop);
        }
        // Where the run cannot go on yet, the timer comes again: with the answer, since nobody is asked twice for one that came.
        state.found = Some(answered.found.clone());
        timer.state = serde_json::to_string(&state).unwrap_or_default();
        self.go_on(timer, state.run, Some((state.step, answered.found)))
            .await
    }

    async fn ask(&self, asked: &Asked) -> Answered {
        let target = match self.client.policy().check_url(&asked.url) {
            Ok(target) => target,
            Err(refused) => return Answered::wrong(&refused.to_string()),
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if asked.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &asked.headers {
            match (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value),
            ) {
                (Ok(name), Ok(value)) => drop(headers.insert(name, value)),
                _ => return Answered::wrong(&format!("the header {name} cannot be sent")),
            }
        }
        headers.insert(USER_AGENT, self.settings.user_agent.clone());
        let method = Method::from_bytes(asked.method.as_str().as_bytes()).unwrap_or_default();
        let body = asked.body.clone().unwrap_or_default().into();
        let time = Duration::from_millis(asked.timeout.unsigned_abs());
        let answer = self
            .client
            .request(method, &target, headers, body, Instant::now() + time)
            .await;
        match answer {
            Ok(answer) => Answered::of(&answer),
            Err(failure) => Answered::not(&failure),
        }
    }
}

/// What came of asking.
struct Answered {
    /// What later steps see.
    found: Value,
    /// Whether asking again may help.
    is_worth_another: bool,
}

impl Answered {
    fn of(answer: &Answer) -> Self {
        let body = match serde_json::from_slice::<Value>(&answer.body) {
            Ok(value) if !answer.truncated => without_nul(value),
            _ => json!(String::from_utf8_lossy(&answer.body).replace('\0', "")),
        };
        Self {
            found: json!({"status": answer.status, "body": body}),
            is_worth_another: matches!(answer.status, 408 | 425 | 429 | 500..=599),
        }
    }

    fn not(failure: &Failure) -> Self {
        Self {
            found: json!({"error": failure.to_string()}),
            is_worth_another: failure.kind != egress::FailureKind::Refused,
        }
    }

    fn wrong(why: &str) -> Self {
        Self {
            found: json!({"error": why}),
            is_worth_another: false,
        }
    }
}

/// A value without U+0000, which `PostgreSQL` does not keep.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(list) => list.into_iter().map(without_nul).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name.replace('\0', ""), without_nul(value)))
            .collect(),
        other => other,
    }
}
