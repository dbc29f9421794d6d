//! A client that follows one person's feed through every kill, with nothing but the `seq` it has seen.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use serde_json::Value;

use super::feed::{Change, Status};
use super::observe;
use super::observed::Followed;
use crate::http::Api;
use crate::setup;
use crate::ws::{self, Frame};

/// One follower.
pub(crate) struct Follower {
    api: Api,
    user: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<String>,
    epoch: Option<String>,
    begun: bool,
    /// The `seq` of the last list: frames up to it may still be on the line and are in the list already.
    listed: u64,
    followed: Followed,
}

impl Follower {
    /// A follower of this user on this node.
    pub(crate) fn new(addr: SocketAddr, key: String, user: String) -> Arc<Self> {
        Arc::new(Self {
            api: Api { addr, key },
            user,
            state: Mutex::default(),
        })
    }

    /// Follows for ever.
    pub(crate) async fn follow(self: Arc<Self>) {
        loop {
            // Whatever broke, the answer is to come back and ask for what is new.
            let _ = self.visit().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it holds now.
    pub(crate) fn followed(&self) -> Followed {
        self.state.lock().followed.clone()
    }

    async fn token(&self) -> Result<String> {
        if let Some(token) = self.state.lock().token.clone() {
            return Ok(token);
        }
        let token = setup::token(&self.api, &self.user).await?;
        self.state.lock().token = Some(token.clone());
        Ok(token)
    }

    async fn visit(&self) -> Result<()> {
        let token = self.token().await?;
        let path = {
            let state = self.state.lock();
            match (&state.epoch, state.begun) {
                (Some(epoch), true) => {
                    format!("/api/v1/events/stream?after={}&epoch={epoch}", state.followed.seq)
                }
                _ => "/api/v1/events/stream".to_owned(),
            }
        };
        let mut socket = match ws::connect(self.api.addr, &path, &token, None).await {
            Ok(socket) => socket,
            Err(error) => {
                // A token may be refused after the clock was moved; the next visit brings a fresh one.
                if error.to_string().contains(" 401") {
                    self.state.lock().token = None;
                }
                return Err(error.into());
            }
        };
        self.state.lock().followed.returns += 1;
        loop {
            let text = match socket.next().await? {
                Frame::Text(text) => text,
                Frame::Close(code) => {
                    if matches!(code, 4001 | 4003) {
                        self.state.lock().token = None;
                    }
                    return Ok(());
                }
            };
            let frame: Value = serde_json::from_slice(&text).context("a frame is JSON")?;
            if self.state.lock().take(&frame) {
                self.begin_anew().await?;
            }
        }
    }

    /// Reads the whole feed as a list and follows from there.
    async fn begin_anew(&self) -> Result<()> {
        let (feed, epoch) = observe::feed(&self.api, &self.user).await?;
        let mut state = self.state.lock();
        let items = feed
            .items
            .into_iter()
            .map(|item| (item.id.clone(), item))
            .collect();
        state.followed.items = items;
        state.followed.seq = feed.seq;
        state.listed = feed.seq;
        state.followed.counters = Some((feed.unread, feed.unseen));
        state.epoch = Some(epoch);
        state.begun = true;
        Ok(())
    }
}

impl State {
    /// Applies a frame; `true` where the list must be read anew.
    fn take(&mut self, frame: &Value) -> bool {
        let seq = frame["seq"].as_u64().unwrap_or(0);
        match frame["type"].as_str().unwrap_or_default() {
            "hello" => return !self.begun,
            "reset" => {
                self.followed.resets += 1;
                return true;
            }
            "change" if self.advance(seq) => {
                if let Some(item) = observe::item(&frame["item"]) {
                    if frame["item"]["deleted"].as_bool().unwrap_or(false) {
                        self.followed.items.remove(&item.id);
                    } else {
                        self.followed.items.insert(item.id.clone(), item);
                    }
                } else {
                    self.followed
                        .disorder
                        .push(format!("a change without an item: {frame}"));
                }
                self.count(frame);
            }
            "mark" if self.advance(seq) => {
                self.followed.marks.push(seq);
                if frame["status"] == "read" {
                    self.mark(seq);
                }
                self.count(frame);
            }
            "synced" => {
                let through = frame["through"].as_u64().unwrap_or(0);
                if through < self.followed.seq {
                    let what = format!("synced through {through} after {}", self.followed.seq);
                    self.followed.disorder.push(what);
                }
                self.followed.seq = self.followed.seq.max(through);
                self.count(frame);
            }
            _ => {}
        }
        false
    }

    /// Whether a frame is new; one that is neither new nor older than the list breaks the order.
    fn advance(&mut self, seq: u64) -> bool {
        if seq > self.followed.seq {
            self.followed.seq = seq;
            return true;
        }
        if seq > self.listed {
            self.followed
                .disorder
                .push(format!("{seq} after {}", self.followed.seq));
        }
        false
    }

    fn mark(&mut self, seq: u64) {
        let concerned = self.followed.items.values_mut().filter(|item| item.seq < seq);
        for item in concerned {
            let after = Status::of(&item.status).map(|status| status.after(Change::MarkAll));
            if let Some(word) = after.and_then(Status::word) {
                word.clone_into(&mut item.status);
            }
        }
    }

    fn count(&mut self, frame: &Value) {
        let counters = &frame["counters"];
        if let (Some(unread), Some(unseen)) = (counters["unread"].as_i64(), counters["unseen"].as_i64()) {
            self.followed.counters = Some((unread, unseen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torture::observed::Item;
    use serde_json::json;

    fn state(seq: u64) -> State {
        let followed = Followed {
            seq,
            ..Followed::default()
        };
        State {
            begun: true,
            followed,
            ..State::default()
        }
    }

    fn change(seq: u64, id: &str, status: &str, deleted: bool) -> Value {
        json!({
            "type": "change", "seq": seq, "counters": { "unread": seq, "unseen": 0 },
            "item": { "id": id, "external_id": id, "status": status, "seq": seq, "deleted": deleted }
        })
    }

    #[test]
    fn changes_marks_and_deletions_are_applied_in_order() {
        let mut state = state(0);
        for frame in [change(1, "a", "unread", false), change(2, "b", "unread", false)] {
            assert!(!state.take(&frame));
        }
        state.take(
            &json!({ "type": "mark", "seq": 3, "status": "read", "counters": { "unread": 0, "unseen": 0 } }),
        );
        state.take(&change(4, "c", "unread", false));
        state.take(&change(5, "a", "read", true));
        let followed = &state.followed;
        let words: Vec<&str> = followed
            .items
            .values()
            .map(|item: &Item| item.status.as_str())
            .collect();
        assert_eq!(
            (words, followed.seq, &followed.marks[..]),
            (vec!["read", "unread"], 5, &[3][..])
        );
        assert_eq!(followed.counters, Some((5, 0)));
    }

    #[test]
    fn it_begins_with_a_list_and_again_after_a_reset() {
        let mut state = State::default();
        assert!(state.take(&json!({ "type": "hello", "seq": 7, "epoch": "e" })));
        state.begun = true;
        assert!(!state.take(&json!({ "type": "hello", "seq": 7, "epoch": "e" })));
        assert!(state.take(&json!({ "type": "reset", "seq": 7, "epoch": "f" })));
        assert_eq!(state.followed.resets, 1);
    }

    #[test]
    fn going_back_is_disorder() {
        let mut state = state(9);
        state.take(&json!({ "type": "synced", "through": 8 }));
        state.take(&change(9, "a", "read", false));
        assert_eq!(state.followed.disorder.len(), 2);
        // What a list has already shown may come once more.
        state.listed = 9;
        state.take(&change(9, "a", "read", false));
        assert_eq!(state.followed.disorder.len(), 2);
    }
}
