//! What can be seen of the server from outside, in the shape the checks need.

use std::collections::{BTreeMap, HashMap, HashSet};

/// An event as the server keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The server's id.
    pub(crate) id: String,
    /// The bytes of its `data`.
    pub(crate) data: String,
}

/// What one `webhook-id` brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrived {
    /// How often it was answered with a 2xx.
    pub(crate) taken: u32,
    /// How often it came.
    pub(crate) came: u32,
    /// The body of the first.
    pub(crate) body_hash: u64,
    /// The event type.
    pub(crate) kind: String,
    /// The bytes of its `data`.
    pub(crate) data: String,
}

/// One row of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The server's id of the notification.
    pub(crate) id: String,
    /// The caller's.
    pub(crate) external: String,
    /// The status word.
    pub(crate) status: String,
    /// The row's place in the user's sequence.
    pub(crate) seq: u64,
}

/// A user's feed as a fresh list shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feed {
    /// All rows.
    pub(crate) items: Vec<Item>,
    /// The counter of unread rows.
    pub(crate) unread: i64,
    /// The counter of unseen rows.
    pub(crate) unseen: i64,
    /// The head of the sequence.
    pub(crate) seq: u64,
}

/// What a client holds that followed a user's feed through everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Followed {
    /// Rows that are not deleted, by id.
    pub(crate) items: BTreeMap<String, Item>,
    /// The newest `seq` it was given.
    pub(crate) seq: u64,
    /// The last counters it was given: unread, unseen.
    pub(crate) counters: Option<(i64, i64)>,
    /// The `seq` of every mark it was given.
    pub(crate) marks: Vec<u64>,
    /// How often it was told to begin anew.
    pub(crate) resets: u32,
    /// How often it came back.
    pub(crate) returns: u32,
    /// Frames that broke the order.
    pub(crate) disorder: Vec<String>,
}

/// A state change that reached the application as an event: notification, user, event type.
pub(crate) type StateEvent = (String, String, String);

/// Everything seen at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    /// All stored events of the torture's type.
    pub(crate) stored: Vec<Stored>,
    /// What the always-matching webhook received, by `webhook-id`.
    pub(crate) arrived: HashMap<String, Arrived>,
    /// State changes it received.
    pub(crate) state_events: HashSet<StateEvent>,
    /// Feeds by user.
    pub(crate) feeds: HashMap<String, Feed>,
    /// Followers by user.
    pub(crate) followed: HashMap<String, Followed>,
}
