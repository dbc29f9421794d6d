//! Timers and nodes: work under leases, and the processes that hold them.

use std::time::Duration;

use domain::delivery::Owner;
use domain::effects::{NewTimer, TimerKind};
use domain::id::TimerId;
use store::{node, timer};

use crate::database::{NOW, Test, on_both};

on_both!(
    a_timer_is_claimed_once_and_moves_on_under_its_lease,
    q2_one_timer_has_one_lease_at_a_time,
    timers_of_the_dead_fire_again,
    a_timer_of_an_unknown_kind_is_left_to_others,
    a_node_enters_beats_and_is_buried,
    a_node_that_stands_still_holds_up_no_other,
    an_owner_is_never_given_twice,
    the_clock_is_the_databases_own,
    w04_nodes_of_a_shared_database_call_each_other,
);

fn new(t: &Test, due_at: i64) -> NewTimer {
    NewTimer {
        id: t.id(),
        kind: TimerKind::Withdraw,
        subject: "ep_1".into(),
        state: r#"{"n":0}"#.into(),
        due_at,
    }
}

async fn insert(t: &Test, due_at: i64) -> TimerId {
    let timer = new(t, due_at);
    let mut tx = t.write().await;
    timer::insert(&mut tx, &timer, NOW).await.unwrap();
    tx.commit().await.unwrap();
    timer.id
}

async fn claim(t: &Test, owner: i64, limit: i64, now: i64) -> Vec<timer::Timer> {
    let mut tx = t.store.write_all().await.unwrap();
    let claimed = timer::claim(&mut tx, (Owner(owner), 1), limit, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn a_timer_is_claimed_once_and_moves_on_under_its_lease(t: &Test) {
    let late = insert(t, NOW + 20).await;
    let early = insert(t, NOW + 10).await;
    assert!(claim(t, 1, 10, NOW + 9).await.is_empty());
    let claimed = claim(t, 1, 1, NOW + 20).await;
    assert_eq!((claimed.len(), claimed[0].id, claimed[0].env), (1, early, t.env));
    assert_eq!(
        (claimed[0].kind, claimed[0].subject.as_str()),
        (TimerKind::Withdraw, "ep_1")
    );
    assert_eq!(
        (claimed[0].state.as_str(), claimed[0].due_at),
        (r#"{"n":0}"#, NOW + 10)
    );
    assert_eq!(claim(t, 2, 10, NOW + 20).await[0].id, late);
    let mut lost = claimed[0].clone();
    lost.lease.fence -= 1;
    let mut tx = t.write().await;
    assert!(!timer::advance(&mut tx, &lost, None).await.unwrap());
    assert!(!timer::advance(&mut tx, &lost, Some(("{}", 0))).await.unwrap());
    assert!(
        timer::advance(&mut tx, &claimed[0], Some((r#"{"n":1}"#, NOW + 30)))
            .await
            .unwrap()
    );
    assert!(
        !timer::advance(&mut tx, &claimed[0], None).await.unwrap(),
        "the lease is given back"
    );
    tx.commit().await.unwrap();
    let again = claim(t, 3, 10, NOW + 30).await;
    assert_eq!(
        (again.len(), again[0].state.as_str(), again[0].lease.fence),
        (1, r#"{"n":1}"#, 2)
    );
    let mut tx = t.write().await;
    assert!(timer::advance(&mut tx, &again[0], None).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(t.number("SELECT count(*) FROM timers").await, 1);
}

async fn q2_one_timer_has_one_lease_at_a_time(t: &Test) {
    let mut plan = t.plan();
    plan.timers.extend((0..500).map(|n| new(t, NOW + n % 7)));
    t.commit(plan).await;
    let claimed = futures_util::future::join_all((0..20).map(|owner| async move {
        let mut mine = Vec::new();
        loop {
            let claimed = claim(t, owner, 7, NOW + 100).await;
            if claimed.is_empty() {
                return mine;
            }
            assert!(claimed.len() <= 7);
            mine.extend(claimed.into_iter().map(|timer| timer.id));
        }
    }));
    let mut all: Vec<_> = claimed.await.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 500);
    assert_eq!(
        t.number("SELECT CAST(sum(fence) AS BIGINT) FROM timers").await,
        500
    );
}

async fn timers_of_the_dead_fire_again(t: &Test) {
    for _ in 0..3 {
        insert(t, NOW).await;
    }
    let mut tx = t.store.write_all().await.unwrap();
    let living = node::register(&mut tx, "a", NOW + 10, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let rescue = async || {
        let mut tx = t.store.write_all().await.unwrap();
        let freed = timer::rescue(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        freed
    };
    claim(t, 77, 2, NOW).await;
    claim(t, living.0, 1, NOW).await;
    assert_eq!((rescue().await, rescue().await), (2, 0));
    assert_eq!(claim(t, 78, 10, NOW).await.len(), 2);
    let mut tx = t.store.write_all().await.unwrap();
    node::leave(&mut tx, living).await.unwrap();
    assert_eq!(
        node::bury(&mut tx, NOW, None).await.unwrap(),
        1,
        "who left is counted by the others"
    );
    tx.commit().await.unwrap();
    assert_eq!(rescue().await, 3);
}

async fn a_timer_of_an_unknown_kind_is_left_to_others(t: &Test) {
    insert(t, NOW).await;
    t.execute("UPDATE timers SET kind = 99").await;
    let known = insert(t, NOW + 1).await;
    let claimed = claim(t, 1, 1, NOW + 1).await;
    assert_eq!(claimed.iter().map(|timer| timer.id).collect::<Vec<_>>(), [known]);
    assert!(claim(t, 1, 1, NOW + 1).await.is_empty());
    let unowned = "SELECT count(*) FROM timers WHERE kind = 99 AND owner IS NULL AND fence = 0";
    assert_eq!(t.number(unowned).await, 1);
}

async fn a_node_enters_beats_and_is_buried(t: &Test) {
    let mut tx = t.store.write_all().await.unwrap();
    let first = node::register(&mut tx, "a", NOW + 10, NOW).await.unwrap();
    let second = node::register(&mut tx, "b", NOW + 20, NOW).await.unwrap();
    let third = node::register(&mut tx, "c", NOW + 20, NOW).await.unwrap();
    assert!(node::heartbeat(&mut tx, first, NOW + 15).await.unwrap());
    let buried = node::bury(&mut tx, NOW + 15, None).await.unwrap();
    assert_eq!(buried, 0, "its time is over after the instant, not at it");
    assert_eq!(node::living(&mut tx).await.unwrap(), [first, second, third]);
    assert_eq!(node::bury(&mut tx, NOW + 16, None).await.unwrap(), 1);
    assert_eq!(node::living(&mut tx).await.unwrap(), [second, third]);
    assert!(
        !node::heartbeat(&mut tx, first, NOW + 99).await.unwrap(),
        "who is counted dead is not alive again"
    );
    node::leave(&mut tx, second).await.unwrap();
    let fourth = node::register(&mut tx, "d", NOW + 50, NOW).await.unwrap();
    assert_eq!(node::bury(&mut tx, NOW + 16, Some(fourth)).await.unwrap(), 2);
    assert_eq!(node::living(&mut tx).await.unwrap(), [fourth]);
    tx.commit().await.unwrap();
}

/// One that stands still within its own heartbeat, whose row nobody else can have, keeps no other from counting the dead.
async fn a_node_that_stands_still_holds_up_no_other(t: &Test) {
    let mut tx = t.store.write_all().await.unwrap();
    let frozen = node::register(&mut tx, "a", NOW, NOW).await.unwrap();
    let dead = node::register(&mut tx, "b", NOW, NOW).await.unwrap();
    tx.commit().await.unwrap();
    let mut beating = t.store.write_all().await.unwrap();
    assert!(node::heartbeat(&mut beating, frozen, NOW + 1).await.unwrap());
    let bury = async {
        let mut tx = t.store.write_all().await.unwrap();
        let buried = node::bury(&mut tx, NOW + 9, None).await.unwrap();
        let left = node::living(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        (buried, left)
    };
    if t.is_postgres() {
        let buried = tokio::time::timeout(Duration::from_secs(30), bury).await;
        assert_eq!(buried.expect("nobody is waited for"), (1, vec![frozen]));
        assert_ne!(frozen, dead);
        beating.commit().await.unwrap();
    } else {
        // Writers take turns.
        beating.commit().await.unwrap();
        assert_eq!(bury.await, (2, vec![]));
    }
}

async fn an_owner_is_never_given_twice(t: &Test) {
    let mut owners = Vec::new();
    for n in 0..4 {
        let mut tx = t.store.write_all().await.unwrap();
        let owner = node::register(&mut tx, "n", NOW, NOW).await.unwrap();
        if n % 2 == 0 {
            node::leave(&mut tx, owner).await.unwrap();
        }
        tx.commit().await.unwrap();
        owners.push(owner.0);
    }
    assert!(owners.is_sorted_by(|a, b| a < b), "{owners:?}");
}

async fn the_clock_is_the_databases_own(t: &Test) {
    let clock = node::clock(&mut *t.read().await).await.unwrap();
    assert_eq!(clock.is_some(), t.is_postgres());
    assert!(clock.is_none_or(|clock| clock > NOW));
}

async fn w04_nodes_of_a_shared_database_call_each_other(t: &Test) {
    let Some(mut line) = t.store.wakes().await.unwrap() else {
        // Where there is one node there is nobody to call, and calling is no error.
        assert!(!t.store.is_shared());
        return t.store.wake_others(Owner(7)).await.unwrap();
    };
    t.store.wake_others(Owner(7)).await.unwrap();
    t.store.wake_others(Owner(8)).await.unwrap();
    assert_eq!(line.next().await.unwrap(), Owner(7));
    assert_eq!(line.next().await.unwrap(), Owner(8));
}
