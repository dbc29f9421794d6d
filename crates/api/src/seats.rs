//! Seats: how many requests of one user may be waiting for their bodies at the same time. A token in one browser, which anybody can copy,
//! must not keep everybody else out.

use std::sync::Arc;

use app::auth::Caller;
use dashmap::DashMap;
use domain::environment::Env;
use http::{HeaderValue, StatusCode, header};

use crate::problem::{Answer, Problem};

type User = (Env, Box<str>);

/// Taken seats, by user.
#[derive(Debug, Default)]
pub(crate) struct Seats(Arc<DashMap<User, usize>>);

/// One taken seat; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat(Option<(Arc<DashMap<User, usize>>, User)>);

impl Seats {
    /// Takes one of a user's `most` seats; keys need none.
    pub(crate) fn take(&self, caller: Option<&Caller>, most: usize) -> Answer<Seat> {
        let Some(Caller::User { env, claims, .. }) = caller else {
            return Ok(Seat(None));
        };
        let user = (*env, claims.sub.as_str().into());
        let mut taken = self.0.entry(User::clone(&user)).or_default();
        if *taken >= most {
            let detail = "too many requests of this user at the same time";
            return Err(
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_at_once", detail)
                    .with_header(header::RETRY_AFTER, HeaderValue::from(1)),
            );
        }
        *taken += 1;
        drop(taken);
        Ok(Seat(Some((Arc::clone(&self.0), user))))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((seats, user)) = self.0.take() else {
            return;
        };
        seats.remove_if_mut(&user, |_, taken| {
            *taken = taken.saturating_sub(1);
            *taken == 0
        });
    }
}
