//! A user's feed: one state per notification, and a sequence that every change takes a number of.
//!
//! The status is derived from times that are kept. "Mark all" is one change with a watermark: a state whose last change is older than
//! the watermark and that is unread counts as read since then, whether or not its row was rewritten already.

use serde::{Deserialize, Serialize};

use crate::id::{AppId, DeliveryId, NotificationId};
use crate::notification::Priority;

/// One user's relation to one notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not read yet.
    Unread,
    /// Read.
    Read,
    /// Put away.
    Dismissed,
    /// Its link or one of its actions was followed.
    Clicked,
    /// Its time is over. Final.
    Expired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Unread,
        Self::Read,
        Self::Dismissed,
        Self::Clicked,
        Self::Expired,
    ];

    /// The word in JSON and in the names of events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Dismissed => "dismissed",
            Self::Clicked => "clicked",
            Self::Expired => "expired",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// The times of a state, each in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// First shown in an open bell.
    pub seen_at: Option<i64>,
    /// Read.
    pub read_at: Option<i64>,
    /// Followed.
    pub clicked_at: Option<i64>,
    /// Put away.
    pub dismissed_at: Option<i64>,
    /// Over.
    pub expired_at: Option<i64>,
    /// Removed from the feed.
    pub deleted_at: Option<i64>,
}

/// What a user may ask of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Give it this status.
    To(Status),
    /// It was read. What says more than unread already stays as it is.
    Read,
    /// One of its actions was followed. Each time counts, after a click as well.
    Follow,
    /// Remove it from the feed.
    Delete,
}

/// A change that the present status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAllowed {
    /// Status now.
    pub from: Status,
    /// Status asked for.
    pub to: Status,
}

/// How far "mark all" reached in one scope (user, application, tenant).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watermarks {
    /// States last changed below this `seq` are read ...
    pub read_seq: i64,
    /// ... since this time.
    pub read_at: i64,
    /// States last changed below this `seq` are seen ...
    pub seen_seq: i64,
    /// ... since this time.
    pub seen_at: i64,
}

impl Times {
    /// The derived status.
    pub fn status(&self) -> Status {
        if self.expired_at.is_some() {
            Status::Expired
        } else if self.dismissed_at.is_some() {
            Status::Dismissed
        } else if self.clicked_at.is_some() {
            Status::Clicked
        } else if self.read_at.is_some() {
            Status::Read
        } else {
            Status::Unread
        }
    }

    /// These times with the watermarks of its scope applied, for a state last changed at `seq`.
    #[must_use]
    pub fn under(mut self, seq: i64, marks: &Watermarks) -> Self {
        if self.read_at.is_none() && self.expired_at.is_none() && seq < marks.read_seq {
            self.read_at = Some(marks.read_at);
        }
        if self.seen_at.is_none() && seq < marks.seen_seq.max(marks.read_seq) {
            self.seen_at = Some(if seq < marks.seen_seq {
                marks.seen_at
            } else {
                marks.read_at
            });
        }
        self
    }

    /// Whether it counts in the number on the bell.
    pub fn counts_unread(&self) -> bool {
        self.deleted_at.is_none() && self.status() == Status::Unread
    }

    /// Whether it counts as new since the bell was last opened.
    pub fn counts_unseen(&self) -> bool {
        self.counts_unread() && self.seen_at.is_none()
    }

    /// Applies a change at `now`; `Ok(None)` when it is so already.
    pub fn apply(&self, change: Change, now: i64) -> Result<Option<Self>, NotAllowed> {
        let to = match change {
            Change::Delete if self.deleted_at.is_some() => return Ok(None),
            Change::Delete => {
                return Ok(Some(Self {
                    deleted_at: Some(now),
                    ..*self
                }));
            }
            Change::Read if self.status() != Status::Unread => return Ok(None),
            Change::Read => Status::Read,
            Change::Follow if self.status() == Status::Clicked => {
                return Ok(Some(Self {
                    clicked_at: Some(now),
                    ..*self
                }));
            }
            Change::Follow => Status::Clicked,
            Change::To(to) => to,
        };
        let from = self.status();
        let mut next = *self;
        next.seen_at = next.seen_at.or(Some(now));
        match (from, to) {
            _ if from == to => return Ok(None),
            (Status::Unread, Status::Read) => next.read_at = Some(now),
            (Status::Unread | Status::Read, Status::Clicked) => next.clicked_at = Some(now),
            (Status::Unread | Status::Read | Status::Clicked, Status::Dismissed) => {
                next.dismissed_at = Some(now);
            }
            (Status::Read | Status::Clicked | Status::Dismissed, Status::Unread) => {
                (next.read_at, next.clicked_at, next.dismissed_at) = (None, None, None);
            }
            (Status::Dismissed, Status::Read) => (next.clicked_at, next.dismissed_at) = (None, None),
            (Status::Unread | Status::Read, Status::Expired) => {
                next.seen_at = self.seen_at;
                next.expired_at = Some(now);
            }
            _ => return Err(NotAllowed { from, to }),
        }
        if matches!(to, Status::Clicked | Status::Dismissed) {
            next.read_at = next.read_at.or(Some(now));
        }
        Ok(Some(next))
    }
}

/// Numbers on the bell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Unread.
    pub unread: i64,
    /// Unread and not yet shown in an open bell.
    pub unseen: i64,
}

/// A state about to be written: the in-app delivery.
#[derive(Debug, Clone)]
pub struct NewState {
    /// Whose feed.
    pub user: String,
    /// What.
    pub notification: NotificationId,
    /// The delivery's id.
    pub delivery: DeliveryId,
    /// The application that created it.
    pub app: AppId,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// How much it matters.
    pub priority: Priority,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
}

/// A state as a plan found it.
#[derive(Debug, Clone)]
pub struct KnownState {
    /// What.
    pub notification: NotificationId,
    /// The application that created it.
    pub app: AppId,
    /// Tenant it happened in.
    pub tenant: Option<String>,
    /// Its last change.
    pub seq: i64,
    /// Its times, watermarks applied.
    pub times: Times,
    /// The feed's head when it was read: no mark of its scope may be later.
    pub head: i64,
}

/// Which part of a feed a "mark all" concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Only notifications of this application.
    pub app: Option<AppId>,
    /// Only notifications of this tenant.
    pub tenant: Option<String>,
}

/// What "mark all" marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// As read (and seen).
    Read,
    /// As seen.
    Seen,
}

impl Mark {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Read, Self::Seen];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Seen => "seen",
        }
    }
}

/// What happens to a user's feed in a commit. What a client can see takes the user's next `seq`.
#[derive(Debug, Clone)]
pub enum FeedEffect {
    /// A notification arrives; nothing when it is there already.
    Arrive(NewState),
    /// A state changes; refused when it changed, or its scope was marked, since it was read. Other items may come and go.
    Change {
        /// Whose feed.
        user: String,
        /// The state as the plan found it.
        before: Box<KnownState>,
        /// The times it gets.
        after: Times,
    },
    /// Everything in the scope is marked.
    MarkAll {
        /// Whose feed.
        user: String,
        /// As what.
        mark: Mark,
        /// Which part.
        scope: Scope,
        /// When.
        at: i64,
    },
    /// A state below a "mark all read" gets the mark's times in its own row. It takes no number: the mark did. Refused when the state
    /// changed since it was read, or was settled by another timer.
    Settle {
        /// Whose feed.
        user: String,
        /// What.
        notification: NotificationId,
        /// Its last change.
        seq: i64,
        /// The times it gets.
        times: Times,
    },
    /// Every state below a mark is settled.
    Settled {
        /// Whose feed.
        user: String,
        /// The number the mark took.
        mark: i64,
    },
}

impl FeedEffect {
    /// Whose feed it changes.
    pub fn user(&self) -> &str {
        match self {
            Self::Arrive(state) => &state.user,
            Self::Change { user, .. }
            | Self::MarkAll { user, .. }
            | Self::Settle { user, .. }
            | Self::Settled { user, .. } => user,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Status; 5] = [
        Status::Unread,
        Status::Read,
        Status::Dismissed,
        Status::Clicked,
        Status::Expired,
    ];

    /// A state brought to `status` by allowed changes.
    fn at(status: Status) -> Times {
        let fresh = Times::default();
        if status == Status::Unread {
            fresh
        } else {
            fresh.apply(Change::To(status), 10).expect("ok").expect("new")
        }
    }

    #[test]
    fn f27_exactly_the_decided_transitions_are_allowed() {
        use Status::{Clicked, Dismissed, Expired, Read, Unread};
        let allowed = [
            (Unread, vec![Read, Dismissed, Clicked, Expired]),
            (Read, vec![Unread, Dismissed, Clicked, Expired]),
            (Clicked, vec![Unread, Dismissed]),
            (Dismissed, vec![Unread, Read]),
            (Expired, vec![]),
        ];
        for (from, targets) in allowed {
            for to in ALL {
                let result = at(from).apply(Change::To(to), 20);
                if from == to {
                    assert_eq!(result, Ok(None));
                } else if targets.contains(&to) {
                    assert_eq!(
                        result.expect("allowed").expect("changed").status(),
                        to,
                        "{from:?} to {to:?}"
                    );
                } else {
                    assert_eq!(result, Err(NotAllowed { from, to }));
                }
            }
        }
    }

    #[test]
    fn is_read_follows_the_table_of_decisions() {
        for (status, is_read) in [
            (Status::Dismissed, true),
            (Status::Clicked, true),
            (Status::Expired, false),
        ] {
            assert_eq!(at(status).read_at.is_some(), is_read, "{status:?}");
        }
        let back = at(Status::Dismissed)
            .apply(Change::To(Status::Unread), 30)
            .expect("allowed")
            .expect("changed");
        assert_eq!((back.status(), back.read_at), (Status::Unread, None));
    }

    #[test]
    fn a_watermark_reads_only_what_is_older() {
        let marks = Watermarks {
            read_seq: 10,
            read_at: 99,
            ..Watermarks::default()
        };
        assert_eq!(Times::default().under(9, &marks).read_at, Some(99));
        assert_eq!(Times::default().under(9, &marks).seen_at, Some(99));
        assert_eq!(Times::default().under(10, &marks).status(), Status::Unread);
        assert_eq!(at(Status::Expired).under(9, &marks).read_at, None);
    }
}
