//! Each promise is broken on purpose, and the check must say so.

use super::*;
use crate::torture::feed::Possible;
use crate::torture::observed::Stored;

const DATA: &str = r#"{ "n":"a", "x" : 1e3 }"#;

/// One event and one notification, acknowledged, stored, delivered, followed.
fn good() -> (Book, Observed) {
    let mut book = Book::default();
    book.event_leaves("a", DATA);
    book.event_acked("a", "evt_a", false, 0);
    book.notification_leaves("n", &["u".into()]);
    book.notification_acked("n", "ntf_n", false, 0);
    book.changed("n", "u", Change::Read, 0);
    let item = Item {
        id: "ntf_n".into(),
        external: "n".into(),
        status: "read".into(),
        seq: 2,
    };
    let mut seen = Observed::default();
    seen.stored.push(Stored {
        id: "evt_a".into(),
        data: DATA.into(),
    });
    let arrived = Arrived {
        taken: 1,
        came: 2,
        kind: KIND.into(),
        data: DATA.into(),
        ..Arrived::default()
    };
    seen.arrived.insert("evt_a".into(), arrived);
    for kind in ["notification.created", "notification.read"] {
        seen.state_events
            .insert(("ntf_n".into(), "u".into(), kind.into()));
    }
    seen.feeds.insert(
        "u".into(),
        Feed {
            items: vec![item.clone()],
            unread: 0,
            unseen: 0,
            seq: 2,
        },
    );
    let items = [(item.id.clone(), item)].into();
    let followed = Followed {
        items,
        seq: 2,
        counters: Some((0, 0)),
        ..Followed::default()
    };
    seen.followed.insert("u".into(), followed);
    (book, seen)
}

/// Breaks the good picture and answers the rules that complain.
fn broken_by(spoil: impl FnOnce(&mut Book, &mut Observed)) -> Vec<&'static str> {
    let (mut book, mut seen) = good();
    spoil(&mut book, &mut seen);
    let mut rules: Vec<&str> = check(&book, &seen)
        .into_iter()
        .map(|violation| violation.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn feed(seen: &mut Observed) -> &mut Feed {
    seen.feeds.get_mut("u").expect("the feed of u")
}

fn followed(seen: &mut Observed) -> &mut Followed {
    seen.followed.get_mut("u").expect("the follower of u")
}

#[test]
fn the_good_picture_breaks_nothing() {
    assert!(broken_by(|_, _| {}).is_empty());
}

#[test]
fn an_acknowledged_event_that_is_gone() {
    assert!(broken_by(|_, seen| seen.stored.clear()).contains(&"acknowledged event lost"));
}

#[test]
fn bytes_that_changed() {
    let rules = broken_by(|_, seen| seen.stored[0].data = r#"{"n":"a","x":1000}"#.into());
    assert!(
        rules.contains(&"stored bytes differ") && rules.contains(&"delivered bytes differ"),
        "{rules:?}"
    );
}

#[test]
fn an_event_stored_under_another_id_or_twice() {
    assert!(broken_by(|_, seen| seen.stored[0].id = "evt_b".into()).contains(&"stored under another id"));
    let twice = broken_by(|_, seen| {
        seen.stored.push(Stored {
            id: "evt_b".into(),
            data: DATA.into(),
        });
    });
    assert!(twice.contains(&"stored twice"));
}

#[test]
fn an_event_nobody_sent() {
    let strange = || Stored {
        id: "evt_z".into(),
        data: r#"{"n":"z"}"#.into(),
    };
    assert!(broken_by(|_, seen| seen.stored.push(strange())).contains(&"stored but never sent"));
    // One whose answer was lost may be there, but then it must be delivered too.
    let perhaps = broken_by(|book, seen| {
        book.event_leaves("z", r#"{"n":"z"}"#);
        book.event_lost("z");
        seen.stored.push(strange());
    });
    assert_eq!(perhaps, ["not delivered"]);
    assert!(
        broken_by(|book, _| book.event_lost("y")).is_empty(),
        "or it may be absent"
    );
}

#[test]
fn an_event_that_never_arrived_or_was_never_taken() {
    assert_eq!(broken_by(|_, seen| seen.arrived.clear()), ["not delivered"]);
    let untaken = broken_by(|_, seen| seen.arrived.get_mut("evt_a").expect("it came").taken = 0);
    assert_eq!(untaken, ["not delivered"]);
}

#[test]
fn a_delivery_of_what_is_not_stored() {
    let arrived = Arrived {
        taken: 1,
        kind: KIND.into(),
        ..Arrived::default()
    };
    assert_eq!(
        broken_by(|_, seen| drop(seen.arrived.insert("evt_q".into(), arrived))),
        ["delivered but not stored"]
    );
}

#[test]
fn a_feed_that_lacks_or_invents() {
    assert!(broken_by(|_, seen| feed(seen).items.clear()).contains(&"missing from the feed"));
    let invented = broken_by(|book, _| drop(book.notifications.remove("n")));
    assert!(invented.contains(&"never sent, in the feed"));
    let twice = broken_by(|_, seen| {
        let again = feed(seen).items[0].clone();
        feed(seen).items.push(again);
    });
    assert!(
        twice.contains(&"twice in the feed") && twice.contains(&"wrong sequence"),
        "{twice:?}"
    );
}

#[test]
fn a_state_that_was_never_possible() {
    let rules = broken_by(|_, seen| feed(seen).items[0].status = "unread".into());
    assert!(
        rules.contains(&"wrong state in the feed") && rules.contains(&"wrong counter"),
        "{rules:?}"
    );
    let lost = broken_by(|book, seen| {
        book.perhaps_changed("n", "u", Change::Dismiss);
        feed(seen).items[0].status = "dismissed".into();
        followed(seen).items.get_mut("ntf_n").expect("held").status = "dismissed".into();
    });
    assert!(lost.is_empty(), "a lost answer allows both: {lost:?}");
}

#[test]
fn a_deleted_item_that_is_still_there() {
    let rules = broken_by(|book, _| book.changed("n", "u", Change::Delete, 0));
    assert_eq!(rules, ["wrong state in the feed"]);
}

#[test]
fn an_absent_item_is_allowed_only_where_the_answer_was_lost() {
    let gone = |seen: &mut Observed| {
        feed(seen).items.clear();
        followed(seen).items.clear();
    };
    let rules = broken_by(|book, seen| {
        let entry = book.notifications.get_mut("n").expect("sent");
        entry
            .states
            .insert("u".into(), Possible::of(&[Status::Absent, Status::Unread]));
        gone(seen);
    });
    assert!(rules.is_empty(), "{rules:?}");
    assert_eq!(broken_by(|_, seen| gone(seen)), ["missing from the feed"]);
}

#[test]
fn counters_that_do_not_count() {
    let rules = broken_by(|_, seen| feed(seen).unread = 1);
    assert!(rules.contains(&"wrong counter"), "{rules:?}");
}

#[test]
fn a_follower_that_holds_something_else() {
    const RULE: [&str; 1] = ["follower differs from the list"];
    let held = |seen: &mut Observed| followed(seen).items.get_mut("ntf_n").expect("held").clone();
    assert_eq!(broken_by(|_, seen| followed(seen).items.clear()), RULE);
    assert_eq!(broken_by(|_, seen| followed(seen).seq = 1), RULE);
    assert_eq!(broken_by(|_, seen| followed(seen).counters = Some((1, 0))), RULE);
    assert_eq!(
        broken_by(|_, seen| {
            let item = Item {
                status: "unread".into(),
                ..held(seen)
            };
            followed(seen).items.insert("ntf_n".into(), item);
        }),
        RULE
    );
    assert_eq!(
        broken_by(|_, seen| {
            let item = Item { seq: 1, ..held(seen) };
            followed(seen).items.insert("ntf_n".into(), item);
        }),
        RULE
    );
    assert_eq!(
        broken_by(|_, seen| {
            let item = held(seen);
            followed(seen).items.insert("ntf_z".into(), item);
        }),
        RULE
    );
    assert_eq!(broken_by(|_, seen| seen.followed.clear()), ["follower missing"]);
    assert_eq!(
        broken_by(|_, seen| followed(seen).disorder.push("2 after 3".into())),
        ["frames out of order"]
    );
}

#[test]
fn a_state_change_the_application_never_heard_of() {
    assert_eq!(
        broken_by(|_, seen| seen.state_events.clear()),
        ["state event not delivered"]
    );
}

#[test]
fn what_was_seen_while_it_ran_is_not_forgotten() {
    let rules = broken_by(|book, _| book.refused("POST", 500, "oh"));
    assert_eq!(rules, ["valid request refused"]);
}
