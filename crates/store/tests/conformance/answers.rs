//! What receivers answered: kept once, and found wherever it is.

use domain::delivery::{Completion, Lease, Verdict};
use domain::id::{AttemptId, DeliveryId, DestinationId, EndpointId, Prefixed};
use store::Store;
use store::delivery::{self, Filter, LoggedAttempt};

use crate::database::{NOW, Test, completion, on_both, page};
use crate::delivery::{claim, get, rescue};

on_both!(
    an_answer_is_kept_once,
    the_last_answer_outlives_an_attempt_of_unknown_outcome,
    an_attempt_without_an_answer_shows_none,
    an_answer_is_kept_once_when_it_is_sent_again,
    a_long_answer_comes_back_whole_and_takes_little,
    an_answer_that_is_spoilt_hides_no_other,
    answers_of_a_database_from_before_some_were_packed_stay,
    what_a_node_of_the_version_before_answers_is_shown,
);

struct Tried<'a> {
    t: &'a Test,
    endpoint: EndpointId,
    id: DeliveryId,
}

impl Tried<'_> {
    async fn new(t: &Test) -> Tried<'_> {
        let endpoint = t.id();
        let (_, id) = t.deliver(t.id(), endpoint, None).await;
        Tried { t, endpoint, id }
    }

    async fn lease(&self, owner: i64, now: i64) -> Lease {
        claim(self.t, self.endpoint, owner, 1, now).await[0].lease
    }

    /// One attempt, answered or not.
    async fn answered(&self, number: i32, verdict: Verdict, answer: Option<&str>, now: i64) {
        let lease = self.lease(7, now).await;
        let mut completion = completion(self.t, self.endpoint, self.id, lease, (number, verdict));
        let attempt = completion.attempt.as_mut().expect("an attempt");
        attempt.response = answer.map(Into::into);
        if answer.is_none() {
            attempt.status_code = None;
        }
        self.complete(completion).await;
    }

    async fn complete(&self, completion: Completion) {
        assert!(self.t.complete(completion).await.applied);
    }

    /// The last status and answer, the same by itself and in the log.
    async fn last(&self) -> (Option<i64>, Option<String>) {
        let one = get(self.t, self.endpoint, self.id).await;
        let log = delivery::list(
            &mut *self.t.read().await,
            self.t.env,
            self.endpoint,
            &Filter::default(),
            &page(10),
        )
        .await
        .unwrap();
        assert_eq!((log[0].id, &log[0].response), (self.id, &one.response));
        (one.status_code, one.response)
    }

    /// The attempts that have rows.
    async fn attempts(&self) -> Vec<LoggedAttempt> {
        delivery::attempts(&mut *self.t.read().await, self.t.env, self.id)
            .await
            .unwrap()
    }

    /// Asks for it to be sent again.
    async fn retry(&self) {
        let mut tx = self.t.write().await;
        assert!(
            delivery::retry(&mut tx, DestinationId::of(&self.endpoint), self.id, NOW)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
    }

    /// How often an answer stands in the database.
    async fn kept(&self) -> i64 {
        let id = self.id.bare();
        self.t
            .number(&format!(
                "SELECT (SELECT count(*) FROM deliveries WHERE id = '{id}' AND (response IS NOT NULL OR packed IS NOT NULL))
                   + (SELECT count(*) FROM attempts WHERE delivery = '{id}' AND (response IS NOT NULL OR packed IS NOT NULL))"
            ))
            .await
    }
}

fn answer(status: i64, body: &str) -> (Option<i64>, Option<String>) {
    (Some(status), Some(body.to_owned()))
}

async fn an_answer_is_kept_once(t: &Test) {
    let sent = Tried::new(t).await;
    sent.answered(1, Verdict::Sent, Some("thanks"), NOW).await;
    assert_eq!((sent.last().await, sent.kept().await), (answer(200, "thanks"), 1));

    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Retry(NOW), Some("busy"), NOW).await;
    assert_eq!((tried.last().await, tried.kept().await), (answer(500, "busy"), 1));
    tried.answered(2, Verdict::Sent, Some("at last"), NOW + 1).await;
    assert_eq!(
        (tried.last().await, tried.kept().await),
        (answer(200, "at last"), 2)
    );
    let attempts = tried.attempts().await;
    let answers: Vec<_> = attempts.iter().map(|one| one.response.as_deref()).collect();
    assert_eq!(answers, [Some("busy"), Some("at last")]);
}

async fn the_last_answer_outlives_an_attempt_of_unknown_outcome(t: &Test) {
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Retry(NOW), Some("busy"), NOW).await;
    tried.lease(9, NOW + 1).await;
    assert_eq!(rescue(t, NOW + 2).await, 1);
    assert_eq!(get(t, tried.endpoint, tried.id).await.attempts, 2);
    assert_eq!(tried.last().await, answer(500, "busy"));
}

async fn an_attempt_without_an_answer_shows_none(t: &Test) {
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Retry(NOW), Some("busy"), NOW).await;
    tried.answered(2, Verdict::Retry(NOW), None, NOW + 1).await;
    assert_eq!(tried.last().await, (None, None));
    tried
        .answered(3, Verdict::Retry(NOW), Some("busy"), NOW + 2)
        .await;
    let lease = tried.lease(7, NOW + 3).await;
    let mut empty = completion(t, tried.endpoint, tried.id, lease, (4, Verdict::Retry(NOW)));
    empty.attempt.as_mut().expect("an attempt").response = None;
    tried.complete(empty).await;
    assert_eq!(tried.last().await, (Some(500), None));
}

async fn an_answer_is_kept_once_when_it_is_sent_again(t: &Test) {
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Sent, Some("thanks"), NOW).await;
    tried.retry().await;
    assert_eq!(
        (tried.last().await, tried.kept().await),
        (answer(200, "thanks"), 1)
    );
    tried.answered(2, Verdict::Sent, Some("again"), NOW + 1).await;
    assert_eq!(
        (tried.last().await, tried.kept().await),
        (answer(200, "again"), 2)
    );
}

async fn a_long_answer_comes_back_whole_and_takes_little(t: &Test) {
    let page = "<li>überlastet</li>\n".repeat(800);
    let sent = Tried::new(t).await;
    sent.answered(1, Verdict::Sent, Some(&page), NOW).await;
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Retry(NOW), Some(&page), NOW).await;
    assert_eq!((sent.last().await, sent.kept().await), (answer(200, &page), 1));
    assert_eq!((tried.last().await, tried.kept().await), (answer(500, &page), 1));
    let attempts = tried.attempts().await;
    assert_eq!(attempts[0].response.as_ref(), Some(&page));
    for table in ["deliveries", "attempts"] {
        let bytes = t
            .number(&format!(
                "SELECT CAST(max(length(packed)) AS BIGINT) FROM {table}"
            ))
            .await;
        assert!(bytes < 1_000, "{bytes} in {table}");
    }
    // A short one takes its place, and it goes with its attempt when it is sent again.
    tried.answered(2, Verdict::Sent, Some("thanks"), NOW + 1).await;
    assert_eq!(tried.last().await, answer(200, "thanks"));
    sent.retry().await;
    assert_eq!((sent.last().await, sent.kept().await), (answer(200, &page), 1));
}

async fn an_answer_that_is_spoilt_hides_no_other(t: &Test) {
    let page = "<li>out of order</li>\n".repeat(100);
    let tried = Tried::new(t).await;
    for number in 1..=2 {
        tried
            .answered(number, Verdict::Retry(NOW), Some(&page), NOW)
            .await;
    }
    let bytes = if t.is_postgres() { r"'\x0102'" } else { "x'0102'" };
    let spoil = async |number: i32| {
        let id = tried.id.bare();
        t.execute(&format!(
            "UPDATE attempts SET packed = {bytes} WHERE delivery = '{id}' AND number = {number}"
        ))
        .await;
        let attempts = tried.attempts().await;
        let answers: Vec<_> = attempts.iter().map(|one| one.response.is_some()).collect();
        (answers, tried.last().await)
    };
    assert_eq!(spoil(1).await, (vec![false, true], answer(500, &page)));
    assert_eq!(spoil(2).await, (vec![false, false], (Some(500), None)));
}

/// The database is brought back to what the first migration makes, then opened by the program of today.
async fn answers_of_a_database_from_before_some_were_packed_stay(t: &Test) {
    let sent = Tried::new(t).await;
    sent.answered(1, Verdict::Sent, Some("größer"), NOW).await;
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Retry(NOW), Some(""), NOW).await;
    let silent = Tried::new(t).await;
    silent.answered(1, Verdict::Retry(NOW), None, NOW).await;
    for table in ["deliveries", "attempts"] {
        t.execute(&format!("ALTER TABLE {table} DROP COLUMN packed"))
            .await;
    }
    let long = "<li>größer</li>\n".repeat(100);
    t.execute(&format!(
        "UPDATE attempts SET response = '{long}' WHERE delivery = '{}'",
        tried.id.bare()
    ))
    .await;
    t.execute("DELETE FROM _sqlx_migrations WHERE version = 2").await;

    let again = Store::open(&t.place.settings()).await.expect("migrates");
    assert_eq!(sent.last().await, answer(200, "größer"));
    assert_eq!(tried.last().await, answer(500, &long));
    assert_eq!(silent.last().await, (None, None));
    let page = "<li>out of order</li>\n".repeat(100);
    tried.answered(2, Verdict::Sent, Some(&page), NOW + 1).await;
    assert_eq!(tried.last().await, answer(200, &page));
    again.close().await;
}

/// A node that does not know the column leaves what is there, and writes beside it.
async fn what_a_node_of_the_version_before_answers_is_shown(t: &Test) {
    let page = "<li>out of order</li>\n".repeat(100);
    let tried = Tried::new(t).await;
    tried.answered(1, Verdict::Sent, Some(&page), NOW).await;
    let stale = t
        .number(&format!(
            "SELECT count(*) FROM deliveries WHERE id = '{}' AND packed IS NOT NULL",
            tried.id.bare()
        ))
        .await;
    assert_eq!(stale, 1);
    t.execute(&format!(
        "INSERT INTO attempts (delivery, number, id, environment, started_at, duration_ms, outcome, status_code, response)
         SELECT id, 2, '{}', environment, 0, 0, 'sent', 200, 'again' FROM deliveries WHERE id = '{}'",
        t.id::<AttemptId>().bare(),
        tried.id.bare()
    ))
    .await;
    t.execute(&format!(
        "UPDATE deliveries SET attempts = 2 WHERE id = '{}'",
        tried.id.bare()
    ))
    .await;
    assert_eq!(tried.last().await, answer(200, "again"));
}
