//! The client: publishes events, notifies people, and lets people change what they got, writing all into the ledger.
//!
//! Everything that touches one person's feed takes that person's turn, so the order of a person's changes is known
//! even where answers are lost. A request is never abandoned before its answer came or its connection broke.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::feed::Change;
use super::ledger::Ledger;
use super::publisher;
use crate::clock;
use crate::http::{Connection, Failure, Reply, Request};
use crate::setup;

/// The application everything belongs to.
pub(crate) const APP: &str = "torture";
/// Longer than any pause a fault makes, so that a paused node's answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(150);

/// What all tasks of the client share.
pub(crate) struct Client {
    /// The nodes of the server; which one is asked is left to chance.
    pub(crate) nodes: Vec<SocketAddr>,
    /// The environment's key.
    pub(crate) key: String,
    /// Where everything is written down.
    pub(crate) ledger: Arc<Ledger>,
    /// The people.
    pub(crate) users: Vec<String>,
    /// Events a second, all tasks together.
    pub(crate) rate: f64,
    /// Ends the tasks between two requests.
    pub(crate) stop: CancellationToken,
    turns: HashMap<String, tokio::sync::Mutex<()>>,
    tokens: Mutex<HashMap<String, String>>,
}

/// What became of one request.
pub(crate) enum Outcome {
    /// A 2xx.
    Done(Reply),
    /// No answer, or a 5xx: it may have happened.
    Perhaps,
    /// It did not happen: not sent, or refused for a reason of its own.
    Not(Option<Reply>),
}

/// One task's own means.
pub(crate) struct Task {
    /// Chance, from the seed.
    pub(crate) rng: StdRng,
    lines: Vec<Connection>,
    /// When the last request left.
    pub(crate) sent: u64,
}

impl Client {
    /// A client of these nodes.
    pub(crate) fn new(
        nodes: Vec<SocketAddr>,
        key: String,
        ledger: Arc<Ledger>,
        users: Vec<String>,
        rate: f64,
    ) -> Arc<Self> {
        let turns = users
            .iter()
            .map(|user| (user.clone(), tokio::sync::Mutex::default()))
            .collect();
        let (stop, tokens) = (CancellationToken::new(), Mutex::default());
        Arc::new(Self {
            nodes,
            key,
            ledger,
            users,
            rate,
            stop,
            turns,
            tokens,
        })
    }

    /// Starts the tasks; they end when `stop` is cancelled and their last request is answered.
    pub(crate) fn start(self: &Arc<Self>, seed: u64, publishers: usize, people: usize) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for number in 0..publishers {
            tasks.spawn(publisher::publish(
                Arc::clone(self),
                self.task(seed, number),
                number,
                publishers,
            ));
        }
        for number in 0..people {
            tasks.spawn(live(
                Arc::clone(self),
                self.task(seed, publishers + number),
                number,
            ));
        }
        tasks
    }

    /// The means of the task with this number.
    pub(crate) fn task(&self, seed: u64, number: usize) -> Task {
        let rng = StdRng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(number as u64));
        let lines = self
            .nodes
            .iter()
            .map(|node| Connection::new(*node, TIMEOUT))
            .collect();
        Task { rng, lines, sent: 0 }
    }

    /// Sends one request and counts its status.
    pub(crate) async fn send(&self, task: &mut Task, request: &Request<'_>) -> Outcome {
        let node = task.rng.random_range(0..task.lines.len());
        task.sent = clock::now();
        match task.lines[node].send(request).await {
            Ok(reply) => {
                *self.ledger.book().statuses.entry(reply.status).or_default() += 1;
                match reply.status {
                    200..300 => Outcome::Done(reply),
                    500.. => Outcome::Perhaps,
                    _ => Outcome::Not(Some(reply)),
                }
            }
            Err(Failure::NotSent(_)) => Outcome::Not(None),
            Err(Failure::Lost(_)) => Outcome::Perhaps,
        }
    }

    /// A short wait, cut short by the end.
    pub(crate) async fn pause(&self, time: Duration) {
        let _ = self.stop.run_until_cancelled(tokio::time::sleep(time)).await;
    }

    /// The person's token; minted anew after `forget`.
    async fn token(&self, task: &mut Task, user: &str) -> Option<String> {
        if let Some(token) = self.tokens.lock().get(user) {
            return Some(token.clone());
        }
        let path = format!("/api/v1/users/{user}/token");
        let request = Request {
            method: "POST",
            path: &path,
            key: &self.key,
            body: Some("{}"),
            ..Request::default()
        };
        let Outcome::Done(reply) = self.send(task, &request).await else {
            return None;
        };
        let token = reply.json()["token"].as_str()?.to_owned();
        self.tokens.lock().insert(user.to_owned(), token.clone());
        Some(token)
    }

    fn forget(&self, user: &str) {
        self.tokens.lock().remove(user);
    }
}

/// A person's life: gets notifications, changes them.
async fn live(client: Arc<Client>, mut task: Task, number: usize) {
    let mut count = 0_u64;
    while !client.stop.is_cancelled() {
        match task.rng.random_range(0..20) {
            0..9 => {
                count += 1;
                notify(&client, &mut task, &format!("n{number}-{count}")).await;
            }
            9..19 => change(&client, &mut task).await,
            _ => mark_all(&client, &mut task).await,
        }
        let wait = task.rng.random_range(5..80);
        client.pause(Duration::from_millis(wait)).await;
    }
}

/// Creates a notification for one to three people, and asks again where the answer is lost.
async fn notify(client: &Client, task: &mut Task, external: &str) {
    let mut users: Vec<String> = client.users.clone();
    while users.len() > task.rng.random_range(1..=3) {
        users.swap_remove(task.rng.random_range(0..users.len()));
    }
    // Turns are taken in one order everywhere, so no two tasks wait for each other.
    users.sort();
    let mut turns = Vec::new();
    for user in &users {
        turns.push(client.turns[user].lock().await);
    }
    let body = json!({
        "users": users, "title": format!("Notification {external}"), "body": "naïve ✓", "external_id": external,
        "priority": "normal", "metadata": { "n": external }
    })
    .to_string();
    let path = format!("/api/v1/apps/{APP}/notifications");
    let request = Request {
        method: "POST",
        path: &path,
        key: &client.key,
        idempotency: Some(external),
        body: Some(&body),
    };
    client.ledger.book().notification_leaves(external, &users);
    let persistent = task.rng.random_bool(0.7);
    let mut again = false;
    loop {
        match client.send(task, &request).await {
            Outcome::Done(reply) => {
                let answer = reply.json();
                let id = answer["notification_id"]
                    .as_str()
                    .or(answer["id"].as_str())
                    .unwrap_or_default();
                client
                    .ledger
                    .book()
                    .notification_acked(external, id, again, task.sent);
                return;
            }
            Outcome::Perhaps => {
                client.ledger.book().notification_lost(external);
                again = true;
            }
            Outcome::Not(Some(reply)) => {
                client
                    .ledger
                    .book()
                    .refused("POST notification", reply.status, &reply.text());
                return;
            }
            Outcome::Not(None) => {}
        }
        // One that was never sent is given up as readily as one that was lost.
        if client.stop.is_cancelled() || (again && !persistent) {
            return;
        }
        client.pause(Duration::from_millis(20)).await;
    }
}

/// Changes one item whose state is certain.
async fn change(client: &Client, task: &mut Task) {
    let user = client.users[task.rng.random_range(0..client.users.len())].clone();
    let _turn = client.turns[&user].lock().await;
    // Mostly what is new; now and then anything.
    let recent = if task.rng.random_bool(0.8) { 10 } else { usize::MAX };
    let held = client.ledger.book().of_user.get(&user).map_or(0, Vec::len);
    let back = task.rng.random_range(0..held.clamp(1, recent));
    let Some((external, id, status)) = client.ledger.book().item(&user, back) else {
        return;
    };
    let changes = status.changes();
    if changes.is_empty() {
        return;
    }
    let change = changes[task.rng.random_range(0..changes.len())];
    // Deleting is rarer than the others: what is gone can no longer be looked at.
    if change == Change::Delete && task.rng.random_bool(0.8) {
        return;
    }
    let own = task.rng.random_bool(0.8);
    let Some((key, path)) = speaker(client, task, &user, own, &format!("/api/v1/notifications/{id}")).await
    else {
        return;
    };
    let body = change.word().map(|word| json!({ "status": word }).to_string());
    let method = if body.is_some() { "PATCH" } else { "DELETE" };
    let request = Request {
        method,
        path: &path,
        key: &key,
        idempotency: None,
        body: body.as_deref(),
    };
    match client.send(task, &request).await {
        Outcome::Done(reply) => {
            let mut book = client.ledger.book();
            book.changed(&external, &user, change, task.sent);
            let answer: Value = reply.json();
            if change.word().is_some() && answer["status"].as_str() != change.word() {
                book.refused(
                    &format!("PATCH {external} to {:?}", change.word()),
                    reply.status,
                    &reply.text(),
                );
            }
        }
        Outcome::Perhaps => client.ledger.book().perhaps_changed(&external, &user, change),
        Outcome::Not(Some(reply)) if reply.status == 401 && own => client.forget(&user),
        Outcome::Not(Some(reply)) => {
            let what = format!("{method} {external} ({status:?}) to {:?}", change.word());
            client.ledger.book().refused(&what, reply.status, &reply.text());
        }
        Outcome::Not(None) => {}
    }
}

/// Who asks: the person, or the environment on the person's behalf.
async fn speaker(
    client: &Client,
    task: &mut Task,
    user: &str,
    own: bool,
    path: &str,
) -> Option<(String, String)> {
    if own {
        return Some((client.token(task, user).await?, path.to_owned()));
    }
    Some((client.key.clone(), format!("{path}?user={user}")))
}

async fn mark_all(client: &Client, task: &mut Task) {
    let user = client.users[task.rng.random_range(0..client.users.len())].clone();
    let _turn = client.turns[&user].lock().await;
    let Some(token) = client.token(task, &user).await else {
        return;
    };
    let path = "/api/v1/notifications/mark-all-read";
    let request = Request {
        method: "POST",
        path,
        key: &token,
        body: Some("{}"),
        ..Request::default()
    };
    match client.send(task, &request).await {
        Outcome::Done(_) => client.ledger.book().marked_all(&user, true),
        Outcome::Perhaps => client.ledger.book().marked_all(&user, false),
        Outcome::Not(Some(reply)) if reply.status == 401 => client.forget(&user),
        Outcome::Not(Some(reply)) => {
            client
                .ledger
                .book()
                .refused("mark-all-read", reply.status, &reply.text());
        }
        Outcome::Not(None) => {}
    }
}

/// Makes the people in the server.
pub(crate) async fn people(api: &crate::http::Api, count: usize) -> anyhow::Result<Vec<String>> {
    let users: Vec<String> = (0..count).map(|number| format!("person-{number}")).collect();
    for user in &users {
        setup::user(api, user).await?;
    }
    Ok(users)
}
