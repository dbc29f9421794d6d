//! Idle connections, kept per origin and used last in, first out.
//!
//! There is no background task: whether a connection still lives shows when it is used, and whatever has gone stale is
//! closed in passing, at most once a second, when another one is put back.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::{Duration, Instant};

use crate::connection::Connection;
use crate::target::Origin;

/// How often putting a connection back also closes the stale ones.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How many connections are kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolLimits {
    /// Longest time a connection waits unused.
    pub(crate) idle_timeout: Duration,
    /// Longest time from opening to the last use.
    pub(crate) max_age: Duration,
    pub(crate) per_origin: usize,
    pub(crate) total: usize,
}

/// The idle connections of a client.
pub(crate) struct Pool {
    limits: PoolLimits,
    shelf: Mutex<Shelf>,
}

struct Shelf {
    idle: HashMap<Arc<Origin>, Vec<Idle>>,
    count: usize,
    swept: Instant,
}

struct Idle {
    connection: Box<Connection>,
    /// From then on it is not used again.
    expires: Instant,
}

impl Pool {
    pub(crate) fn new(limits: PoolLimits) -> Self {
        let shelf = Shelf {
            idle: HashMap::new(),
            count: 0,
            swept: Instant::now(),
        };
        Self {
            limits,
            shelf: Mutex::new(shelf),
        }
    }

    /// The most recently used connection to `origin`. Whether the peer has closed it since shows when a request is sent
    /// over it: then the request comes back unsent.
    pub(crate) fn take(&self, origin: &Origin, now: Instant) -> Option<Box<Connection>> {
        loop {
            let idle = self.shelf.lock().pop(origin)?;
            if idle.expires > now {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection for the next request, if it may and there is room.
    pub(crate) fn put(&self, origin: &Arc<Origin>, mut connection: Box<Connection>, now: Instant) {
        let Some(expires) = self.expiry(&connection, now) else {
            return;
        };
        if !connection.is_ready() {
            return;
        }
        let closed = self
            .shelf
            .lock()
            .put(origin, Idle { connection, expires }, now, &self.limits);
        // Closing sockets takes system calls, which nobody else should wait for.
        drop(closed);
    }

    /// Closes what has gone stale.
    pub(crate) fn sweep(&self, now: Instant) {
        let closed = self.shelf.lock().sweep(now);
        drop(closed);
    }

    /// How many connections are idle.
    pub(crate) fn len(&self) -> usize {
        self.shelf.lock().count
    }

    fn expiry(&self, connection: &Connection, now: Instant) -> Option<Instant> {
        let told = connection.keep_alive().unwrap_or(self.limits.idle_timeout);
        let idle = now + told.min(self.limits.idle_timeout);
        let expires = idle.min(connection.born + self.limits.max_age);
        (expires > now).then_some(expires)
    }
}

impl Shelf {
    fn pop(&mut self, origin: &Origin) -> Option<Idle> {
        let idle = self.idle.get_mut(origin)?.pop()?;
        self.count -= 1;
        Some(idle)
    }

    /// Puts a connection in its place and returns those that are to be closed, which it may be among.
    ///
    /// Where all places are taken, whatever has less than half its time left makes room: else a thousand quiet hosts
    /// would keep the busy ones from reusing anything.
    fn put(&mut self, origin: &Arc<Origin>, idle: Idle, now: Instant, limits: &PoolLimits) -> Vec<Idle> {
        let full = self.count >= limits.total;
        let mut closed = Vec::new();
        if now >= self.swept + SWEEP_EVERY {
            closed = self.sweep(if full { now + limits.idle_timeout / 2 } else { now });
            self.swept = now;
        }
        let of_origin = self.idle.get(origin).map_or(0, Vec::len);
        if self.count >= limits.total || of_origin >= limits.per_origin {
            closed.push(idle);
        } else {
            self.push(origin, idle);
        }
        closed
    }

    /// An emptied entry stays until the next sweep, so that taking and putting back does not allocate.
    fn push(&mut self, origin: &Arc<Origin>, idle: Idle) {
        self.count += 1;
        match self.idle.get_mut(origin) {
            Some(of_origin) => of_origin.push(idle),
            None => drop(self.idle.insert(Arc::clone(origin), vec![idle])),
        }
    }

    /// Takes out everything that will have expired at `when`.
    fn sweep(&mut self, when: Instant) -> Vec<Idle> {
        let mut swept = Vec::new();
        self.idle.retain(|_, of_origin| {
            swept.extend(of_origin.extract_if(.., |idle| idle.expires <= when));
            !of_origin.is_empty()
        });
        self.count -= swept.len();
        swept
    }
}
