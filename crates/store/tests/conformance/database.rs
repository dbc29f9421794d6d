//! A fresh database of either kind, and the few words that every case needs.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::delivery::{Attempt, Cause, Completion, HealthEffect, Lease, NewDelivery, Owner, Verdict};
use domain::effects::{Claim, Effects, Receipt, Shown, Written};
use domain::environment::{Env, Settings};
use domain::event::{Event, Outside};
use domain::event_type::Visibility;
use domain::feed::{FeedEffect, NewState};
use domain::id::{AppId, DeliveryId, DestinationId, EndpointId, EventId, Ids, Ksuid};
use domain::notification::{Notification, Priority};
use parking_lot::Mutex;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use store::{Change, Error, Page, Reader, Settled, Store, Synchronous, Tx};
use tokio::sync::oneshot;

/// Connections that read.
pub(crate) const READERS: u32 = 4;
/// The instant every case begins at.
pub(crate) const NOW: i64 = 1_750_000_000_000;
/// One day.
pub(crate) const DAY: i64 = 86_400_000;

/// Where the data of one case lives; gone when dropped.
pub(crate) enum Place {
    Directory(tempfile::TempDir),
    Database { server: String, name: String },
}

/// One case's database with one environment in it.
pub(crate) struct Test {
    pub(crate) store: Store,
    pub(crate) env: Env,
    pub(crate) place: Place,
    ids: Mutex<Ids>,
}

/// A database that orders text as people of some country do: whatever is compared must say how.
const LANGUAGE: &str = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";

static DATABASES: AtomicU32 = AtomicU32::new(0);

fn server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the test server is comes from whoever runs the tests"
    )]
    let server = std::env::var("CAMPANILE_TEST_POSTGRES");
    server.expect(
        "CAMPANILE_TEST_POSTGRES names the PostgreSQL server to test on; scripts/with-postgres.sh starts one",
    )
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Directory(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) async fn postgres() -> Self {
        let server = server();
        let name = format!(
            "store_{}_{}",
            std::process::id(),
            DATABASES.fetch_add(1, Ordering::Relaxed)
        );
        let mut admin = PgConnection::connect(&server).await.expect("the test server");
        for sql in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} {LANGUAGE}"),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut admin)
                .await
                .expect("a database");
        }
        admin.close().await.expect("closed");
        Self::Database { server, name }
    }

    /// Options of a connection of one's own.
    pub(crate) fn options(&self) -> PgConnectOptions {
        match self {
            Self::Directory(_) => panic!("not PostgreSQL"),
            Self::Database { server, name } => {
                PgConnectOptions::from_str(server).expect("a URL").database(name)
            }
        }
    }

    pub(crate) fn settings(&self) -> store::Settings {
        let (url, directory) = match self {
            Self::Directory(directory) => (None, directory.path().to_owned()),
            Self::Database { .. } => (
                Some(self.options().to_url_lossy().to_string()),
                "/nonexistent".into(),
            ),
        };
        store::Settings {
            url,
            directory,
            readers: READERS,
            synchronous: Synchronous::Normal,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else {
            return;
        };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let server = server.clone();
        let drop = async move {
            let mut admin = PgConnection::connect(&server).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await
        };
        let dropped = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(drop)
        });
        if !matches!(dropped.join(), Ok(Ok(_))) {
            eprintln!("the database {name} could not be dropped");
        }
    }
}

impl Test {
    pub(crate) async fn sqlite() -> Self {
        Self::start(Place::sqlite()).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::start(Place::postgres().await).await
    }

    async fn start(place: Place) -> Self {
        let store = Store::open(&place.settings()).await.expect("opens");
        Self::over(store, place).await
    }

    /// Makes the first environment.
    pub(crate) async fn over(store: Store, place: Place) -> Self {
        let mut ids = Ids::new(NOW, 7);
        let mut tx = store.change_all().await.expect("a transaction");
        let id = ids.fresh();
        let made =
            store::environment::insert(&mut tx, id, "default", &Settings::default(), b"secret", NOW).await;
        assert!(made.expect("writes"));
        tx.commit().await.expect("commits");
        Self {
            store,
            env: Env(1),
            place,
            ids: Mutex::new(ids),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Database { .. })
    }

    /// The next id.
    pub(crate) fn id<T: From<Ksuid>>(&self) -> T {
        self.ids.lock().fresh()
    }

    /// An id of another instant.
    pub(crate) fn id_at<T: From<Ksuid>>(&self, at: i64) -> T {
        let seed: EventId = self.id();
        let seed = seed
            .to_string()
            .bytes()
            .fold(0u128, |seed, byte| seed.wrapping_mul(131) + u128::from(byte));
        Ids::new(at, seed).fresh()
    }

    pub(crate) async fn read(&self) -> Reader {
        self.store.read(self.env).await.expect("a snapshot")
    }

    /// Waits until a position is below every transaction that still runs: on `PostgreSQL` those of the whole server count.
    pub(crate) async fn settle(&self, position: i64) {
        for _ in 0..2_000 {
            if store::event::bounds(&mut *self.read().await, self.env)
                .await
                .expect("bounds")
                .head
                .commit
                >= position
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a transaction runs for ever");
    }

    pub(crate) async fn write(&self) -> Tx {
        self.store.write(self.env).await.expect("a transaction")
    }

    pub(crate) async fn change(&self) -> Change {
        self.store.change(self.env).await.expect("a transaction")
    }

    /// A connection past the store, as the server's own administrator.
    pub(crate) async fn raw(&self) -> PgConnection {
        self.place.options().connect().await.expect("a connection")
    }

    /// One number, read by plain SQL.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Place::Directory(directory) = &self.place {
            let options =
                sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("campanile.db"));
            let mut connection = options.connect().await.expect("opens");
            sqlx::query_scalar(sql)
                .fetch_one(&mut connection)
                .await
                .expect("a number")
        } else {
            sqlx::query_scalar(sql)
                .fetch_one(&mut self.raw().await)
                .await
                .expect("a number")
        }
    }

    /// Runs plain SQL.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Place::Directory(directory) = &self.place {
            let options =
                sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("campanile.db"));
            let mut connection = options.connect().await.expect("opens");
            sqlx::raw_sql(sql).execute(&mut connection).await.expect("done");
        } else {
            sqlx::raw_sql(sql)
                .execute(&mut self.raw().await)
                .await
                .expect("done");
        }
    }

    /// Commits a plan and waits for its receipt.
    pub(crate) async fn try_commit(&self, plan: Effects) -> Result<Receipt, Error> {
        self.queue(plan).await.expect("an answer")
    }

    /// Queues a plan.
    pub(crate) fn queue(&self, plan: Effects) -> oneshot::Receiver<Result<Receipt, Error>> {
        let (told, answer) = oneshot::channel();
        self.store.commit(
            Box::new(plan),
            Box::new(move |_, receipt| drop(told.send(receipt))),
        );
        answer
    }

    /// Commits a plan that must be written.
    pub(crate) async fn commit(&self, plan: Effects) -> Written {
        match self.try_commit(plan).await {
            Ok(Receipt::Written(written)) => written,
            other => panic!("not written: {other:?}"),
        }
    }

    pub(crate) async fn try_complete(&self, completion: Completion) -> Result<Settled, Error> {
        let (told, answer) = oneshot::channel();
        self.store
            .complete(
                Box::new(completion),
                Box::new(move |settled| drop(told.send(settled))),
            )
            .await;
        answer.await.expect("an answer")
    }

    pub(crate) async fn complete(&self, completion: Completion) -> Settled {
        self.try_complete(completion).await.expect("settled")
    }

    pub(crate) fn plan(&self) -> Effects {
        Effects::new(self.env, NOW)
    }

    /// A plan that publishes an event.
    pub(crate) fn publish(&self, app: AppId) -> Effects {
        let mut plan = self.plan();
        plan.events.push(self.event(app));
        plan
    }

    /// Publishes an event without deliveries.
    pub(crate) async fn commit_event(&self, app: AppId) -> EventId {
        let plan = self.publish(app);
        let id = plan.events[0].id;
        self.commit(plan).await;
        id
    }

    pub(crate) fn event(&self, app: AppId) -> Event {
        Event {
            id: self.id(),
            env: self.env,
            app,
            kind: Arc::from("observation.captured"),
            category: Some(Arc::from("observation")),
            entity: None,
            tenant: None,
            users: Vec::new(),
            data: Arc::from("{}"),
            outside: Outside {
                kind: None,
                version: Arc::from("2025-01-01"),
                data: None,
            },
            visibility: Visibility::App,
            external_id: None,
            occurred_at: NOW,
            created_at: NOW,
        }
    }

    pub(crate) fn delivery(
        &self,
        app: AppId,
        event: EventId,
        endpoint: EndpointId,
        lease: Option<Lease>,
    ) -> NewDelivery {
        NewDelivery {
            id: self.id(),
            env: self.env,
            app,
            destination: DestinationId::of(&endpoint),
            message: None,
            skipped: None,
            event,
            cause: Cause::Published,
            lease,
            created_at: NOW,
        }
    }

    /// Publishes an event to one endpoint; its delivery is pending, or leased.
    pub(crate) async fn deliver(
        &self,
        app: AppId,
        endpoint: EndpointId,
        lease: Option<Lease>,
    ) -> (EventId, DeliveryId) {
        let mut plan = self.publish(app);
        let event = plan.events[0].id;
        let delivery = self.delivery(app, event, endpoint, lease);
        let id = delivery.id;
        plan.deliveries.push(delivery);
        self.commit(plan).await;
        (event, id)
    }

    #[expect(clippy::unused_self, reason = "reads as its sisters do")]
    pub(crate) fn claim(&self, key: &str, answer: &str) -> Claim {
        Claim {
            scope: "event".into(),
            key: key.into(),
            hash: [1; 32],
            answer: answer.into(),
            expires_at: NOW + DAY,
        }
    }

    pub(crate) fn notification(&self, app: AppId, tenant: Option<&str>) -> Notification {
        Notification {
            id: self.id(),
            env: self.env,
            app,
            tenant: tenant.map(str::to_owned),
            event: Some("report.ready".into()),
            event_id: Some(self.id()),
            title: "Your report is ready".into(),
            body: Some("Open it".into()),
            link: Some("/reports/1".into()),
            actions: Some(Arc::from(r#"[{"id":"open","label":"Open"}]"#)),
            priority: Priority::High,
            metadata: Some(Arc::from(r#"{"a":1}"#)),
            external_id: Some("x-1".into()),
            expires_at: None,
            created_at: NOW,
        }
    }

    /// A plan that shows a notification to users.
    pub(crate) fn show(&self, content: Notification, users: &[&str], now: i64) -> Effects {
        let mut plan = Effects::new(self.env, now);
        plan.feed = users
            .iter()
            .map(|user| FeedEffect::Arrive(self.state(&content, user, now)))
            .collect();
        plan.shown.push(Shown {
            content: Arc::new(content),
            new: true,
            app: (None, "Reports".into()),
        });
        plan
    }

    pub(crate) fn state(&self, content: &Notification, user: &str, now: i64) -> NewState {
        NewState {
            user: user.to_owned(),
            notification: content.id,
            delivery: self.id(),
            app: content.app,
            tenant: content.tenant.clone(),
            priority: content.priority,
            expires_at: content.expires_at,
            created_at: now,
        }
    }

    /// A second environment.
    pub(crate) async fn another_env(&self) -> Env {
        let mut tx = self.store.change_all().await.expect("a transaction");
        let made = store::environment::insert(
            &mut tx,
            self.id(),
            "another",
            &Settings::default(),
            b"secret",
            NOW,
        )
        .await;
        assert!(made.expect("writes"));
        tx.commit().await.expect("commits");
        Env(2)
    }

    pub(crate) async fn end(self) {
        self.store.close().await;
    }
}

/// An attempt's outcome.
pub(crate) fn completion(
    t: &Test,
    endpoint: EndpointId,
    delivery: DeliveryId,
    lease: Lease,
    (attempts, verdict): (i32, Verdict),
) -> Completion {
    let sent = verdict == Verdict::Sent;
    Completion {
        delivery,
        env: t.env,
        destination: DestinationId::of(&endpoint),
        carried: None,
        lease,
        attempts,
        attempt: Some(Attempt {
            id: t.id(),
            number: attempts,
            started_at: NOW + 10,
            duration_ms: 5,
            status_code: Some(if sent { 200 } else { 500 }),
            response: Some("body".into()),
            error: (!sent).then(|| "answered 500".into()),
            unknown: false,
        }),
        verdict,
        reason: None,
        log_attempt: !(sent && attempts == 1),
        health: if sent {
            HealthEffect::Success
        } else {
            HealthEffect::Failure
        },
        at: NOW + 15,
    }
}

pub(crate) fn lease(owner: i64, fence: i64) -> Lease {
    Lease {
        owner: Owner(owner),
        fence,
    }
}

pub(crate) fn page(limit: i64) -> Page {
    Page { limit, after: None }
}

pub(crate) fn after(limit: i64, after: impl Into<String>) -> Page {
    Page {
        limit,
        after: Some(after.into()),
    }
}

/// Runs every case on both databases.
macro_rules! on_both {
    (#[ignore = $why:literal] $($case:ident),* $(,)?) => { crate::database::on_both! { @ [#[ignore = $why]] $($case),* } };
    ($($case:ident),* $(,)?) => { crate::database::on_both! { @ [] $($case),* } };
    (@ $attribute:tt $($case:ident),*) => {
        mod sqlite {
            $(crate::database::on_both! { @case sqlite $attribute $case })*
        }
        mod postgres {
            $(crate::database::on_both! { @case postgres $attribute $case })*
        }
    };
    (@case $database:ident [$(#[$attribute:meta])?] $case:ident) => {
        $(#[$attribute])?
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let test = crate::database::Test::$database().await;
            super::$case(&test).await;
            test.end().await;
        }
    };
}
pub(crate) use on_both;
