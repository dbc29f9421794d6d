//! The client's publishing tasks: single events and batches, some asked for again when their answer is lost.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::Value;

use super::check::KIND;
use super::client::{APP, Client, Outcome, Task};
use crate::http::{Reply, Request};
use crate::setup;

/// An event on its way.
struct Draft {
    caller: String,
    json: String,
}

/// Publishes until the end.
pub(crate) async fn publish(client: Arc<Client>, mut task: Task, number: usize, of: usize) {
    let every = of as f64 / client.rate;
    let mut count = 0_u64;
    while !client.stop.is_cancelled() {
        let size = if task.rng.random_bool(0.1) {
            task.rng.random_range(2..=12)
        } else {
            1
        };
        let drafts: Vec<Draft> = (0..size)
            .map(|_| {
                count += 1;
                draft(&client, &mut task.rng, format!("e{number}-{count}"))
            })
            .collect();
        let wait = task.rng.random_range(0.0..2.0) * every * drafts.len() as f64;
        match drafts.as_slice() {
            [single] => one(&client, &mut task, single).await,
            many => batch(&client, &mut task, many).await,
        }
        client.pause(Duration::from_secs_f64(wait)).await;
    }
}

fn draft(client: &Client, rng: &mut StdRng, caller: String) -> Draft {
    let data = data(rng, &caller, "");
    client.ledger.book().event_leaves(&caller, &data);
    let json = format!(r#"{{"type":"{KIND}","id":"{caller}","data":{data}}}"#);
    Draft { caller, json }
}

/// Bytes that no re-serialisation leaves as they are: spaces, numbers in odd dress, escapes beside letters.
pub(crate) fn data(rng: &mut StdRng, caller: &str, more: &str) -> String {
    let filler = "x".repeat(rng.random_range(0..400));
    let amount = rng.random_range(0..100_000);
    format!(
        r#"{{ "n":"{caller}"{more}, "z" :1.50,"a":1e3, "amount":{amount}, "é":"\u00e9é✓\/","deep":{{"b":[1, 2 ,null],"a":{{}}}},"filler":"{filler}" }}"#
    )
}

/// One event; one in two lost answers is asked for again until it comes.
async fn one(client: &Client, task: &mut Task, draft: &Draft) {
    let path = setup::events_path(APP);
    let request = Request {
        method: "POST",
        path: &path,
        key: &client.key,
        idempotency: None,
        body: Some(&draft.json),
    };
    let persistent = task.rng.random_bool(0.5);
    let mut lost = false;
    loop {
        match client.send(task, &request).await {
            Outcome::Done(reply) => {
                acked(client, &draft.caller, &reply.json(), task.sent);
                return;
            }
            Outcome::Perhaps => {
                client.ledger.book().event_lost(&draft.caller);
                lost = true;
            }
            Outcome::Not(Some(reply)) => {
                client
                    .ledger
                    .book()
                    .refused("POST event", reply.status, &reply.text());
                return;
            }
            Outcome::Not(None) => {}
        }
        if client.stop.is_cancelled() || (lost && !persistent) {
            return;
        }
        client.pause(Duration::from_millis(20)).await;
    }
}

fn acked(client: &Client, caller: &str, answer: &Value, sent: u64) {
    let mut book = client.ledger.book();
    match answer["event_id"].as_str() {
        Some(id) => book.event_acked(caller, id, answer["duplicate"].as_bool().unwrap_or(false), sent),
        None => book.refused("POST event", 200, &answer.to_string()),
    }
}

/// A batch; what its answer does not name was not accepted, and all were valid.
async fn batch(client: &Client, task: &mut Task, drafts: &[Draft]) {
    let events: Vec<&str> = drafts.iter().map(|draft| draft.json.as_str()).collect();
    let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
    let path = format!("{}/batch", setup::events_path(APP));
    let request = Request {
        method: "POST",
        path: &path,
        key: &client.key,
        idempotency: None,
        body: Some(&body),
    };
    match client.send(task, &request).await {
        Outcome::Done(reply) => batch_acked(client, task, drafts, &reply),
        Outcome::Perhaps => {
            for draft in drafts {
                client.ledger.book().event_lost(&draft.caller);
            }
        }
        Outcome::Not(Some(reply)) => client
            .ledger
            .book()
            .refused("POST batch", reply.status, &reply.text()),
        Outcome::Not(None) => {}
    }
}

fn batch_acked(client: &Client, task: &Task, drafts: &[Draft], reply: &Reply) {
    let answer = reply.json();
    let rows = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    for row in rows {
        let index = row["index"]
            .as_u64()
            .and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| drafts.get(index)) {
            Some(draft) => acked(client, &draft.caller, row, task.sent),
            None => client
                .ledger
                .book()
                .refused("POST batch", reply.status, &row.to_string()),
        }
    }
    if rows.len() != drafts.len() {
        client
            .ledger
            .book()
            .refused("POST batch", reply.status, &reply.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torture::check::caller_of;
    use rand::SeedableRng as _;

    #[test]
    fn data_is_json_that_changes_when_it_is_written_again() {
        let mut rng = StdRng::seed_from_u64(1);
        let data = data(&mut rng, "e1-1", r#","held":true"#);
        let value: Value = serde_json::from_str(&data).expect("valid JSON");
        assert_eq!(value["held"], true);
        assert_ne!(value.to_string(), data);
        assert_eq!(caller_of(&data).as_deref(), Some("e1-1"));
    }
}
