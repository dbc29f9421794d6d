//! The states one user's notification can be in, as far as a client that loses answers can know.
//!
//! A change whose answer was lost may or may not have happened, so an item is a *set* of possible states; every
//! later change maps the whole set. At the end the state seen must be in the set.

/// One user's relation to one notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// Never created.
    Absent = 0,
    /// `unread`
    Unread = 1,
    /// `read`
    Read = 2,
    /// `clicked`
    Clicked = 3,
    /// `dismissed`
    Dismissed = 4,
    /// Taken out of the feed.
    Deleted = 5,
}

/// What can be done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// `PATCH` to `read`.
    Read,
    /// `PATCH` to `unread`.
    Unread,
    /// `PATCH` to `clicked`.
    Click,
    /// `PATCH` to `dismissed`.
    Dismiss,
    /// `DELETE`.
    Delete,
    /// The user's mark-all.
    MarkAll,
}

use Status::{Absent, Clicked, Deleted, Dismissed, Read, Unread};

const ALL: [Status; 6] = [Absent, Unread, Read, Clicked, Dismissed, Deleted];

impl Status {
    /// The state after a change; a change that is not allowed here changes nothing.
    pub(crate) fn after(self, change: Change) -> Self {
        match (change, self) {
            (Change::Read, Unread | Read | Dismissed) | (Change::MarkAll, Unread) => Read,
            (Change::Unread, Read | Clicked | Dismissed) => Unread,
            (Change::Click, Unread | Read) => Clicked,
            (Change::Dismiss, Unread | Read | Clicked) => Dismissed,
            (Change::Delete, Unread | Read | Clicked | Dismissed) => Deleted,
            _ => self,
        }
    }

    /// The state of a status word of the API.
    pub(crate) fn of(word: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.word() == Some(word))
    }

    /// The API's word; none for what no feed shows.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Unread => Some("unread"),
            Read => Some("read"),
            Clicked => Some("clicked"),
            Dismissed => Some("dismissed"),
            Absent | Deleted => None,
        }
    }

    /// The changes that do something here.
    pub(crate) fn changes(self) -> &'static [Change] {
        match self {
            Unread => &[Change::Read, Change::Click, Change::Dismiss, Change::Delete],
            Read => &[Change::Unread, Change::Click, Change::Dismiss, Change::Delete],
            Clicked => &[Change::Unread, Change::Dismiss, Change::Delete],
            Dismissed => &[Change::Unread, Change::Read, Change::Delete],
            Absent | Deleted => &[],
        }
    }
}

impl Change {
    /// The status word of the `PATCH`; none for the others.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Read => Some("read"),
            Self::Unread => Some("unread"),
            Self::Click => Some("clicked"),
            Self::Dismiss => Some("dismissed"),
            Self::Delete | Self::MarkAll => None,
        }
    }
}

/// A set of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Possible(u8);

impl Possible {
    /// Exactly these.
    pub(crate) fn of(statuses: &[Status]) -> Self {
        Self(statuses.iter().fold(0, |set, status| set | 1 << *status as u8))
    }

    /// Whether this one is possible.
    pub(crate) fn allows(self, status: Status) -> bool {
        self.0 & (1 << status as u8) != 0
    }

    /// The one state, where only one is possible.
    pub(crate) fn certain(self) -> Option<Status> {
        self.0
            .is_power_of_two()
            .then(|| ALL.into_iter().find(|status| self.allows(*status)))?
    }

    /// After a change that was acknowledged.
    pub(crate) fn after(self, change: Change) -> Self {
        let after: Vec<Status> = self.iter().map(|status| status.after(change)).collect();
        Self::of(&after)
    }

    /// After a change whose answer was lost.
    pub(crate) fn perhaps_after(self, change: Change) -> Self {
        Self(self.0 | self.after(change).0)
    }

    /// Once it is known to have been created.
    pub(crate) fn created(self) -> Self {
        Self(self.0 & !(1 << Absent as u8))
    }

    fn iter(self) -> impl Iterator<Item = Status> {
        ALL.into_iter().filter(move |status| self.allows(*status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledged_change_is_certain_and_a_lost_one_is_not() {
        let unread = Possible::of(&[Unread]);
        assert_eq!(unread.after(Change::Read).certain(), Some(Read));
        let perhaps = unread.perhaps_after(Change::Dismiss);
        assert_eq!(perhaps.certain(), None);
        assert!(perhaps.allows(Unread) && perhaps.allows(Dismissed) && !perhaps.allows(Read));
        // Mark-all reads what is still unread and leaves what was dismissed.
        let marked = perhaps.after(Change::MarkAll);
        assert_eq!(marked, Possible::of(&[Read, Dismissed]));
    }

    #[test]
    fn a_creation_without_answer_may_be_absent_until_it_is_known() {
        let perhaps = Possible::of(&[Absent, Unread]).after(Change::MarkAll);
        assert_eq!(perhaps, Possible::of(&[Absent, Read]));
        assert_eq!(perhaps.created().certain(), Some(Read));
    }

    #[test]
    fn every_offered_change_changes_something() {
        for status in ALL {
            assert!(
                status
                    .changes()
                    .iter()
                    .all(|change| status.after(*change) != status),
                "{status:?}"
            );
        }
    }

    #[test]
    fn words_round_trip() {
        for status in ALL {
            assert_eq!(status.word().and_then(Status::of), status.word().map(|_| status));
        }
    }
}
