//! Feeds: a sequence per user, counters that are exact, changes that hold only if what they were made from did not move.

use std::sync::Arc;

use domain::delivery::{Lease, Owner};
use domain::effects::{Effects, FeedWritten, NewTimer, Receipt, Shown, TimerKind, TimerMove};
use domain::feed::{Change, Counters, FeedEffect, Mark, Scope, Status, Times};
use domain::id::{AppId, Prefixed};
use domain::notification::{Notification, Priority};
use store::feed::{self, Filter, Item};
use store::{notification, timer};

use crate::database::{DAY, NOW, Test, after, lease, on_both, page};

on_both!(
    a_notification_arrives_once,
    content_is_read_back,
    a_change_of_a_feed_that_moved_is_refused_alone,
    a_change_holds_while_other_items_come_and_go,
    a_plan_with_several_changes_of_one_feed_holds_as_a_whole,
    mark_all_is_one_change_in_its_scope,
    settling_takes_no_number,
    a_state_is_settled_once,
    a_fired_timer_moves_with_what_it_did,
    a_used_key_keeps_a_notification_from_every_feed,
    changes_are_told_in_order_with_through_and_floor,
    lists_filter_and_page,
    unread_comes_first,
    expired_states_are_found,
    feeds_that_moved_are_found,
    many_at_once_on_the_same_feeds,
    a_forgotten_user_starts_anew,
);

/// A notification of an application and tenant shown to one user; the notification and what the commit said.
async fn shown(t: &Test, app: AppId, tenant: Option<&str>, user: &str) -> (Notification, FeedWritten) {
    let content = t.notification(app, tenant);
    let written = t.commit(t.show(content.clone(), &[user], NOW)).await;
    (content, written.feed[0].expect("arrived"))
}

/// A plan that changes one state, from what is read now.
async fn changed(t: &Test, user: &str, content: &Notification, change: Change, now: i64) -> Effects {
    let mut reader = t.read().await;
    let item = feed::item(&mut reader, t.env, user, content.id)
        .await
        .unwrap()
        .expect("there");
    let head = feed::head(&mut reader, t.env, user).await.unwrap();
    let known = feed::known(&item, &head);
    let after = known
        .times
        .apply(change, now)
        .expect("allowed")
        .expect("a change");
    let mut plan = Effects::new(t.env, now);
    plan.feed.push(FeedEffect::Change {
        user: user.into(),
        before: Box::new(known),
        after,
    });
    plan
}

fn marked(t: &Test, user: &str, mark: Mark, scope: Scope, at: i64) -> Effects {
    let mut plan = Effects::new(t.env, at);
    plan.feed.push(FeedEffect::MarkAll {
        user: user.into(),
        mark,
        scope,
        at,
    });
    plan
}

async fn item(t: &Test, user: &str, content: &Notification) -> Item {
    feed::item(&mut *t.read().await, t.env, user, content.id)
        .await
        .unwrap()
        .expect("there")
}

async fn head(t: &Test, user: &str) -> (i64, i64, i64) {
    let head = feed::head(&mut *t.read().await, t.env, user).await.unwrap();
    (head.seq, head.unread, head.unseen)
}

async fn a_notification_arrives_once(t: &Test) {
    let (content, first) = shown(t, t.id(), None, "ann").await;
    assert_eq!(
        first,
        FeedWritten {
            seq: 1,
            counters: Counters { unread: 1, unseen: 1 }
        }
    );
    let mut again = Effects::new(t.env, NOW);
    for user in ["ann", "bob", "cy"] {
        again.feed.push(FeedEffect::Arrive(t.state(&content, user, NOW)));
    }
    again.shown = smallvec::smallvec![Shown {
        content: Arc::new(content.clone()),
        new: false,
        app: (None, String::new()),
    }];
    let written = t.commit(again.clone()).await.feed;
    assert_eq!(
        written
            .iter()
            .map(|written| written.map(|w| w.seq))
            .collect::<Vec<_>>(),
        [None, Some(1), Some(1)]
    );
    // Also within one group, and within one plan.
    again.feed.push(FeedEffect::Arrive(t.state(&content, "dee", NOW)));
    again.feed.push(FeedEffect::Arrive(t.state(&content, "dee", NOW)));
    let both = [t.queue(again.clone()), t.queue(again)];
    let mut arrived = 0;
    for answer in both {
        let Receipt::Written(written) = answer.await.unwrap().unwrap() else {
            panic!("refused")
        };
        assert_eq!(written.feed.len(), 5);
        arrived += written.feed.iter().flatten().count();
    }
    assert_eq!(arrived, 1);
    assert_eq!(head(t, "dee").await, (1, 1, 1));
    assert_eq!(t.number("SELECT count(*) FROM states").await, 4);
}

async fn content_is_read_back(t: &Test) {
    let mut content = t.notification(t.id(), Some("acme"));
    content.expires_at = Some(NOW + DAY);
    t.commit(t.show(content.clone(), &["ann"], NOW)).await;
    let mut reader = t.read().await;
    let found = notification::get(&mut reader, t.env, content.id)
        .await
        .unwrap()
        .expect("there");
    assert_eq!(format!("{found:?}"), format!("{content:?}"));
    let item = feed::item(&mut reader, t.env, "ann", content.id)
        .await
        .unwrap()
        .expect("there");
    assert_eq!(format!("{:?}", item.notification), format!("{content:?}"));
    assert_eq!(
        (item.seq, item.times, item.user.as_str()),
        (1, Times::default(), "ann")
    );
    assert!(
        feed::item(&mut reader, t.env, "bob", content.id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        notification::get(&mut reader, t.env, t.id())
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_change_of_a_feed_that_moved_is_refused_alone(t: &Test) {
    let app = t.id();
    let (content, _) = shown(t, app, None, "ann").await;
    let (other, _) = shown(t, app, None, "bob").await;
    let late = changed(t, "ann", &content, Change::To(Status::Dismissed), NOW + 2).await;
    let mut read = changed(t, "ann", &content, Change::To(Status::Read), NOW + 1).await;
    read.claims.push(t.claim("ann", ""));
    let mut late_too = late.clone();
    late_too.claims.push(t.claim("late", ""));
    late_too.events.push(t.event(app));
    let fine = changed(t, "bob", &other, Change::To(Status::Clicked), NOW + 1).await;
    // All at once: whichever of the three comes first moves the feed for the other two.
    let answers = [read, late_too, late, fine].map(|plan| t.queue(plan));
    let mut stale = Vec::new();
    for answer in answers {
        stale.push(answer.await.unwrap().unwrap() == Receipt::Stale);
    }
    let [read, late_too, late, fine] = stale[..] else {
        panic!("four answers")
    };
    assert_eq!(
        [read, late_too, late].into_iter().filter(|stale| *stale).count(),
        2,
        "one of three"
    );
    assert!(!fine);
    let expected = if read { Status::Dismissed } else { Status::Read };
    assert_eq!(item(t, "ann", &content).await.times.status(), expected);
    assert_eq!(item(t, "bob", &other).await.times.status(), Status::Clicked);
    assert_eq!(head(t, "ann").await, (2, 0, 0));
    let events = i64::from(!late_too);
    assert_eq!(
        t.number("SELECT count(*) FROM events").await,
        events,
        "what is refused writes nothing"
    );
    assert_eq!(t.number("SELECT count(*) FROM claims").await, i64::from(late));
}

async fn a_change_holds_while_other_items_come_and_go(t: &Test) {
    let (app, other) = (t.id(), t.id());
    let (content, _) = shown(t, app, None, "ann").await;
    let (another, _) = shown(t, other, None, "ann").await;
    let click = changed(t, "ann", &content, Change::To(Status::Clicked), NOW + 1).await;
    shown(t, app, None, "ann").await;
    t.commit(changed(t, "ann", &another, Change::Delete, NOW + 2).await)
        .await;
    let elsewhere = Scope {
        app: Some(other),
        tenant: None,
    };
    shown(t, other, None, "ann").await;
    t.commit(marked(t, "ann", Mark::Read, elsewhere, NOW + 3)).await;
    assert_eq!(head(t, "ann").await, (6, 2, 2));
    let written = t.commit(click).await.feed[0].unwrap();
    assert_eq!(
        (written.seq, written.counters),
        (7, Counters { unread: 1, unseen: 1 })
    );
    // What is marked in its own scope is another matter.
    for mark in [Mark::Seen, Mark::Read] {
        let (content, _) = shown(t, app, None, "ann").await;
        let late = changed(t, "ann", &content, Change::To(Status::Dismissed), NOW + 4).await;
        let own = Scope {
            app: Some(app),
            tenant: None,
        };
        t.commit(marked(t, "ann", mark, own, NOW + 5)).await;
        assert_eq!(t.try_commit(late).await.unwrap(), Receipt::Stale);
    }
    assert_eq!(head(t, "ann").await, (11, 0, 0));
}

async fn a_plan_with_several_changes_of_one_feed_holds_as_a_whole(t: &Test) {
    let app = t.id();
    let (one, _) = shown(t, app, None, "ann").await;
    let (two, _) = shown(t, app, None, "ann").await;
    let mut plan = changed(t, "ann", &one, Change::To(Status::Expired), NOW + 1).await;
    plan.feed.extend(
        changed(t, "ann", &two, Change::To(Status::Expired), NOW + 1)
            .await
            .feed,
    );
    let again = plan.clone();
    let written = t.commit(plan).await.feed;
    let last = FeedWritten {
        seq: 4,
        counters: Counters::default(),
    };
    assert_eq!((written[0].unwrap().seq, written[1]), (3, Some(last)));
    assert_eq!(t.try_commit(again).await.unwrap(), Receipt::Stale);
}

async fn mark_all_is_one_change_in_its_scope(t: &Test) {
    let (app, other): (AppId, AppId) = (t.id(), t.id());
    let (mine, _) = shown(t, app, None, "ann").await;
    let (tenants, _) = shown(t, app, Some("acme"), "ann").await;
    let (others, _) = shown(t, other, Some("acme"), "ann").await;
    let counted = async |app: Option<AppId>, tenant: Option<&str>| {
        let counters = feed::counters(&mut *t.read().await, t.env, "ann", app, tenant)
            .await
            .unwrap();
        (counters.unread, counters.unseen)
    };
    let seen = t
        .commit(marked(t, "ann", Mark::Seen, Scope::default(), NOW + 1))
        .await
        .feed[0]
        .unwrap();
    assert_eq!(
        seen,
        FeedWritten {
            seq: 4,
            counters: Counters { unread: 3, unseen: 0 }
        }
    );
    assert_eq!(
        t.commit(marked(t, "ann", Mark::Seen, Scope::default(), NOW + 2))
            .await
            .feed,
        [None]
    );
    let scope = Scope {
        app: Some(app),
        tenant: Some("acme".into()),
    };
    let read = t
        .commit(marked(t, "ann", Mark::Read, scope.clone(), NOW + 3))
        .await
        .feed[0]
        .unwrap();
    assert_eq!(
        read,
        FeedWritten {
            seq: 5,
            counters: Counters { unread: 2, unseen: 0 }
        }
    );
    assert_eq!(item(t, "ann", &tenants).await.times.read_at, Some(NOW + 3));
    assert_eq!(item(t, "ann", &tenants).await.times.seen_at, Some(NOW + 1));
    assert_eq!(item(t, "ann", &mine).await.times.status(), Status::Unread);
    assert_eq!(
        t.commit(marked(t, "ann", Mark::Read, scope, NOW + 4)).await.feed,
        [None]
    );
    assert_eq!(counted(Some(app), None).await, (1, 0));
    assert_eq!(counted(None, Some("acme")).await, (1, 0));
    assert_eq!(counted(Some(other), Some("acme")).await, (1, 0));
    assert_eq!(counted(None, None).await, (2, 0));
    // One that was read by the mark is unread again, and stays so under the old mark.
    t.commit(changed(t, "ann", &tenants, Change::To(Status::Unread), NOW + 5).await)
        .await;
    assert_eq!(item(t, "ann", &tenants).await.times.status(), Status::Unread);
    assert_eq!(
        (head(t, "ann").await, counted(Some(app), Some("acme")).await),
        ((6, 3, 0), (1, 0))
    );
    let all = t
        .commit(marked(t, "ann", Mark::Read, Scope::default(), NOW + 6))
        .await
        .feed[0]
        .unwrap();
    assert_eq!(all.counters, Counters::default());
    for content in [&mine, &tenants, &others] {
        assert_eq!(item(t, "ann", content).await.times.status(), Status::Read);
    }
    let nobody = t
        .commit(marked(t, "nobody", Mark::Read, Scope::default(), NOW))
        .await;
    assert_eq!(nobody.feed, [None]);
}

async fn settling_takes_no_number(t: &Test) {
    let app = t.id();
    let (one, _) = shown(t, app, None, "ann").await;
    let (two, _) = shown(t, app, None, "ann").await;
    let (gone, _) = shown(t, app, None, "ann").await;
    t.commit(changed(t, "ann", &gone, Change::Delete, NOW).await)
        .await;
    let mark = t
        .commit(marked(t, "ann", Mark::Read, Scope::default(), NOW + 5))
        .await
        .feed[0]
        .unwrap()
        .seq;
    let mut reader = t.read().await;
    let unsettled = feed::unsettled(&mut reader, t.env, "ann")
        .await
        .unwrap()
        .expect("a mark");
    assert_eq!(
        (unsettled.seq, unsettled.mark.as_str(), unsettled.at),
        (mark, "read", NOW + 5)
    );
    let below = feed::below(&mut reader, t.env, "ann", 0, &unsettled, 10)
        .await
        .unwrap();
    assert_eq!(
        below.iter().map(|item| item.notification.id).collect::<Vec<_>>(),
        [one.id, two.id]
    );
    assert_eq!(
        feed::below(&mut reader, t.env, "ann", 1, &unsettled, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    drop(reader);
    let settle = |item: &Item| FeedEffect::Settle {
        user: "ann".into(),
        notification: item.notification.id,
        seq: item.seq,
        times: item.times,
    };
    let mut stale = t.plan();
    stale.feed.extend([settle(&below[0]), settle(&below[1])]);
    let mut fine = t.plan();
    fine.feed.extend([
        settle(&below[0]),
        FeedEffect::Settled {
            user: "ann".into(),
            mark,
        },
    ]);
    t.commit(changed(t, "ann", &two, Change::To(Status::Unread), NOW + 6).await)
        .await;
    assert_eq!(
        t.try_commit(stale).await.unwrap(),
        Receipt::Stale,
        "a state changed since it was read"
    );
    assert_eq!(t.commit(fine).await.feed, [None, None]);
    assert_eq!(
        t.number(&format!(
            "SELECT read_at FROM states WHERE notification = '{}'",
            one.id.bare()
        ))
        .await,
        NOW + 5
    );
    assert_eq!(head(t, "ann").await, (mark + 1, 1, 0));
    assert!(
        feed::unsettled(&mut *t.read().await, t.env, "ann")
            .await
            .unwrap()
            .is_none()
    );
    // Settled and changed at once: the change holds both.
    let again = t
        .commit(marked(t, "ann", Mark::Read, Scope::default(), NOW + 7))
        .await
        .feed[0]
        .unwrap()
        .seq;
    let mut both = changed(t, "ann", &two, Change::To(Status::Clicked), NOW + 8).await;
    both.feed.insert(0, settle(&item(t, "ann", &two).await));
    let written = t.commit(both).await.feed;
    assert_eq!((written[0], written[1].unwrap().seq), (None, again + 1));
    let times = item(t, "ann", &two).await.times;
    assert_eq!((times.read_at, times.clicked_at), (Some(NOW + 7), Some(NOW + 8)));
}

/// F28: timers of two marks, on two nodes, come to the same state: one of them settles it, and the other's events are not written.
async fn a_state_is_settled_once(t: &Test) {
    let app = t.id();
    let (content, _) = shown(t, app, None, "ann").await;
    t.commit(marked(t, "ann", Mark::Read, Scope::default(), NOW + 5))
        .await;
    let read = item(t, "ann", &content).await;
    let telling = || {
        let mut plan = t.publish(app);
        plan.feed.push(FeedEffect::Settle {
            user: "ann".into(),
            notification: content.id,
            seq: read.seq,
            times: read.times,
        });
        plan
    };
    // One after the other, and within one group.
    let queued: Vec<_> = (0..6).map(|_| t.queue(telling())).collect();
    let mut written = 0;
    for answer in queued {
        match answer.await.unwrap().unwrap() {
            Receipt::Written(_) => written += 1,
            other => assert_eq!(other, Receipt::Stale),
        }
    }
    assert_eq!(written, 1);
    assert_eq!(t.try_commit(telling()).await.unwrap(), Receipt::Stale);
    assert_eq!(t.number("SELECT count(*) FROM events").await, 1);
}

async fn a_fired_timer_moves_with_what_it_did(t: &Test) {
    let timers = [t.id(), t.id()];
    let mut plan = t.plan();
    for id in timers {
        let new = NewTimer {
            id,
            kind: TimerKind::Expand,
            subject: "x".into(),
            state: "{}".into(),
            due_at: NOW,
        };
        plan.timers.push(new);
    }
    t.commit(plan).await;
    let mut tx = t.store.write_all().await.unwrap();
    let claimed = timer::claim(&mut tx, (Owner(4), 1), 10, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claimed.len(), 2);
    let fired = |lease: Lease, next: Option<(String, i64)>| {
        let mut plan = t.show(t.notification(t.id(), None), &["ann"], NOW);
        plan.fired = Some(TimerMove {
            id: timers[0],
            lease,
            next,
        });
        plan
    };
    assert_eq!(
        t.try_commit(fired(lease(4, 0), None)).await.unwrap(),
        Receipt::Stale
    );
    assert_eq!(
        t.try_commit(fired(lease(3, 1), None)).await.unwrap(),
        Receipt::Stale
    );
    assert_eq!(
        head(t, "ann").await,
        (0, 0, 0),
        "what was fired under a lost lease writes nothing"
    );
    let next = Some((r#"{"a":1}"#.to_owned(), NOW + 50));
    // Twice at once under the same lease: one of them.
    let both = [
        t.queue(fired(lease(4, 1), next.clone())),
        t.queue(fired(lease(4, 1), next)),
    ];
    let mut won = 0;
    for answer in both {
        won += usize::from(matches!(answer.await.unwrap().unwrap(), Receipt::Written(_)));
    }
    assert_eq!((won, head(t, "ann").await), (1, (1, 1, 1)));
    let mut tx = t.store.write_all().await.unwrap();
    assert!(
        timer::claim(&mut tx, (Owner(4), 1), 10, NOW + 49)
            .await
            .unwrap()
            .is_empty()
    );
    let again = timer::claim(&mut tx, (Owner(5), 1), 10, NOW + 50).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (again[0].state.as_str(), again[0].lease.fence, again[0].id),
        (r#"{"a":1}"#, 2, timers[0])
    );
    // A timer alone, without anything done.
    let mut done = t.plan();
    done.fired = Some(TimerMove {
        id: timers[0],
        lease: lease(5, 2),
        next: None,
    });
    t.commit(done).await;
    assert_eq!(t.number("SELECT count(*) FROM timers").await, 1);
}

async fn a_used_key_keeps_a_notification_from_every_feed(t: &Test) {
    let app = t.id();
    let with = |user: &str| {
        let mut plan = t.show(t.notification(app, None), &[user, "both"], NOW);
        plan.claims.push(t.claim("k", user));
        plan
    };
    let queued = ["ann", "bob", "cy"].map(|user| (user, t.queue(with(user))));
    let mut winners = Vec::new();
    for (user, answer) in queued {
        match answer.await.unwrap().unwrap() {
            Receipt::Written(written) => winners.push((user, written.feed)),
            Receipt::Duplicate { same: true, .. } => assert_eq!(head(t, user).await, (0, 0, 0)),
            other => panic!("{other:?}"),
        }
    }
    let one = FeedWritten {
        seq: 1,
        counters: Counters { unread: 1, unseen: 1 },
    };
    assert_eq!((winners.len(), &winners[0].1), (1, &vec![Some(one); 2]));
    assert_eq!(
        (head(t, winners[0].0).await, head(t, "both").await),
        ((1, 1, 1), (1, 1, 1))
    );
    assert_eq!(t.number("SELECT count(*) FROM notifications").await, 1);
}

async fn changes_are_told_in_order_with_through_and_floor(t: &Test) {
    let app = t.id();
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(shown(t, app, None, "ann").await.0);
    }
    t.commit(changed(t, "ann", &all[1], Change::To(Status::Read), NOW + 1).await)
        .await; // 6
    t.commit(marked(
        t,
        "ann",
        Mark::Seen,
        Scope {
            app: Some(app),
            tenant: None,
        },
        NOW + 2,
    ))
    .await; // 7
    t.commit(changed(t, "ann", &all[0], Change::Delete, NOW + 3).await)
        .await; // 8
    let mut reader = t.read().await;
    let head = feed::head(&mut reader, t.env, "ann").await.unwrap();
    assert_eq!((head.seq, head.floor, head.unread, head.unseen), (8, 0, 3, 0));
    let whole = feed::changes(&mut reader, t.env, "ann", 0, head.seq, 100)
        .await
        .unwrap();
    let told: Vec<_> = whole
        .items
        .iter()
        .map(|item| (item.seq, item.notification.id))
        .collect();
    assert_eq!(
        told,
        [
            (3, all[2].id),
            (4, all[3].id),
            (5, all[4].id),
            (6, all[1].id),
            (8, all[0].id)
        ]
    );
    assert!(whole.items[4].times.deleted_at.is_some());
    assert_eq!((whole.marks.len(), whole.marks[0].seq, whole.through), (1, 7, 8));
    assert_eq!(whole.marks[0].app.as_deref(), Some(app.bare()));
    let part = feed::changes(&mut reader, t.env, "ann", 2, head.seq, 2)
        .await
        .unwrap();
    assert_eq!((part.items.len(), part.marks.len(), part.through), (2, 0, 4));
    let rest = feed::changes(&mut reader, t.env, "ann", part.through, head.seq, 3)
        .await
        .unwrap();
    assert_eq!((rest.items.len(), rest.marks.len(), rest.through), (3, 1, 8));
    let until = feed::changes(&mut reader, t.env, "ann", 5, 7, 10).await.unwrap();
    assert_eq!((until.items.len(), until.marks.len(), until.through), (1, 1, 7));
    let none = feed::changes(&mut reader, t.env, "ann", 8, 8, 10).await.unwrap();
    assert_eq!((none.items.len(), none.marks.len(), none.through), (0, 0, 8));
}

async fn lists_filter_and_page(t: &Test) {
    let (app, other): (AppId, AppId) = (t.id(), t.id());
    let mut all = Vec::new();
    for n in 0..10 {
        let mut content = t.notification(
            if n % 2 == 0 { app } else { other },
            (n % 3 == 0).then_some("acme"),
        );
        content.id = t.id_at(NOW + n * 10);
        content.priority = if n < 5 { Priority::Low } else { Priority::Urgent };
        t.commit(t.show(content.clone(), &["ann", "bob"], NOW)).await;
        all.push(content);
    }
    let changes = [Status::Read, Status::Clicked, Status::Dismissed, Status::Expired];
    for (content, status) in all.iter().zip(changes) {
        t.commit(changed(t, "ann", content, Change::To(status), NOW + 1).await)
            .await;
    }
    t.commit(changed(t, "ann", &all[9], Change::Delete, NOW + 1).await)
        .await;
    let list = async |filter: Filter, page| {
        let items = feed::list(&mut *t.read().await, t.env, "ann", &filter, &page, 0)
            .await
            .unwrap();
        let place = |item: Item| {
            all.iter()
                .position(|content| content.id == item.notification.id)
                .unwrap()
        };
        items.into_iter().map(place).collect::<Vec<_>>()
    };
    let status = |status| Filter {
        status: Some(status),
        ..Filter::default()
    };
    assert_eq!(list(Filter::default(), page(4)).await, [8, 7, 6, 5]);
    assert_eq!(
        list(Filter::default(), after(4, all[5].id.bare())).await,
        [4, 3, 2, 1]
    );
    assert_eq!(list(status(Status::Unread), page(10)).await, [8, 7, 6, 5, 4]);
    for (place, changed) in changes.into_iter().enumerate() {
        assert_eq!(list(status(changed), page(10)).await, [place], "{changed:?}");
    }
    assert_eq!(
        list(
            Filter {
                app: Some(other),
                ..Filter::default()
            },
            page(10)
        )
        .await,
        [7, 5, 3, 1]
    );
    assert_eq!(
        list(
            Filter {
                tenant: Some("acme".into()),
                ..Filter::default()
            },
            page(10)
        )
        .await,
        [6, 3, 0]
    );
    assert_eq!(
        list(
            Filter {
                priority: Some(Priority::Urgent),
                ..Filter::default()
            },
            page(10)
        )
        .await,
        [8, 7, 6, 5]
    );
    // What a mark read is listed as read, although its row does not say so yet.
    t.commit(marked(
        t,
        "ann",
        Mark::Read,
        Scope {
            app: Some(app),
            tenant: None,
        },
        NOW + 2,
    ))
    .await;
    assert_eq!(list(status(Status::Unread), page(10)).await, [7, 5]);
    assert_eq!(list(status(Status::Read), page(10)).await, [8, 6, 4, 0]);
}

async fn unread_comes_first(t: &Test) {
    let (app, other): (AppId, AppId) = (t.id(), t.id());
    let mut all = Vec::new();
    for n in 0..6 {
        let mut content = t.notification(if n < 5 { app } else { other }, None);
        content.id = t.id_at(NOW + n * 10);
        t.commit(t.show(content.clone(), &["ann"], NOW)).await;
        all.push(content);
    }
    t.commit(changed(t, "ann", &all[4], Change::To(Status::Read), NOW + 1).await)
        .await;
    t.commit(changed(t, "ann", &all[2], Change::To(Status::Dismissed), NOW + 1).await)
        .await;
    let order = async |app, skip, limit| {
        let items = feed::unread_first(&mut *t.read().await, t.env, "ann", app, skip, limit)
            .await
            .unwrap();
        let place = |item: Item| {
            all.iter()
                .position(|content| content.id == item.notification.id)
                .unwrap()
        };
        items.into_iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(order(None, 0, 10).await, [5, 3, 1, 0, 4, 2]);
    assert_eq!(order(None, 2, 3).await, [1, 0, 4]);
    assert_eq!(order(Some(app), 0, 10).await, [3, 1, 0, 4, 2]);
    t.commit(marked(
        t,
        "ann",
        Mark::Read,
        Scope {
            app: Some(app),
            tenant: None,
        },
        NOW + 2,
    ))
    .await;
    assert_eq!(order(None, 0, 3).await, [5, 4, 3]);
}

async fn expired_states_are_found(t: &Test) {
    let app = t.id();
    let mut all = Vec::new();
    for (n, user) in ["ann", "bob", "cy", "dee"].into_iter().enumerate() {
        let mut content = t.notification(app, None);
        content.expires_at = Some(NOW + 10 * (n as i64 + 1));
        t.commit(t.show(content.clone(), &[user], NOW)).await;
        all.push(content);
    }
    let mut reader = t.store.read_all().await.unwrap();
    assert_eq!(feed::next_expiry(&mut reader).await.unwrap(), Some(NOW + 10));
    assert!(feed::expired(&mut reader, NOW + 9, 10).await.unwrap().is_empty());
    let due = feed::expired(&mut reader, NOW + 30, 10).await.unwrap();
    let whose: Vec<_> = due
        .iter()
        .map(|(env, user, id)| (*env, user.as_str(), *id))
        .collect();
    assert_eq!(
        whose,
        [
            (t.env, "ann", all[0].id),
            (t.env, "bob", all[1].id),
            (t.env, "cy", all[2].id)
        ]
    );
    assert_eq!(feed::expired(&mut reader, NOW + 30, 1).await.unwrap().len(), 1);
    drop(reader);
    t.commit(changed(t, "ann", &all[0], Change::To(Status::Expired), NOW + 10).await)
        .await;
    t.commit(changed(t, "bob", &all[1], Change::To(Status::Clicked), NOW + 10).await)
        .await;
    t.commit(changed(t, "cy", &all[2], Change::Delete, NOW + 10).await)
        .await;
    let mut reader = t.store.read_all().await.unwrap();
    assert!(feed::expired(&mut reader, NOW + 39, 10).await.unwrap().is_empty());
    assert_eq!(feed::next_expiry(&mut reader).await.unwrap(), Some(NOW + 40));
}

async fn feeds_that_moved_are_found(t: &Test) {
    let app = t.id();
    let (content, _) = shown(t, app, None, "ann").await;
    shown(t, app, None, "bob").await;
    let moved = async |since| {
        // One by one: pages neither repeat nor leave out.
        let mut all = Vec::new();
        loop {
            let mut reader = t.store.read_all().await.unwrap();
            let page = feed::moved(&mut reader, since, all.last(), 1).await.unwrap();
            if page.is_empty() {
                return all
                    .into_iter()
                    .map(|feed| (feed.environment, feed.user_id, feed.seq, feed.changed_at - NOW))
                    .collect::<Vec<_>>();
            }
            all.extend(page);
        }
    };
    assert_eq!(moved(NOW).await.len(), 2);
    assert!(moved(NOW + 1).await.is_empty());
    t.commit(changed(t, "ann", &content, Change::To(Status::Read), NOW + 5).await)
        .await;
    assert_eq!(moved(NOW + 1).await, [(1, "ann".into(), 2, 5)]);
    // A change that takes every time back is a change of its own time.
    t.commit(changed(t, "ann", &content, Change::To(Status::Unread), NOW + 9).await)
        .await;
    assert_eq!(moved(NOW + 6).await, [(1, "ann".into(), 3, 9)]);
    // A node whose clock is behind does not turn it back.
    t.commit(changed(t, "ann", &content, Change::To(Status::Read), NOW + 2).await)
        .await;
    assert_eq!(moved(NOW + 6).await, [(1, "ann".into(), 4, 9)]);
}

/// Sixteen writers bring notifications to overlapping sets of users, in every order, beside marks and changes.
async fn many_at_once_on_the_same_feeds(t: &Test) {
    let apps: [AppId; 2] = [t.id(), t.id()];
    let names: Vec<String> = (0..12).map(|n| format!("user-{n}")).collect();
    let work = (0..16usize).map(|writer| {
        let names = &names;
        async move {
            for round in 0..12usize {
                let at = NOW + 1 + round as i64;
                let mut users: Vec<&str> = (0..5)
                    .map(|n| names[(writer * 5 + round * 7 + n * 3) % names.len()].as_str())
                    .collect();
                users.sort_unstable();
                users.dedup();
                let content = t.notification(apps[writer % 2], (round % 2 == 0).then_some("acme"));
                t.commit(t.show(content.clone(), &users, at)).await;
                let user = users[round % users.len()];
                match round % 3 {
                    0 => drop(t.commit(marked(t, user, Mark::Read, Scope::default(), at)).await),
                    1 => loop {
                        let plan = changed(t, user, &content, Change::Delete, at).await;
                        if t.try_commit(plan).await.unwrap() != Receipt::Stale {
                            break;
                        }
                    },
                    _ => drop(t.commit(marked(t, user, Mark::Seen, Scope::default(), at)).await),
                }
            }
        }
    });
    futures_util::future::join_all(work).await;
    for name in &names {
        let mut reader = t.read().await;
        let items = feed::unread_first(&mut reader, t.env, name, None, 0, 10_000)
            .await
            .unwrap();
        let head = feed::head(&mut reader, t.env, name).await.unwrap();
        let count =
            |counts: fn(&Times) -> bool| items.iter().filter(|item| counts(&item.times)).count() as i64;
        assert_eq!(
            (head.unread, head.unseen),
            (count(Times::counts_unread), count(Times::counts_unseen)),
            "{name}"
        );
        let whole = feed::counters(&mut reader, t.env, name, None, None)
            .await
            .unwrap();
        assert_eq!(whole, head.counters(), "{name}");
        for app in apps {
            for tenant in [None, Some("acme")] {
                let counters = feed::counters(&mut reader, t.env, name, Some(app), tenant)
                    .await
                    .unwrap();
                let within = |item: &&Item| {
                    let n = &item.notification;
                    n.app == app
                        && (tenant.is_none() || n.tenant.as_deref() == tenant)
                        && item.times.counts_unread()
                };
                assert_eq!(
                    counters.unread,
                    items.iter().filter(within).count() as i64,
                    "{name}"
                );
            }
        }
    }
    let gaps = "SELECT count(*) FROM feeds f WHERE f.seq <>
        (SELECT count(*) FROM states s WHERE s.user_id = f.user_id)
        + (SELECT count(*) FROM states s WHERE s.user_id = f.user_id AND s.deleted_at IS NOT NULL)
        + (SELECT count(*) FROM marks m WHERE m.user_id = f.user_id)";
    assert_eq!(t.number(gaps).await, 0, "every change took one number");
}

async fn a_forgotten_user_starts_anew(t: &Test) {
    let app = t.id();
    shown(t, app, None, "ann").await;
    let (content, _) = shown(t, app, None, "ann").await;
    let late = changed(t, "ann", &content, Change::To(Status::Read), NOW + 1).await;
    let mut tx = t.write().await;
    let forgotten = store::user::delete(&mut tx, "ann", NOW + 60).await.unwrap();
    assert_eq!((forgotten.found, forgotten.seq), (true, Some(3)));
    let nobody = store::user::delete(&mut tx, "nobody", NOW).await.unwrap();
    assert_eq!((nobody.found, nobody.seq), (false, None));
    tx.commit().await.unwrap();
    assert_eq!(t.try_commit(late).await.unwrap(), Receipt::Stale);
    let mut reader = t.read().await;
    let head = feed::head(&mut reader, t.env, "ann").await.unwrap();
    assert_eq!((head.seq, head.floor, head.unread, head.unseen), (3, 3, 0, 0));
    assert!(
        feed::list(&mut reader, t.env, "ann", &Filter::default(), &page(10), 0)
            .await
            .unwrap()
            .is_empty()
    );
    drop(reader);
    let (_, written) = shown(t, app, None, "ann").await;
    assert_eq!(
        written,
        FeedWritten {
            seq: 4,
            counters: Counters { unread: 1, unseen: 1 }
        }
    );
}
