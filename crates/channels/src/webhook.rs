//! Webhooks: an event, signed, to an endpoint.

use std::time::Duration;

use bytes::Bytes;
use domain::retry::{Judgement, Reaction, judge, judge_unanswered, parse_retry_after};
use domain::signature::Signer;
use egress::{Answer, Client, Failure, FailureKind, Target};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::Instant;

use crate::answer;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// What one request carries.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where to.
    pub target: &'a Target,
    /// Signs with every live secret.
    pub signer: &'a Signer,
    /// The event's id: the same over retry and replay.
    pub id: &'a str,
    /// The time of this attempt, whole seconds since the Unix epoch.
    pub timestamp: i64,
    /// The very bytes that are signed and sent.
    pub body: Bytes,
    /// How the server calls itself.
    pub user_agent: HeaderValue,
    /// For the whole attempt.
    pub deadline: Duration,
}

/// What an attempt found out.
#[derive(Debug)]
pub struct Outcome {
    /// What it means for the delivery.
    pub judgement: Judgement,
    /// What it means for the destination's circuit.
    pub reaction: Reaction,
    /// Status of the answer.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub response: Option<String>,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// The wait the receiver asked for, in milliseconds.
    pub retry_after: Option<i64>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Sends one request and reads the answer. `now` is the time in milliseconds since the Unix epoch.
pub async fn send(client: &Client, request: Request<'_>, now: i64) -> Outcome {
    let signature = request.signer.sign(request.id, request.timestamp, &request.body);
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, request.user_agent);
    headers.insert(TIMESTAMP, HeaderValue::from(request.timestamp));
    // Both are made of letters, digits and signs that a header may carry.
    for (name, value) in [(ID, request.id), (SIGNATURE, signature.as_str())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    match client
        .post(
            request.target,
            headers,
            request.body,
            Instant::now() + request.deadline,
        )
        .await
    {
        Ok(answer) => read(&answer, now),
        Err(failure) => failed(&failure),
    }
}

fn read(answer: &Answer, now: i64) -> Outcome {
    let judgement = judge(answer.status);
    let retry_after = answer.retry_after.as_ref().and_then(|value| value.to_str().ok());
    let sent = judgement == Judgement::Sent;
    Outcome {
        judgement,
        reaction: if sent { Reaction::Took } else { Reaction::Failed },
        status: Some(answer.status),
        response: answer::text(&answer.body, answer.truncated),
        error: (!sent).then(|| format!("the receiver answered {}", answer.status)),
        retry_after: retry_after.and_then(|value| parse_retry_after(value, now)),
        elapsed: answer.elapsed,
    }
}

fn failed(failure: &Failure) -> Outcome {
    let timed_out = failure.kind == FailureKind::Timeout;
    Outcome {
        judgement: judge_unanswered(failure.sent),
        reaction: if timed_out {
            Reaction::TimedOut
        } else {
            Reaction::Failed
        },
        status: failure.status,
        response: None,
        error: Some(failure.to_string()),
        retry_after: None,
        elapsed: failure.elapsed,
    }
}
