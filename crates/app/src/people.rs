//! Users, tenants, members, topics.

use domain::id::DestinationId;
use domain::text::Faults;
use store::tenant::{Member, Tenant};
use store::user::User;

use crate::auth::Caller;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::withdrawal::Withdrawal;
use crate::write::managed;

/// Checks texts that go into one line each.
fn lines(texts: &[(&str, Option<&String>, usize)]) -> Result<()> {
    let mut faults = Faults::default();
    for (pointer, text, max) in texts {
        if let Some(text) = text {
            faults.line(pointer, text, *max);
        }
    }
    faults.finish().map_err(Error::Invalid)
}

/// Checks callers' own ids.
pub(crate) fn keys(ids: &[(&str, &str)]) -> Result<()> {
    let mut faults = Faults::default();
    for (pointer, id) in ids {
        faults.key(pointer, id);
    }
    faults.finish().map_err(Error::Invalid)
}

/// Checks the caller's own id of a user who is to be reached.
pub(crate) fn user_key(pointer: &str, id: &str) -> Result<()> {
    let mut faults = Faults::default();
    faults.user(pointer, id);
    faults.finish().map_err(Error::Invalid)
}

/// Checks who a user is and what they are reached by.
fn person(user: &User) -> Result<()> {
    let mut faults = Faults::default();
    faults.user("/user", &user.id);
    if let Some(email) = &user.email {
        let parts = email
            .split_once('@')
            .filter(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        let fits = parts.is_some() && !email.contains(char::is_whitespace);
        faults.require(
            fits,
            "/email",
            "format",
            "must be one mail address, such as ada@example.com",
        );
    }
    if let Some(locale) = &user.locale {
        let part =
            |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
        faults.require(
            locale.split(['-', '_']).all(part),
            "/locale",
            "format",
            "must be a language tag, such as de-CH",
        );
    }
    if let Some(zone) = &user.time_zone {
        let known = jiff::tz::TimeZone::get(zone).is_ok();
        faults.require(
            known,
            "/time_zone",
            "unknown",
            "must be an IANA time zone, such as Europe/Berlin",
        );
    }
    faults.finish().map_err(Error::Invalid)
}

impl Ctx {
    /// Writes a user whole.
    pub async fn put_user(&self, caller: &Caller, mut user: User) -> Result<User> {
        let env = managed(caller)?;
        lines(&[
            ("/name", user.name.as_ref(), 200),
            ("/email", user.email.as_ref(), 254),
            ("/phone", user.phone.as_ref(), 50),
            ("/locale", user.locale.as_ref(), 35),
            ("/time_zone", user.time_zone.as_ref(), 64),
        ])?;
        person(&user)?;
        let now = self.now();
        let mut tx = self.write(env).await?;
        let before = store::user::get(&mut tx, env, &user.id).await?;
        user.created_at = before.map_or(now, |before| before.created_at);
        user.updated_at = now;
        store::user::put(&mut tx, &user).await?;
        self.audited(tx, caller.actor(), "user.put", user.id.clone(), None)
            .await?;
        Ok(user)
    }

    /// Forgets a user and their feed; forgetting one who is not there is done already.
    pub async fn delete_user(&self, caller: &Caller, id: &str) -> Result<()> {
        let env = managed(caller)?;
        keys(&[("/user", id)])?;
        let mut tx = self.write(env).await?;
        let forgotten = store::user::delete(&mut tx, id, self.now()).await?;
        if !forgotten.found {
            return Ok(tx.rollback().await?);
        }
        self.audited(tx, caller.actor(), "user.delete", id, None).await?;
        if let Some(seq) = forgotten.seq {
            self.live.moved(env, id, seq);
            self.wrote.notify_one();
        }
        Ok(())
    }

    /// Writes a tenant whole.
    pub async fn put_tenant(&self, caller: &Caller, mut tenant: Tenant) -> Result<Tenant> {
        let env = managed(caller)?;
        lines(&[
            ("/tenant", Some(&tenant.id), 256),
            ("/name", tenant.name.as_ref(), 200),
        ])?;
        let now = self.now();
        let mut tx = self.write(env).await?;
        let before = store::tenant::get(&mut tx, env, &tenant.id).await?;
        tenant.created_at = before.map_or(now, |before| before.created_at);
        tenant.updated_at = now;
        store::tenant::put(&mut tx, &tenant).await?;
        self.audited(tx, caller.actor(), "tenant.put", tenant.id.clone(), None)
            .await?;
        Ok(tenant)
    }

    /// Forgets a tenant, its memberships and its webhook application.
    pub async fn delete_tenant(&self, caller: &Caller, id: &str) -> Result<()> {
        let env = managed(caller)?;
        keys(&[("/tenant", id)])?;
        if let Some(own) = self.tenant_app(env, id).await? {
            self.delete_app(caller, &own.app.id.to_string()).await?;
        }
        let mut tx = self.write(env).await?;
        for config in store::channel_config::of_tenant(&mut tx, env, id).await? {
            store::channel_config::delete(&mut tx, id, config.id).await?;
            let destination = DestinationId::of(&config.id);
            self.withdraw_later(&mut tx, Withdrawal::deleted(destination.as_a()))
                .await?;
        }
        if store::tenant::delete(&mut tx, id).await? {
            self.audit(&mut tx, caller.actor(), "tenant.delete", id, None)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes a membership.
    pub async fn put_member(
        &self,
        caller: &Caller,
        tenant: &str,
        user: &str,
        role: domain::notification::Role,
    ) -> Result<Member> {
        let env = managed(caller)?;
        keys(&[("/tenant", tenant)])?;
        user_key("/user", user)?;
        let mut tx = self.write(env).await?;
        if store::tenant::get(&mut tx, env, tenant).await?.is_none() {
            return Err(Error::NotFound("tenant"));
        }
        let before = store::tenant::member(&mut tx, env, tenant, user).await?;
        let member = Member {
            user_id: user.to_owned(),
            role: role.as_str().to_owned(),
            created_at: before.map_or_else(|| self.now(), |before| before.created_at),
        };
        store::tenant::put_member(&mut tx, tenant, &member).await?;
        let detail = serde_json::json!({"user": user, "role": role});
        self.audited(tx, caller.actor(), "member.put", tenant, Some(detail))
            .await?;
        Ok(member)
    }

    /// Ends a membership.
    pub async fn delete_member(&self, caller: &Caller, tenant: &str, user: &str) -> Result<()> {
        let env = managed(caller)?;
        keys(&[("/tenant", tenant), ("/user", user)])?;
        let mut tx = self.write(env).await?;
        store::tenant::delete_member(&mut tx, tenant, user).await?;
        let detail = serde_json::json!({"user": user});
        self.audited(tx, caller.actor(), "member.delete", tenant, Some(detail))
            .await
    }

    /// Subscribes users to a topic.
    pub async fn subscribe(&self, caller: &Caller, topic: &str, users: &[String]) -> Result<()> {
        let env = managed(caller)?;
        let mut faults = Faults::default();
        faults.key("/topic", topic);
        faults.require(
            !users.is_empty(),
            "/users",
            "required",
            "must name at least one user",
        );
        faults.require(
            users.len() <= 1_000,
            "/users",
            "too_many",
            "must name at most 1000 users",
        );
        for (index, user) in users.iter().take(1_000).enumerate() {
            faults.user(&format!("/users/{index}"), user);
        }
        faults.finish().map_err(Error::Invalid)?;
        let mut tx = self.write(env).await?;
        for user in users {
            store::topic::subscribe(&mut tx, topic, user, self.now()).await?;
        }
        let detail = serde_json::json!({"users": users.len()});
        self.audited(tx, caller.actor(), "topic.subscribe", topic, Some(detail))
            .await
    }

    /// Ends a subscription.
    pub async fn unsubscribe(&self, caller: &Caller, topic: &str, user: &str) -> Result<()> {
        let env = managed(caller)?;
        keys(&[("/topic", topic), ("/user", user)])?;
        let mut tx = self.write(env).await?;
        store::topic::unsubscribe(&mut tx, topic, user).await?;
        let detail = serde_json::json!({"user": user});
        self.audited(tx, caller.actor(), "topic.unsubscribe", topic, Some(detail))
            .await
    }
}
