//! What the torture's client knows: every request it sent and what it was told.
//!
//! The ledger is written before a request leaves and after its answer came, by the one task that sent it. It never
//! asks the server anything; `check` compares it with what is seen at the end.

use std::collections::{BTreeMap, HashMap};

use parking_lot::{Mutex, MutexGuard};

use super::feed::{Change, Possible, Status};
use crate::clock;

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which promise, in a word or two.
    pub(crate) rule: &'static str,
    /// What was seen.
    pub(crate) detail: String,
}

impl Violation {
    /// A broken promise.
    pub(crate) fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self {
            rule,
            detail: detail.into(),
        }
    }
}

/// An event by the caller's own id.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventEntry {
    /// The bytes of `data` that were sent.
    pub(crate) data: String,
    /// The id the server gave, once it was acknowledged.
    pub(crate) event_id: Option<String>,
    /// At least one answer was lost: it may have happened.
    pub(crate) lost: bool,
}

/// A notification by the caller's `external_id`.
#[derive(Debug, Clone, Default)]
pub(crate) struct NotificationEntry {
    /// The id the server gave, once it was acknowledged.
    pub(crate) id: Option<String>,
    /// What each recipient's state may be.
    pub(crate) states: BTreeMap<String, Possible>,
    /// Acknowledged changes, each of which must have become an event of the application.
    pub(crate) changes: Vec<(String, Change)>,
}

/// The pages of the ledger.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Events by the caller's id.
    pub(crate) events: HashMap<String, EventEntry>,
    /// Notifications by the caller's id.
    pub(crate) notifications: HashMap<String, NotificationEntry>,
    /// Each user's notifications, oldest first.
    pub(crate) of_user: HashMap<String, Vec<String>>,
    /// Promises seen broken while it ran.
    pub(crate) broken: Vec<Violation>,
    /// How often each status was answered.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Requests whose answer was lost.
    pub(crate) lost: u64,
    /// Acknowledged writes.
    pub(crate) acked: u64,
    /// The moment of the newest acknowledged write.
    pub(crate) last_ack: u64,
    /// While nothing can be made durable: since when, and why.
    closed: Option<(u64, &'static str)>,
}

/// The ledger, shared by the client's tasks.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

impl Ledger {
    /// The pages, for reading or for one entry.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock()
    }
}

impl Book {
    /// From now on nothing can be made durable, so no new write may be acknowledged.
    pub(crate) fn close(&mut self, why: &'static str) {
        self.closed = Some((clock::now(), why));
    }

    /// Writes can be durable again.
    pub(crate) fn open(&mut self) {
        self.closed = None;
    }

    /// An event is about to be sent.
    pub(crate) fn event_leaves(&mut self, caller: &str, data: &str) {
        let entry = self.events.entry(caller.to_owned()).or_default();
        data.clone_into(&mut entry.data);
    }

    /// An event was acknowledged; `sent` is when its request left.
    pub(crate) fn event_acked(&mut self, caller: &str, event_id: &str, duplicate: bool, sent: u64) {
        self.ack(sent, duplicate, caller);
        let entry = self.events.entry(caller.to_owned()).or_default();
        if duplicate && !entry.lost && entry.event_id.is_none() {
            self.broken.push(Violation::new(
                "false duplicate",
                format!("{caller} was sent once"),
            ));
        }
        match &entry.event_id {
            Some(known) if known != event_id => {
                self.broken.push(Violation::new(
                    "event id changed",
                    format!("{caller}: {known}, then {event_id}"),
                ));
            }
            _ => entry.event_id = Some(event_id.to_owned()),
        }
    }

    /// An event's answer was lost.
    pub(crate) fn event_lost(&mut self, caller: &str) {
        self.lost += 1;
        self.events.entry(caller.to_owned()).or_default().lost = true;
    }

    /// A notification is about to be sent.
    pub(crate) fn notification_leaves(&mut self, external: &str, users: &[String]) {
        let mut entry = NotificationEntry::default();
        for user in users {
            entry.states.insert(user.clone(), Possible::of(&[Status::Absent]));
            self.of_user
                .entry(user.clone())
                .or_default()
                .push(external.to_owned());
        }
        self.notifications.insert(external.to_owned(), entry);
    }

    /// A notification was acknowledged.
    pub(crate) fn notification_acked(&mut self, external: &str, id: &str, again: bool, sent: u64) {
        self.ack(sent, again, external);
        let Some(entry) = self.notifications.get_mut(external) else {
            return;
        };
        for possible in entry.states.values_mut() {
            // After a lost answer the set holds `unread` already; else it begins here.
            *possible = if again {
                possible.created()
            } else {
                Possible::of(&[Status::Unread])
            };
        }
        if let Some(known) = entry.id.replace(id.to_owned()).filter(|known| known != id) {
            let detail = format!("{external}: {known}, then {id}");
            self.broken
                .push(Violation::new("notification id changed", detail));
        }
    }

    /// A notification's answer was lost.
    pub(crate) fn notification_lost(&mut self, external: &str) {
        self.lost += 1;
        let Some(entry) = self.notifications.get_mut(external) else {
            return;
        };
        for possible in entry.states.values_mut() {
            *possible = Possible::of(&[Status::Absent, Status::Unread]);
        }
    }

    /// A change of one item was acknowledged.
    pub(crate) fn changed(&mut self, external: &str, user: &str, change: Change, sent: u64) {
        self.ack(sent, false, external);
        let Some(entry) = self.notifications.get_mut(external) else {
            return;
        };
        if let Some(possible) = entry.states.get_mut(user) {
            *possible = possible.after(change);
        }
        entry.changes.push((user.to_owned(), change));
    }

    /// The answer to a change of one item was lost.
    pub(crate) fn perhaps_changed(&mut self, external: &str, user: &str, change: Change) {
        self.lost += 1;
        let entry = self.notifications.get_mut(external);
        if let Some(possible) = entry.and_then(|entry| entry.states.get_mut(user)) {
            *possible = possible.perhaps_after(change);
        }
    }

    /// The user's mark-all was acknowledged, or its answer was lost.
    pub(crate) fn marked_all(&mut self, user: &str, certain: bool) {
        if !certain {
            self.lost += 1;
        }
        for external in self.of_user.get(user).into_iter().flatten() {
            let entry = self.notifications.get_mut(external);
            let Some(possible) = entry.and_then(|entry| entry.states.get_mut(user)) else {
                continue;
            };
            *possible = if certain {
                possible.after(Change::MarkAll)
            } else {
                possible.perhaps_after(Change::MarkAll)
            };
        }
    }

    /// An answer that is neither a 2xx nor "perhaps": a valid request was refused.
    pub(crate) fn refused(&mut self, what: &str, status: u16, text: &str) {
        self.broken.push(Violation::new(
            "valid request refused",
            format!("{what}: {status} {text}"),
        ));
    }

    /// An item of the user whose state is certain, `back` steps from the newest.
    pub(crate) fn item(&self, user: &str, back: usize) -> Option<(String, String, Status)> {
        let externals = self.of_user.get(user)?;
        let external = externals.get(externals.len().checked_sub(back + 1)?)?;
        let entry = self.notifications.get(external)?;
        let status = entry.states.get(user)?.certain()?;
        Some((external.clone(), entry.id.clone()?, status))
    }

    fn ack(&mut self, sent: u64, known_before: bool, what: &str) {
        self.acked += 1;
        self.last_ack = clock::now();
        match self.closed {
            Some((since, why)) if sent > since && !known_before => {
                self.broken.push(Violation::new(
                    "acknowledged without durability",
                    format!("{what} while {why}"),
                ));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(book: &Book) -> Vec<&'static str> {
        book.broken.iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn an_ack_while_nothing_is_durable_is_a_violation() {
        let mut book = Book::default();
        let before = clock::now();
        book.close("every flush fails");
        let after = clock::now() + 1;
        book.event_leaves("a", "{}");
        book.event_acked("a", "evt_a", false, before);
        assert!(rules(&book).is_empty(), "it was sent before");
        book.event_lost("b");
        book.event_acked("b", "evt_b", true, after);
        assert!(rules(&book).is_empty(), "it was durable before");
        book.event_acked("c", "evt_c", false, after);
        assert_eq!(rules(&book), ["acknowledged without durability"]);
        book.open();
        book.event_acked("d", "evt_d", false, after);
        assert_eq!(book.broken.len(), 1);
    }

    #[test]
    fn a_duplicate_keeps_its_id_and_had_a_lost_answer() {
        let mut book = Book::default();
        book.event_leaves("a", "{}");
        book.event_acked("a", "evt_1", true, 0);
        assert_eq!(rules(&book), ["false duplicate"]);
        book.event_acked("a", "evt_2", true, 0);
        assert_eq!(rules(&book), ["false duplicate", "event id changed"]);
    }

    #[test]
    fn a_notification_goes_from_absent_over_perhaps_to_certain() {
        let mut book = Book::default();
        book.notification_leaves("n", &["u".into()]);
        assert_eq!(
            book.notifications["n"].states["u"].certain(),
            Some(Status::Absent)
        );
        book.notification_lost("n");
        assert_eq!(book.notifications["n"].states["u"].certain(), None);
        book.notification_acked("n", "ntf_1", true, 0);
        assert_eq!(
            book.item("u", 0),
            Some(("n".into(), "ntf_1".into(), Status::Unread))
        );
        book.changed("n", "u", Change::Click, 0);
        assert_eq!(
            book.notifications["n"].states["u"].certain(),
            Some(Status::Clicked)
        );
        book.perhaps_changed("n", "u", Change::Dismiss);
        assert_eq!(book.item("u", 0), None);
    }

    #[test]
    fn mark_all_reaches_only_the_users_items() {
        let mut book = Book::default();
        for (external, user) in [("a", "u"), ("b", "u"), ("c", "v")] {
            book.notification_leaves(external, &[user.into()]);
            book.notification_acked(external, external, false, 0);
        }
        book.marked_all("u", true);
        let certain = |name: &str, user: &str| book.notifications[name].states[user].certain();
        assert_eq!(certain("a", "u"), Some(Status::Read));
        assert_eq!(certain("b", "u"), Some(Status::Read));
        assert_eq!(certain("c", "v"), Some(Status::Unread));
    }
}
