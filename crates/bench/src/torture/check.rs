//! The promises, each as a comparison of the ledger with what is seen. Pure, so that each can be shown to fail.

use std::collections::{HashMap, HashSet};

use super::feed::{Change, Status};
use super::ledger::{Book, NotificationEntry, Violation};
use super::observed::{Arrived, Feed, Followed, Item, Observed};

/// The type of the events the torture publishes.
pub(crate) const KIND: &str = "torture.event";

/// All broken promises.
pub(crate) fn check(book: &Book, seen: &Observed) -> Vec<Violation> {
    let mut broken = book.broken.clone();
    broken.extend(stored(book, seen));
    broken.extend(delivered(seen));
    for (user, feed) in &seen.feeds {
        broken.extend(feed_exact(book, user, feed));
        match seen.followed.get(user) {
            Some(followed) => broken.extend(followed_exact(user, feed, followed)),
            None => broken.push(Violation::new("follower missing", user.clone())),
        }
    }
    broken.extend(state_events(book, seen));
    broken
}

/// The caller's own id, which the torture puts into `data`.
pub(crate) fn caller_of(data: &str) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    Some(data["n"].as_str()?.to_owned())
}

/// Every acknowledged event is there, once, under its id, with its bytes; and nothing that was never sent.
fn stored(book: &Book, seen: &Observed) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut found: HashMap<String, &str> = HashMap::new();
    for event in &seen.stored {
        let caller = caller_of(&event.data).unwrap_or_default();
        match book.events.get(&caller) {
            Some(entry) if entry.event_id.is_some() || entry.lost => {
                if entry.data != event.data {
                    broken.push(Violation::new(
                        "stored bytes differ",
                        format!("{}: {}", event.id, event.data),
                    ));
                }
            }
            _ => broken.push(Violation::new(
                "stored but never sent",
                format!("{} {}", event.id, event.data),
            )),
        }
        if let Some(other) = found.insert(caller.clone(), &event.id) {
            broken.push(Violation::new(
                "stored twice",
                format!("{caller}: {other} and {}", event.id),
            ));
        }
    }
    for (caller, entry) in &book.events {
        let Some(acked) = &entry.event_id else { continue };
        match found.get(caller) {
            None => broken.push(Violation::new(
                "acknowledged event lost",
                format!("{caller} = {acked}"),
            )),
            Some(id) if id != acked => {
                broken.push(Violation::new(
                    "stored under another id",
                    format!("{caller}: {acked}, stored {id}"),
                ));
            }
            Some(_) => {}
        }
    }
    broken
}

/// Every stored event was taken by the always-matching webhook, with its bytes; and nothing that is not stored.
fn delivered(seen: &Observed) -> Vec<Violation> {
    let mut broken = Vec::new();
    for event in &seen.stored {
        match seen.arrived.get(&event.id) {
            Some(arrived) if arrived.taken > 0 => {
                if arrived.data != event.data {
                    broken.push(Violation::new(
                        "delivered bytes differ",
                        format!("{}: {}", event.id, arrived.data),
                    ));
                }
            }
            Some(Arrived { came, .. }) => {
                broken.push(Violation::new(
                    "not delivered",
                    format!("{} came {came} times, never taken", event.id),
                ));
            }
            None => broken.push(Violation::new("not delivered", event.id.clone())),
        }
    }
    let known: HashSet<&str> = seen.stored.iter().map(|event| event.id.as_str()).collect();
    let strange = seen
        .arrived
        .iter()
        .filter(|(id, arrived)| arrived.kind == KIND && !known.contains(id.as_str()));
    broken.extend(strange.map(|(id, _)| Violation::new("delivered but not stored", id.clone())));
    broken
}

/// The feed holds what the ledger says it must, nothing it must not, and counts it right.
fn feed_exact(book: &Book, user: &str, feed: &Feed) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut found: HashMap<&str, &Item> = HashMap::new();
    for item in &feed.items {
        if found.insert(&item.external, item).is_some() {
            broken.push(Violation::new(
                "twice in the feed",
                format!("{user}: {}", item.external),
            ));
        }
        let possible = book
            .notifications
            .get(&item.external)
            .and_then(|entry| entry.states.get(user));
        match (possible, Status::of(&item.status)) {
            (Some(possible), Some(status)) if possible.allows(status) => {}
            (Some(possible), _) => broken.push(Violation::new(
                "wrong state in the feed",
                format!(
                    "{user}: {} is {}, may be {possible:?}",
                    item.external, item.status
                ),
            )),
            (None, _) => {
                broken.push(Violation::new(
                    "never sent, in the feed",
                    format!("{user}: {} {}", item.id, item.external),
                ));
            }
        }
    }
    broken.extend(missing(book, user, &found));
    let unread = feed.items.iter().filter(|item| item.status == "unread").count();
    if i64::try_from(unread) != Ok(feed.unread) {
        broken.push(Violation::new(
            "wrong counter",
            format!("{user}: says {} unread, has {unread}", feed.unread),
        ));
    }
    let seqs: HashSet<u64> = feed.items.iter().map(|item| item.seq).collect();
    if seqs.len() != feed.items.len() || seqs.iter().any(|seq| *seq == 0 || *seq > feed.seq) {
        broken.push(Violation::new(
            "wrong sequence",
            format!("{user}: a seq is shared, zero or above {}", feed.seq),
        ));
    }
    broken
}

fn missing(book: &Book, user: &str, found: &HashMap<&str, &Item>) -> Vec<Violation> {
    let must_be_there = |entry: &NotificationEntry| {
        let possible = entry.states.get(user);
        possible.is_some_and(|possible| !possible.allows(Status::Absent) && !possible.allows(Status::Deleted))
    };
    let externals = book.of_user.get(user).into_iter().flatten();
    externals
        .filter(|external| book.notifications.get(*external).is_some_and(must_be_there))
        .filter(|external| !found.contains_key(external.as_str()))
        .map(|external| Violation::new("missing from the feed", format!("{user}: {external}")))
        .collect()
}

/// The client that followed holds what a fresh list shows.
fn followed_exact(user: &str, feed: &Feed, followed: &Followed) -> Vec<Violation> {
    let mut broken: Vec<Violation> = followed
        .disorder
        .iter()
        .map(|what| Violation::new("frames out of order", format!("{user}: {what}")))
        .collect();
    let differs =
        |detail: String| Violation::new("follower differs from the list", format!("{user}: {detail}"));
    if followed.seq != feed.seq {
        broken.push(differs(format!(
            "it is at {}, the list at {}",
            followed.seq, feed.seq
        )));
    }
    for item in &feed.items {
        match followed.items.get(&item.id) {
            None => broken.push(differs(format!("it lacks {}", item.id))),
            Some(held) if held.status != item.status => {
                broken.push(differs(format!(
                    "{} is {} for it, {} in the list",
                    item.id, held.status, item.status
                )));
            }
            // A mark may be written into the rows it concerns, which then carry its place.
            Some(held) if held.seq != item.seq && !followed.marks.contains(&item.seq) => {
                broken.push(differs(format!(
                    "{} has seq {} for it, {} in the list",
                    item.id, held.seq, item.seq
                )));
            }
            Some(_) => {}
        }
    }
    let listed: HashSet<&str> = feed.items.iter().map(|item| item.id.as_str()).collect();
    let extra = followed.items.keys().filter(|id| !listed.contains(id.as_str()));
    broken.extend(extra.map(|id| differs(format!("it still has {id}"))));
    if followed
        .counters
        .is_some_and(|counters| counters != (feed.unread, feed.unseen))
    {
        broken.push(differs(format!(
            "counters {:?}, list {:?}",
            followed.counters,
            (feed.unread, feed.unseen)
        )));
    }
    broken
}

/// Every acknowledged creation and change came back to the application as an event.
fn state_events(book: &Book, seen: &Observed) -> Vec<Violation> {
    let mut broken = Vec::new();
    for entry in book.notifications.values() {
        let Some(id) = &entry.id else { continue };
        let created = entry.states.keys().map(|user| (user, "notification.created"));
        let changed = entry
            .changes
            .iter()
            .filter_map(|(user, change)| Some((user, event_of(*change)?)));
        for (user, kind) in created.chain(changed) {
            if !seen
                .state_events
                .contains(&(id.clone(), user.clone(), kind.to_owned()))
            {
                broken.push(Violation::new(
                    "state event not delivered",
                    format!("{kind} {id} {user}"),
                ));
            }
        }
    }
    broken
}

fn event_of(change: Change) -> Option<&'static str> {
    match change {
        Change::Read => Some("notification.read"),
        Change::Unread => Some("notification.unread"),
        Change::Click => Some("notification.clicked"),
        Change::Dismiss => Some("notification.dismissed"),
        Change::Delete | Change::MarkAll => None,
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
