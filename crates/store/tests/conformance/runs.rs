//! Runs and what belongs to them: batches, counts, what is waited for, what providers tell, addresses that get nothing more.

use std::sync::Arc;

use domain::callback::{Aftermath, Suppressed};
use domain::channel::Channel;
use domain::delivery::{Cause, DeliveryState, NewDelivery};
use domain::effects::{Effects, NewTimer, Receipt, Tally, TimerKind};
use domain::id::{BatchId, DestinationId, EventId, Prefixed, RunId};
use domain::message::NewMessage;
use domain::run::{Close, Demand, Join, NewRun, RunEffect, RunStatus};
use domain::workflow::{Awaits, Becomes};
use store::{batch, call_off, callback, delivery, message, run, suppression, tally, wait};

use crate::database::{DAY, NOW, Test, after, on_both, page};

on_both!(
    a_run_moves_on_from_where_it_was_read,
    activities_join_the_open_batch_and_its_close_sees_them,
    the_first_of_a_group_goes_on_at_once,
    what_comes_when_a_window_is_over_opens_the_next,
    a_count_moves_on_from_what_was_read,
    who_waits_for_an_event_is_found_by_its_name,
    an_event_is_on_its_way_until_its_timer_has_fired,
    who_waits_for_a_message_is_found_when_it_has_come,
    what_is_called_off_waits_no_more,
    a_callback_counts_once,
    an_address_is_suppressed_once,
);

/// A run of a workflow for a user.
fn begun(t: &Test, event: EventId, user: &str) -> RunEffect {
    RunEffect {
        run: NewRun {
            id: t.id(),
            env: t.env,
            workflow: Arc::from("hello"),
            version: 1,
            event,
            user: user.to_owned(),
            tenant: None,
            actor: None,
            part: String::new(),
            cancellation_key: Some("key".to_owned()),
        },
        revision: None,
        status: RunStatus::Waiting,
        state: r#"{"at":0}"#.to_owned(),
        joins: Vec::new(),
        gathers: None,
        awaits: None,
    }
}

fn plan_of(t: &Test, effect: RunEffect) -> Effects {
    let mut plan = t.plan();
    plan.runs.push(effect);
    plan
}

fn join(t: &Test, demands: Demand, opens: BatchId) -> Join {
    Join {
        group: "group".to_owned(),
        demands,
        opens,
        timer: t.id(),
        closes_at: NOW + 1_000,
        slides: None,
        close_at: None,
    }
}

async fn get(t: &Test, id: RunId) -> run::Run {
    run::get(&mut *t.read().await, t.env, id).await.unwrap().unwrap()
}

async fn a_run_moves_on_from_where_it_was_read(t: &Test) {
    let effect = begun(t, t.id(), "ada");
    t.commit(plan_of(t, effect.clone())).await;
    let read = get(t, effect.run.id).await;
    assert_eq!(
        (read.status, read.revision, read.state.at),
        (RunStatus::Waiting, 1, 0)
    );
    let moved = RunEffect {
        revision: Some(1),
        status: RunStatus::Completed,
        state: r#"{"at":3}"#.to_owned(),
        ..effect
    };
    t.commit(plan_of(t, moved.clone())).await;
    let read = get(t, moved.run.id).await;
    assert_eq!(
        (read.status, read.revision, read.state.at),
        (RunStatus::Completed, 2, 3)
    );
    let late = t.try_commit(plan_of(t, moved)).await.unwrap();
    assert_eq!(late, Receipt::Stale, "somebody else moved it");
}

async fn activities_join_the_open_batch_and_its_close_sees_them(t: &Test) {
    let batch: BatchId = t.id();
    for user in ["ada", "bob"] {
        let mut effect = begun(t, t.id(), user);
        effect.status = RunStatus::Batched;
        effect.joins = vec![join(
            t,
            Demand::Nothing,
            if user == "ada" { batch } else { t.id() },
        )];
        t.commit(plan_of(t, effect)).await;
    }
    let read = batch::get(&mut *t.read().await, t.env, batch)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((read.items, read.closes_at), (2, NOW + 1_000));
    let first = run::first(&mut *t.read().await, t.env, batch)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.user, "ada");
    let (events, total) = batch::activities(&mut *t.read().await, t.env, (batch, first.id), 1, false)
        .await
        .unwrap();
    assert_eq!((events, total), (vec![first.event], 2));
    let close = |items| {
        let mut plan = t.plan();
        plan.closes = Some(Close {
            batch,
            items,
            gathers: None,
        });
        plan
    };
    assert_eq!(
        t.try_commit(close(1)).await.unwrap(),
        Receipt::Stale,
        "somebody joined since"
    );
    t.commit(close(2)).await;
    assert!(
        batch::get(&mut *t.read().await, t.env, batch)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        t.try_commit(close(2)).await.unwrap(),
        Receipt::Stale,
        "it is closed"
    );
}

async fn the_first_of_a_group_goes_on_at_once(t: &Test) {
    let plan = |demands| {
        let mut effect = begun(t, t.id(), "ada");
        effect.joins = vec![join(t, demands, t.id())];
        plan_of(t, effect)
    };
    assert_eq!(t.try_commit(plan(Demand::Open)).await.unwrap(), Receipt::Stale);
    t.commit(plan(Demand::None)).await;
    assert_eq!(t.try_commit(plan(Demand::None)).await.unwrap(), Receipt::Stale);
    t.commit(plan(Demand::Open)).await;
    let groups = ["group".to_owned(), "other".to_owned()];
    let open = batch::open_groups(&mut *t.read().await, t.env, &groups, NOW)
        .await
        .unwrap();
    assert_eq!(open, ["group"]);
    assert_eq!(
        t.number("SELECT items FROM batches").await,
        1,
        "the first is in none"
    );
}

/// What comes when a window is over goes into the next one, though the batch has not closed yet: else one under steady traffic never would.
async fn what_comes_when_a_window_is_over_opens_the_next(t: &Test) {
    let (first, next): (BatchId, BatchId) = (t.id(), t.id());
    let plan = |demands, opens, at| {
        let mut effect = begun(t, t.id(), "ada");
        effect.joins = vec![join(t, demands, opens)];
        let mut plan = plan_of(t, effect);
        plan.now = at;
        plan
    };
    t.commit(plan(Demand::Nothing, first, NOW)).await;
    let over = NOW + 1_000;
    assert_eq!(
        t.try_commit(plan(Demand::Open, next, over)).await.unwrap(),
        Receipt::Stale
    );
    let groups = ["group".to_owned()];
    let open = batch::open_groups(&mut *t.read().await, t.env, &groups, over)
        .await
        .unwrap();
    assert!(open.is_empty());
    t.commit(plan(Demand::Nothing, next, over)).await;
    for (batch, items) in [(first, 1), (next, 1)] {
        let read = batch::get(&mut *t.read().await, t.env, batch)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(read.items, items);
    }
    t.commit(plan(Demand::Nothing, t.id(), NOW + 500)).await;
    let read = batch::get(&mut *t.read().await, t.env, next)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.items, 2, "the first one takes no more");
}

async fn a_count_moves_on_from_what_was_read(t: &Test) {
    let count = |seen: Option<&str>, becomes: &str| {
        let mut plan = t.plan();
        plan.tallies.push(Tally {
            name: "n".to_owned(),
            seen: seen.map(str::to_owned),
            becomes: Some(becomes.to_owned()),
        });
        plan
    };
    t.commit(count(None, "1")).await;
    assert_eq!(t.try_commit(count(None, "1")).await.unwrap(), Receipt::Stale);
    t.commit(count(Some("1"), "2")).await;
    let read = tally::many(&mut *t.read().await, t.env, &["n".to_owned()])
        .await
        .unwrap();
    assert_eq!(read, [("n".to_owned(), "2".to_owned())]);
}

async fn who_waits_for_an_event_is_found_by_its_name(t: &Test) {
    let mut ids = Vec::new();
    for name in ["paid 7", "paid 8"] {
        let mut effect = begun(t, t.id(), name);
        effect.awaits = Some(Awaits {
            what: name.to_owned(),
            becomes: 0,
        });
        ids.push(effect.run.id);
        t.commit(plan_of(t, effect)).await;
    }
    let waiting = async |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        wait::awaiting(&mut *t.read().await, t.env, &names, "", 10)
            .await
            .unwrap()
    };
    assert_eq!(waiting(&["paid 7", "paid 9"]).await, ids[..1]);
    assert_eq!(waiting(&["paid 7", "paid 8"]).await.len(), 2);
    let read = get(t, ids[0]).await;
    let gone_on = RunEffect {
        run: NewRun {
            id: ids[0],
            ..begun(t, read.event, &read.user).run
        },
        revision: Some(1),
        ..begun(t, read.event, &read.user)
    };
    t.commit(plan_of(t, gone_on)).await;
    assert!(
        waiting(&["paid 7"]).await.is_empty(),
        "who went on waits for it no more"
    );
}

async fn an_event_is_on_its_way_until_its_timer_has_fired(t: &Test) {
    let mut plan = t.plan();
    plan.timers.push(NewTimer {
        id: t.id(),
        kind: TimerKind::Wake,
        subject: "evt".to_owned(),
        state: r#"{"names":["paid 7","paid 8"]}"#.to_owned(),
        due_at: NOW,
    });
    t.commit(plan).await;
    let on_its_way = async |env, name| {
        let mut reader = t.store.read(env).await.unwrap();
        wait::is_on_its_way(&mut reader, env, name).await.unwrap()
    };
    assert!(on_its_way(t.env, "paid 8").await);
    assert!(!on_its_way(t.env, "paid 9").await);
    assert!(!on_its_way(t.another_env().await, "paid 8").await);
    t.execute("DELETE FROM timers").await;
    assert!(!on_its_way(t.env, "paid 8").await);
}

/// A mail that a provider took.
async fn mail(t: &Test, run: RunId) -> NewDelivery {
    let message = NewMessage {
        channel: Channel::Email,
        run,
        workflow: Arc::from("hello"),
        step: Arc::from("mail"),
        user: Some("ada".to_owned()),
        tenant: None,
        recipient: Some("ada@example.com".to_owned()),
        config: None,
        content: Arc::from("{}"),
    };
    let delivery = NewDelivery {
        id: t.id(),
        env: t.env,
        app: t.id(),
        destination: DestinationId::of(&run),
        event: t.id(),
        cause: Cause::Published,
        message: Some(Box::new(message)),
        skipped: None,
        lease: None,
        created_at: NOW,
    };
    let mut plan = t.plan();
    plan.deliveries.push(delivery.clone());
    t.commit(plan).await;
    let taken = format!(
        "UPDATE deliveries SET state = 3, attempts = 1, finished_at = {NOW}, last_attempt_at = {NOW}"
    );
    t.execute(&taken).await;
    t.execute("UPDATE messages SET provider = 'resend', provider_id = 'mail-1'")
        .await;
    delivery
}

async fn who_waits_for_a_message_is_found_when_it_has_come(t: &Test) {
    let mut effect = begun(t, t.id(), "ada");
    let sent = mail(t, effect.run.id).await;
    effect.awaits = Some(Awaits {
        what: sent.id.bare().to_owned(),
        becomes: Becomes::mask(&[Becomes::Delivered, Becomes::Failed]),
    });
    t.commit(plan_of(t, effect.clone())).await;
    let come = async || {
        let waits = wait::many(&mut t.store.read_all().await.unwrap(), "", 10).await;
        let mut waits = waits.unwrap();
        waits.retain(|wait| wait.is_over);
        waits
    };
    assert!(come().await.is_empty(), "it is sent, not delivered");
    let mut tx = t.write().await;
    let (place, states) = (
        (sent.destination, sent.id),
        (DeliveryState::Sent, DeliveryState::Delivered),
    );
    assert!(delivery::moved(&mut tx, place, states, None).await.unwrap());
    assert!(
        !delivery::moved(&mut tx, place, states, None).await.unwrap(),
        "it stands otherwise by now"
    );
    tx.commit().await.unwrap();
    let found = come().await;
    assert_eq!(
        (found.len(), found[0].run, found[0].env),
        (1, effect.run.id, t.env)
    );
    assert_eq!(
        t.number("SELECT count(*) FROM attempts").await,
        1,
        "the attempt keeps what it was"
    );
}

async fn what_is_called_off_waits_no_more(t: &Test) {
    let mut effect = begun(t, t.id(), "ada");
    effect.awaits = Some(Awaits {
        what: "paid".to_owned(),
        becomes: 0,
    });
    t.commit(plan_of(t, effect.clone())).await;
    let off = |users| call_off::Off {
        workflow: "hello",
        cancellation_key: "key",
        app: "",
        users,
    };
    let mut tx = t.write().await;
    let others = ["bob".to_owned()];
    let slice = |cancelled| call_off::Slice {
        cancelled,
        next: None,
    };
    assert_eq!(
        call_off::waiting(&mut tx, off(&others), "", NOW).await.unwrap(),
        slice(0)
    );
    assert_eq!(
        call_off::waiting(&mut tx, off(&[]), "", NOW).await.unwrap(),
        slice(1)
    );
    assert_eq!(
        call_off::batched(&mut tx, off(&[]), "", NOW).await.unwrap(),
        slice(0)
    );
    tx.commit().await.unwrap();
    assert_eq!(get(t, effect.run.id).await.status, RunStatus::Cancelled);
    let names = ["paid".to_owned()];
    assert!(
        wait::awaiting(&mut *t.read().await, t.env, &names, "", 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_callback_counts_once(t: &Test) {
    let sent = mail(t, t.id()).await;
    let found = message::carried(&mut *t.read().await, t.env, "resend", "mail-1")
        .await
        .unwrap();
    assert_eq!(found.unwrap().delivery, sent.id);
    for (provider, id) in [("house", "mail-1"), ("resend", "mail-2")] {
        assert!(
            message::carried(&mut *t.read().await, t.env, provider, id)
                .await
                .unwrap()
                .is_none()
        );
    }
    let mut tx = t.write().await;
    for (id, aftermath, detail, is_new) in [
        ("msg_1", Aftermath::Delivered, None, true),
        ("msg_1", Aftermath::Delivered, None, false),
        ("msg_2", Aftermath::Bounced, Some("no such user"), true),
    ] {
        let noted = callback::insert(&mut tx, sent.id, (id, aftermath, detail), NOW).await;
        assert_eq!(noted.unwrap(), is_new, "{id}");
    }
    tx.commit().await.unwrap();
    let told = callback::of(&mut *t.read().await, t.env, sent.id).await.unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[1].aftermath.as_str(), told[1].detail.as_deref()),
        ("bounced", Some("no such user"))
    );
}

async fn an_address_is_suppressed_once(t: &Test) {
    let mut tx = t.write().await;
    let mail = Channel::Email;
    assert!(
        suppression::put(
            &mut tx,
            mail,
            "Ada@Example.com",
            Suppressed::Bounced,
            Some(t.id()),
            NOW
        )
        .await
        .unwrap()
    );
    let again = suppression::put(
        &mut tx,
        mail,
        "ada@example.com",
        Suppressed::Manual,
        None,
        NOW + DAY,
    )
    .await;
    assert!(!again.unwrap(), "it stays so for the reason it was");
    assert!(
        suppression::put(
            &mut tx,
            Channel::Sms,
            "ada@example.com",
            Suppressed::Manual,
            None,
            NOW
        )
        .await
        .unwrap()
    );
    assert!(
        suppression::put(&mut tx, mail, "bob@example.com", Suppressed::Manual, None, NOW)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let mut reader = t.read().await;
    let found = suppression::get(&mut reader, t.env, mail, "ADA@example.com")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.address.as_str(), found.why.as_str(), found.created_at),
        ("ada@example.com", "bounced", NOW)
    );
    let asked = ["ada@example.com".to_owned(), "eve@example.com".to_owned()];
    assert_eq!(
        suppression::among(&mut reader, t.env, mail, &asked)
            .await
            .unwrap(),
        asked[..1]
    );
    let all = suppression::list(&mut reader, t.env, mail, &page(10))
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
    let rest = suppression::list(&mut reader, t.env, mail, &after(10, "ada@example.com"))
        .await
        .unwrap();
    assert_eq!(rest[0].address, "bob@example.com");
    drop(reader);
    let mut tx = t.write().await;
    assert!(
        suppression::delete(&mut tx, mail, "Ada@example.com")
            .await
            .unwrap()
    );
    assert!(
        !suppression::delete(&mut tx, mail, "ada@example.com")
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}
