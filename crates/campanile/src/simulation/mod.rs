//! Simulations: a script played by the engine itself, in a database that is thrown away, with a clock that is turned and a world that is pretended.

mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use api::Api;
use app::ctx::random;
use app::simulation::{Script, Simulate};
use app::{Clock, Ctx, Error, Limits};
use axum::Router;
use axum::body::Body;
use channels::people::Clients;
use domain::duration::Span;
use domain::text::Fault;
use domain::time::parse_rfc3339;
use engine::{Engine, Pretend};
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::json::list;
use crate::path::segment;
use told::Told;

type Result<T> = std::result::Result<T, Error>;

/// How long a simulation is watched where its script does not say.
const LASTS: i64 = 30 * 86_400_000;
/// The longest that one can be watched.
const LONGEST: i64 = 400 * 86_400_000;
/// Moments at which something is due, at most: what goes round for ever ends here.
const MOMENTS: usize = 5_000;
/// Time that one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Simulations at the same time.
const TOGETHER: usize = 2;
/// The application in whose name its events are published.
const APP: &str = "simulation";

/// Plays scripts, a few at a time.
#[derive(Debug)]
pub(crate) struct Simulator {
    /// Where databases are kept while a script is played.
    directory: PathBuf,
    limits: Limits,
    client: egress::Client,
    turns: Semaphore,
}

impl Simulator {
    /// One that keeps its databases in a directory, and promises what this server promises.
    pub(crate) fn new(directory: PathBuf, limits: Limits, client: egress::Client) -> Self {
        Self {
            directory,
            limits,
            client,
            turns: Semaphore::new(TOGETHER),
        }
    }

    async fn play(&self, script: Script) -> Result<Value> {
        script.check()?;
        let Ok(_turn) = self.turns.acquire().await else {
            return Err(Error::Unavailable("the server is stopping".into()));
        };
        let directory = tempfile::Builder::new()
            .prefix("simulation-")
            .tempdir_in(&self.directory)
            .map_err(|error| Error::Internal(format!("a simulation has no place: {error}")))?;
        let world = World::make(self, directory.path(), &script).await?;
        let played = tokio::time::timeout(PATIENCE, world.play(&script)).await;
        world.end().await;
        played.unwrap_or_else(|_| {
            let seconds = PATIENCE.as_secs();
            Err(Error::invalid(
                "",
                "endless",
                format!("it does not end within {seconds} seconds"),
            ))
        })
    }
}

impl Simulate for Simulator {
    fn simulate(&self, script: Script) -> BoxFuture<'_, Result<Value>> {
        Box::pin(self.play(script))
    }
}

/// A server without a socket, with a clock of its own.
struct World {
    ctx: Arc<Ctx>,
    engine: Arc<Engine>,
    router: Router,
    hand: Arc<AtomicI64>,
    key: HeaderValue,
    stopping: CancellationToken,
    began: i64,
}

impl World {
    async fn make(simulator: &Simulator, directory: &std::path::Path, script: &Script) -> Result<Self> {
        let began = match &script.from {
            None => Clock::System.now(),
            Some(text) => parse_rfc3339(text).ok_or_else(|| {
                Error::invalid("/from", "format", "must be a time, such as 2026-03-02T09:00:00Z")
            })?,
        };
        let store = store::Store::open(&store::Settings {
            url: None,
            directory: directory.to_owned(),
            readers: 2,
            synchronous: store::Synchronous::Normal,
        })
        .await?;
        let hand = Arc::new(AtomicI64::new(began));
        let mut limits = simulator.limits.clone();
        // However long it is watched, what happened first is told as well.
        limits.environment.retention = domain::environment::Retention {
            events: 0,
            notifications: 0,
            deliveries: 0,
            audit: 0,
        };
        let ctx = Ctx::new(
            store,
            Clock::Turned(Arc::clone(&hand)),
            app::cipher::Cipher::new(&random()),
            Clients::same(&simulator.client),
            limits,
        );
        let env = ctx.ensure_default().await?;
        let key = format!("sk_{:032x}", u128::from_be_bytes(random()));
        ctx.ensure_key(env, &key).await?;
        let stopping = CancellationToken::new();
        let settings = engine::Settings {
            deadline: Duration::from_secs(15),
            lease: Duration::from_mins(1),
            disable_after: i64::MAX,
            user_agent: HeaderValue::from_static("Campanile"),
            node: APP.to_owned(),
            pretend: Some(Pretend {
                found: script.found.clone(),
                failing_attempts: script.failing_attempts,
            }),
        };
        let engine = Engine::start(
            Arc::clone(&ctx),
            simulator.client.clone(),
            settings,
            stopping.clone(),
        )
        .await?;
        let api = Api::new(Arc::clone(&ctx), api::Settings::default(), stopping.clone());
        let key = HeaderValue::from_str(&format!("Bearer {key}"));
        Ok(Self {
            router: api::router(api),
            key: key.map_err(|error| Error::Internal(error.to_string()))?,
            ctx,
            engine,
            hand,
            stopping,
            began,
        })
    }

    async fn end(self) {
        self.stopping.cancel();
        self.engine.stop(Duration::from_secs(1)).await;
        self.ctx.store.close().await;
    }

    async fn play(&self, script: &Script) -> Result<Value> {
        self.furnish(script).await?;
        let until = self.began + script.lasts.map_or(LASTS, Span::ms).min(LONGEST);
        let events = happenings(script)?;
        let mut told = Told::default();
        for (after, index, body) in events {
            let at = self.began + after;
            if at > until {
                break;
            }
            self.pass_until(at).await?;
            told.follow.extend(self.happen(index, body).await?);
        }
        self.pass_until(until).await?;
        self.tell(&mut told).await?;
        Ok(told.answer(self.began, until))
    }

    /// Puts everything and everybody there.
    async fn furnish(&self, script: &Script) -> Result<()> {
        let mut documents = script.resources.clone();
        for document in documents
            .iter_mut()
            .filter(|document| document["kind"] == "environment")
        {
            // Everybody lets the application reach them, which is another one here; and nothing of it is forgotten.
            document["require_installation"] = json!(false);
            document["retention"] = json!({"events": 0, "notifications": 0, "deliveries": 0, "audit": 0});
        }
        for document in documents
            .iter_mut()
            .filter(|document| document["kind"] == "channel")
        {
            pretend_channel(document);
        }
        self.call(Method::PUT, "/resources", &json!({"resources": documents}), "")
            .await?;
        let mut preferred_in = Vec::new();
        for (index, user) in script.users.iter().enumerate() {
            let at = format!("/users/{index}");
            let (id, mut fields) = named(user, &at)?;
            let preferences = fields.remove("preferences");
            let address = fields.get("email").and_then(Value::as_str).map(str::to_owned);
            let suppressed = fields
                .remove("suppressed")
                .and_then(|suppressed| suppressed.as_bool());
            preferred_in.extend(
                fields
                    .remove("preferences_in")
                    .map(|preferences| (at.clone(), id.clone(), preferences)),
            );
            let path = format!("/users/{}", segment(&id));
            self.call(Method::PUT, &path, &Value::Object(fields), &at).await?;
            if let Some(preferences) = preferences {
                let path = format!("{path}/preferences");
                self.call(Method::PUT, &path, &preferences, &format!("{at}/preferences"))
                    .await?;
            }
            if let Some(address) = address.filter(|_| suppressed == Some(true)) {
                let path = format!("/channels/email/suppressions/{}", segment(&address));
                self.call(Method::PUT, &path, &Value::Null, &format!("{at}/suppressed"))
                    .await?;
            }
        }
        for (index, tenant) in script.tenants.iter().enumerate() {
            self.tenant(&format!("/tenants/{index}"), tenant).await?;
        }
        for (at, user, preferences) in preferred_in {
            for (tenant, preferences) in preferences.as_object().into_iter().flatten() {
                let path = format!("/users/{}/preferences?tenant={}", segment(&user), segment(tenant));
                let at = format!("{at}/preferences_in/{tenant}");
                self.call(Method::PUT, &path, preferences, &at).await?;
            }
        }
        for (topic, users) in &script.topics {
            let path = format!("/topics/{}/subscribers", segment(topic));
            self.call(
                Method::POST,
                &path,
                &json!({"users": users}),
                &format!("/topics/{topic}"),
            )
            .await?;
        }
        let app = json!({"uid": APP, "name": "Simulation"});
        self.call(Method::POST, "/apps", &app, "").await.map(drop)
    }

    async fn tenant(&self, at: &str, tenant: &Value) -> Result<()> {
        let (id, mut fields) = named(tenant, at)?;
        let [members, preferences, configs] =
            ["members", "preferences", "configs"].map(|name| fields.remove(name).unwrap_or_default());
        let path = format!("/tenants/{}", segment(&id));
        self.call(Method::PUT, &path, &Value::Object(fields), at).await?;
        for (user, role) in members.as_object().into_iter().flatten() {
            let path = format!("{path}/members/{}", segment(user));
            let at = format!("{at}/members/{user}");
            self.call(Method::PUT, &path, &json!({"role": role}), &at).await?;
        }
        if !preferences.is_null() {
            let path = format!("{path}/preferences");
            self.call(Method::PUT, &path, &preferences, &format!("{at}/preferences"))
                .await?;
        }
        for (index, config) in configs.as_array().into_iter().flatten().enumerate() {
            let path = format!("/notifications/configs?tenant={}", segment(&id));
            self.call(Method::POST, &path, config, &format!("{at}/configs/{index}"))
                .await?;
        }
        Ok(())
    }

    /// Publishes an event, triggers a workflow, or lets somebody mark what they have; answers the event's id.
    async fn happen(&self, index: usize, mut body: Map<String, Value>) -> Result<Option<String>> {
        let at = format!("/events/{index}");
        if let Some(status) = body.remove("mark") {
            self.mark(&at, &status, &body).await?;
            return Ok(None);
        }
        let path = match body.remove("workflow") {
            Some(Value::String(key)) => format!("/workflows/{}/trigger", segment(&key)),
            Some(_) => {
                return Err(Error::invalid(
                    &format!("{at}/workflow"),
                    "shape",
                    "must be a key",
                ));
            }
            None => format!("/apps/{APP}/events"),
        };
        let answer = self.call(Method::POST, &path, &Value::Object(body), &at).await?;
        Ok(answer["event_id"].as_str().map(str::to_owned))
    }

    /// Lets a user mark everything they have.
    async fn mark(&self, at: &str, status: &Value, body: &Map<String, Value>) -> Result<()> {
        let user = body
            .get("user")
            .and_then(Value::as_str)
            .filter(|_| body.len() == 1);
        let Some(user) = user else {
            let detail = "beside `mark` there must be a `user`, and nothing else";
            return Err(Error::invalid(at, "shape", detail));
        };
        let user = segment(user);
        let feed = format!("/users/{user}/notifications?limit=100");
        let feed = self.call(Method::GET, &feed, &Value::Null, at).await?;
        for item in list(&feed, "data") {
            let id = item["id"].as_str().unwrap_or_default();
            let path = format!("/notifications/{id}?user={user}");
            self.call(Method::PATCH, &path, &json!({"status": status}), at)
                .await?;
        }
        Ok(())
    }

    /// Turns the clock from one moment at which something is due to the next, and lets it happen.
    async fn pass_until(&self, until: i64) -> Result<()> {
        for _ in 0..MOMENTS {
            self.engine.come_to_rest().await?;
            let now = self.ctx.now();
            let next = self.engine.next_due().await?.filter(|at| *at <= until);
            self.hand.store(next.unwrap_or(until).max(now), Ordering::SeqCst);
            if next.is_none() {
                return Ok(());
            }
        }
        let detail = format!("more than {MOMENTS} moments at which something is due");
        Err(Error::invalid("", "endless", detail))
    }

    /// Gathers what happened.
    async fn tell(&self, told: &mut Told) -> Result<()> {
        while let Some(event) = told.follow.pop_front() {
            if !told.seen.insert(event.clone()) {
                continue;
            }
            let mut cursor = String::new();
            loop {
                let path = format!("/events/{event}/trace?limit=100{cursor}");
                let trace = self.call(Method::GET, &path, &Value::Null, "").await?;
                if cursor.is_empty() {
                    told.event(&trace);
                }
                for run in list(&trace, "runs").chain(list(&trace, "other_runs")) {
                    told.run(run);
                }
                for delivery in list(&trace, "webhooks").flat_map(|webhook| list(webhook, "deliveries")) {
                    told.webhook(delivery);
                }
                let Some(next) = trace["next_cursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={}", segment(next));
            }
        }
        for id in std::mem::take(&mut told.deliveries) {
            let path = format!("/deliveries/{id}");
            let message = self.call(Method::GET, &path, &Value::Null, "").await?;
            told.message(message);
        }
        for user in std::mem::take(&mut told.users) {
            let path = format!("/users/{}/notifications?limit=100", segment(&user));
            let feed = self.call(Method::GET, &path, &Value::Null, "").await?;
            told.notifications.extend(list(&feed, "data").map(|item| {
                let mut item = item.clone();
                item["user_id"] = json!(user);
                item
            }));
        }
        Ok(())
    }

    /// Calls the API as anybody would; what is wrong is told at this place of the script.
    async fn call(&self, method: Method, path: &str, body: &Value, at: &str) -> Result<Value> {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(AUTHORIZATION, self.key.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(text))
            .map_err(|error| Error::Internal(error.to_string()))?;
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let body = answer.into_body().collect().await;
        let bytes = body
            .map_err(|error| Error::Internal(error.to_string()))?
            .to_bytes();
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(value);
        }
        let detail = value["detail"].as_str().unwrap_or("the server failed").to_owned();
        if status.is_server_error() {
            return Err(Error::Internal(detail));
        }
        let mut faults: Vec<_> = list(&value, "errors")
            .map(|fault| {
                let word = |name: &str| fault[name].as_str().unwrap_or_default();
                Fault::new(format!("{at}{}", word("pointer")), "invalid", word("detail"))
            })
            .collect();
        if faults.is_empty() {
            faults.push(Fault::new(at, "invalid", detail));
        }
        Err(Error::Invalid(faults))
    }
}

/// How long after the beginning an event happens, its place in the script, what it says.
type Happening = (i64, usize, Map<String, Value>);

/// The events of a script in the order in which they happen.
fn happenings(script: &Script) -> Result<Vec<Happening>> {
    let mut events = Vec::new();
    for (index, event) in script.events.iter().enumerate() {
        let at = format!("/events/{index}");
        let Some(mut fields) = event.as_object().cloned() else {
            return Err(Error::invalid(&at, "shape", "must be an object"));
        };
        let after = match fields.remove("after") {
            None => 0,
            Some(after) => serde_json::from_value::<Span>(after)
                .map_err(|error| Error::invalid(&format!("{at}/after"), "shape", error.to_string()))?
                .ms(),
        };
        events.push((after, index, fields));
    }
    events.sort_by_key(|(after, ..)| *after);
    Ok(events)
}

/// An object's id, and the other fields.
fn named(value: &Value, at: &str) -> Result<(String, Map<String, Value>)> {
    let fields = value.as_object().cloned();
    let mut fields = fields.ok_or_else(|| Error::invalid(at, "shape", "must be an object with an `id`"))?;
    match fields.remove("id") {
        Some(Value::String(id)) => Ok((id, fields)),
        _ => Err(Error::invalid(&format!("{at}/id"), "required", "must be a text")),
    }
}

/// A channel whose providers need no secret: none of them is asked.
fn pretend_channel(document: &mut Value) {
    let sandbox = json!([{"name": "simulation", "kind": "sandbox"}]);
    if document["channel"] == "email" {
        document["providers"] = sandbox;
    } else if let Some(fields) = document.as_object_mut() {
        fields.retain(|name, _| matches!(name.as_str(), "kind" | "channel"));
        fields.insert("provider".to_owned(), json!("sandbox"));
    }
}
