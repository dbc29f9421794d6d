//! The live line: who listens on this node, and what each is told after a commit.
//!
//! A listener's queue is bounded. One that does not keep up is dropped and told so; it comes back with the last number it knows, and
//! the database fills the gap. Nothing here is the only copy of anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use dashmap::DashMap;
use domain::effects::{Effects, Shown, Written};
use domain::environment::Env;
use domain::event::Event;
use domain::feed::{Counters, FeedEffect, Times};
use domain::id::{NotificationId, Prefixed};
use parking_lot::Mutex;
use store::event::{Position, Visible};
use store::feed::{Item, Marked};
use tokio::sync::{Notify, mpsc};

/// What a listener is told. Kept small: every listener's queue has room for a block of them.
#[derive(Debug, Clone)]
pub enum Signal {
    /// An item arrived in the feed.
    Item(Arc<Item>, Counters),
    /// The state of an item changed.
    Change(Arc<Changed>, Counters),
    /// Everything (of a scope) was marked.
    Mark(Arc<Marked>, Counters),
    /// The feed moved to this number: read what changed.
    Moved(i64),
    /// An event, as every listener gets it.
    Event(Arc<EventFrame>),
    /// More events than there is room for: the database has them. All up to the first position were told, the last is at the second.
    Behind(Arc<(Position, Position)>),
    /// What this listener was let in with may have changed: check it again.
    Check,
}

/// A state as one change left it. The content is not at hand where it is committed: the listener reads it.
#[derive(Debug, Clone, Copy)]
pub struct Changed {
    /// Of what.
    pub notification: NotificationId,
    /// The number the change took.
    pub seq: i64,
    /// The times it left.
    pub times: Times,
}

/// An event on the live line: rendered once for all who see it.
#[derive(Debug)]
pub struct EventFrame {
    /// Its place in the order of commits.
    pub position: Position,
    /// The text to send.
    pub text: bytes::Bytes,
}

/// A listener's end of the hub.
#[derive(Debug)]
pub struct Listener {
    /// What it is told. Ends when it was too slow.
    pub signals: mpsc::Receiver<Signal>,
    // Not the whole handle: a listener that kept its own sender alive would never see the end of its signals.
    id: u64,
    slow: Arc<AtomicBool>,
    hub: Hub,
    place: Place,
}

impl Listener {
    /// Whether it was dropped because it did not keep up.
    pub fn was_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.remove(&self.place, self.id);
    }
}

#[derive(Debug)]
enum Place {
    User(Env, Box<str>),
    Events(Env),
}

#[derive(Debug)]
struct Handle {
    id: u64,
    queue: mpsc::Sender<Signal>,
    slow: Arc<AtomicBool>,
    visible: Option<Visible>,
    /// How far this listener knows the feed to have come.
    told: i64,
}

impl Handle {
    /// `false` when the listener must go.
    fn tell(&self, signal: Signal) -> bool {
        match self.queue.try_send(signal) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.slow.store(true, Ordering::Relaxed);
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }
}

/// Everybody who listens on this node.
#[derive(Debug, Clone, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    users: DashMap<(Env, Box<str>), Vec<Handle>>,
    events: DashMap<Env, Arc<Tail>>,
    next: AtomicU64,
    count: AtomicUsize,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Tail {
    handles: Mutex<Vec<Handle>>,
    position: Mutex<Option<Position>>,
}

impl Hub {
    /// Listens to a user's feed with room for `queue` signals.
    pub fn listen_user(&self, env: Env, user: &str, queue: usize) -> Listener {
        let (handle, signals) = self.handle(queue, None);
        let (id, slow) = (handle.id, Arc::clone(&handle.slow));
        self.0.users.entry((env, user.into())).or_default().push(handle);
        Listener {
            signals,
            id,
            slow,
            hub: self.clone(),
            place: Place::User(env, user.into()),
        }
    }

    /// Listens to the events of an environment that `visible` lets through.
    pub fn listen_events(&self, env: Env, visible: Visible, queue: usize) -> Listener {
        let (handle, signals) = self.handle(queue, Some(visible));
        let (id, slow) = (handle.id, Arc::clone(&handle.slow));
        self.0.events.entry(env).or_default().handles.lock().push(handle);
        self.0.wake.notify_one();
        Listener {
            signals,
            id,
            slow,
            hub: self.clone(),
            place: Place::Events(env),
        }
    }

    fn handle(&self, queue: usize, visible: Option<Visible>) -> (Handle, mpsc::Receiver<Signal>) {
        let (sender, signals) = mpsc::channel(queue);
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.0.count.fetch_add(1, Ordering::Relaxed);
        (
            Handle {
                id,
                queue: sender,
                slow: Arc::default(),
                visible,
                told: 0,
            },
            signals,
        )
    }

    fn remove(&self, place: &Place, id: u64) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        match place {
            Place::User(env, user) => {
                let key = (*env, user.clone());
                if let Some(mut handles) = self.0.users.get_mut(&key) {
                    handles.retain(|other| other.id != id);
                }
                self.0.users.remove_if(&key, |_, handles| handles.is_empty());
            }
            Place::Events(env) => {
                if let Some(tail) = self.0.events.get(env) {
                    tail.handles.lock().retain(|other| other.id != id);
                }
                self.0
                    .events
                    .remove_if(env, |_, tail| tail.handles.lock().is_empty());
            }
        }
    }

    /// Listeners on this node.
    pub fn count(&self) -> usize {
        self.0.count.load(Ordering::Relaxed)
    }

    /// Whether anybody listens to a feed.
    pub fn has_users(&self) -> bool {
        !self.0.users.is_empty()
    }

    /// Tells what a commit changed. Runs on the writer's thread.
    pub(crate) fn written(&self, effects: &Effects, written: &Written) {
        for (effect, change) in effects.feed.iter().zip(&written.feed) {
            if let Some(change) = change {
                self.tell(effects.env, effect.user(), change.seq, || {
                    signal(effects, effect, change.seq, change.counters)
                });
            }
        }
        if !effects.events.is_empty() && self.0.events.contains_key(&effects.env) {
            self.ring();
        }
    }

    /// Events may have been written: whoever tells them looks.
    pub fn ring(&self) {
        self.0.wake.notify_one();
    }

    /// Tells a user's listeners that the feed moved: another node wrote.
    pub fn moved(&self, env: Env, user: &str, seq: i64) {
        self.tell(env, user, seq, || Signal::Moved(seq));
    }

    /// Asks every listener to check what it was let in with.
    pub fn check_all(&self) {
        for mut handles in self.0.users.iter_mut() {
            handles.retain(|handle| handle.tell(Signal::Check));
        }
        for tail in &self.0.events {
            tail.handles.lock().retain(|handle| handle.tell(Signal::Check));
        }
    }

    /// Tells those who do not know yet that the feed has come to `seq`: a look at the database finds what a commit told already.
    fn tell(&self, env: Env, user: &str, seq: i64, signal: impl FnOnce() -> Signal) {
        // The common case is that nobody listens: no key is made for asking.
        if self.0.users.is_empty() {
            return;
        }
        let Some(mut handles) = self.0.users.get_mut(&(env, user.into())) else {
            return;
        };
        let signal = signal();
        handles.retain_mut(|handle| {
            let known = handle.told >= seq;
            handle.told = handle.told.max(seq);
            known || handle.tell(signal.clone())
        });
    }

    /// Waits until somebody asks for events or a commit wrote some.
    pub async fn wake(&self) {
        self.0.wake.notified().await;
    }

    /// Environments whose events somebody listens to.
    pub fn followed(&self) -> Vec<Env> {
        self.0.events.iter().map(|entry| *entry.key()).collect()
    }

    /// Begins telling events behind `head`, unless that began before. Answers from where on a listener is told everything, which is after
    /// `head` where somebody who looked later was quicker to begin: what lies up to there it reads itself.
    #[must_use = "what was committed since `head` may be told to nobody any more"]
    pub fn begin(&self, env: Env, head: Position) -> Position {
        let Some(tail) = self.0.events.get(&env) else {
            return head;
        };
        let mut told = tail.position.lock();
        head.clone().max(told.get_or_insert(head).clone())
    }

    /// How far the events of an environment were told; `None` before the first look.
    pub fn told(&self, env: Env) -> Option<Position> {
        self.0
            .events
            .get(&env)
            .and_then(|tail| tail.position.lock().clone())
    }

    /// Tells events, in the order of commits, to those who see them, and notes how far it came.
    pub fn tell_events(&self, env: Env, events: &[(Event, Arc<EventFrame>)], through: Position) {
        let Some(tail) = self.0.events.get(&env).map(|tail| Arc::clone(&tail)) else {
            return;
        };
        let before = tail.position.lock().replace(through.clone());
        let behind = Arc::new((before.unwrap_or_else(|| through.clone()), through));
        tail.handles.lock().retain(|handle| {
            let Some(visible) = &handle.visible else {
                return true;
            };
            let seen = || events.iter().filter(|(event, _)| visible.sees(event));
            // A burst is no reason to part from somebody who keeps up: who has no room for it reads it.
            if events.len() > handle.queue.capacity() && seen().count() > handle.queue.capacity() {
                return handle.tell(Signal::Behind(Arc::clone(&behind)));
            }
            seen().all(|(_, frame)| handle.tell(Signal::Event(Arc::clone(frame))))
        });
    }
}

fn shown(effects: &Effects, notification: NotificationId) -> Option<&Shown> {
    let mut all = effects.shown.iter();
    all.find(|shown| shown.content.id == notification)
}

/// What one feed effect says to the user's listeners.
fn signal(effects: &Effects, effect: &FeedEffect, seq: i64, counters: Counters) -> Signal {
    match effect {
        FeedEffect::Arrive(state) => match shown(effects, state.notification) {
            Some(shown) => {
                let item = Item {
                    notification: Arc::clone(&shown.content),
                    app: shown.app.clone(),
                    delivery: state.delivery,
                    user: state.user.clone(),
                    seq,
                    times: Times::default(),
                };
                Signal::Item(Arc::new(item), counters)
            }
            None => Signal::Moved(seq),
        },
        FeedEffect::Change { before, after, .. } => {
            let changed = Changed {
                notification: before.notification,
                seq,
                times: *after,
            };
            Signal::Change(Arc::new(changed), counters)
        }
        FeedEffect::Settle { .. } | FeedEffect::Settled { .. } => Signal::Moved(seq),
        FeedEffect::MarkAll { mark, scope, at, .. } => Signal::Mark(
            Arc::new(Marked {
                seq,
                mark: mark.as_str().into(),
                app: scope.app.map(|app| app.bare().to_owned()),
                tenant: scope.tenant.clone(),
                at: *at,
            }),
            counters,
        ),
    }
}

/// An event as the live line carries it: its outside, its place, and its payload as the bytes received.
pub fn event_text(event: &Event, position: &Position) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let entity = event
        .entity
        .as_ref()
        .and_then(|entity| serde_json::to_string(entity).ok());
    format!(
        r#"{{"type":"event","cursor":"{}","event":{{"id":"{}","type":{},"app_id":"{}","timestamp":"{}","version":{},"entity":{},"tenant":{},"data":{}}}}}"#,
        cursor(position),
        event.id,
        quoted(event.outside_kind()),
        event.app,
        domain::time::rfc3339(event.occurred_at),
        quoted(&event.outside.version),
        entity.as_deref().unwrap_or("null"),
        event.tenant.as_deref().map_or_else(|| "null".to_owned(), quoted),
        event.outside_data(),
    )
}

/// A position as clients keep it: opaque to them.
pub fn cursor(position: &Position) -> String {
    format!("{:x}.{}", position.commit, position.id)
}

/// Reads what [`cursor`] wrote.
pub fn parse_cursor(text: &str) -> Option<Position> {
    let (commit, id) = text.split_once('.')?;
    let id_fits = id.is_empty() || id == "~" || domain::id::Ksuid::parse(id).is_some();
    let commit = i64::from_str_radix(commit, 16)
        .ok()
        .filter(|commit| *commit >= 0)?;
    id_fits.then(|| Position {
        commit,
        id: id.to_owned(),
    })
}
