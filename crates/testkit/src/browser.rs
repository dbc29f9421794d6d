//! A browser that signed in to the console.

use http::Method;
use serde_json::Value;

use crate::call::{Call, Reply};
use crate::server::TestServer;

/// What a browser keeps of signing in.
#[derive(Debug, Clone)]
pub struct Browser {
    cookie: String,
    session: Value,
    environment: Option<String>,
}

impl Browser {
    /// Signs in by a link, as a new browser does; the refusal where it does not count.
    ///
    /// # Panics
    ///
    /// Where the link holds no code.
    pub async fn enter(server: &TestServer, link: &str) -> Result<Self, Reply> {
        let (_, code) = link.split_once("#code=").expect("a link with a code");
        let body = serde_json::json!({"code": code});
        let reply = server.post("/api/v1/session/code", &body).anonymous().await;
        if reply.status != 200 {
            return Err(reply);
        }
        let cookie = reply.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().expect("its value").to_owned();
        Ok(Self {
            cookie,
            session: reply.json(),
            environment: None,
        })
    }

    /// The operator of the machine, by a link of `campanile login`.
    ///
    /// # Panics
    ///
    /// Where the link does not count.
    pub async fn operator(server: &TestServer) -> Self {
        let ctx = std::sync::Arc::clone(server.ctx());
        let link =
            server.inside(async move { ctx.operator_code().await.map(|code| ctx.sign_in_link(&code)) });
        let link = link.await.expect("a code");
        Self::enter(server, &link).await.expect("signed in")
    }

    /// Somebody who is invited into the default environment, and accepts.
    ///
    /// # Panics
    ///
    /// Where they cannot be invited.
    pub async fn invited(server: &TestServer, invitation: &Value) -> Self {
        let made = server.post("/api/v1/team/invitations", invitation).await.ok(201);
        let link = made["link"].as_str().expect("a link");
        Self::enter(server, link).await.expect("signed in")
    }

    /// The same browser in another environment.
    #[must_use]
    pub fn within(&self, environment: &str) -> Self {
        Self {
            environment: Some(environment.to_owned()),
            ..self.clone()
        }
    }

    /// What the server said of the session.
    pub fn session(&self) -> &Value {
        &self.session
    }

    /// Whose it is.
    ///
    /// # Panics
    ///
    /// Where the server did not say so.
    pub fn account(&self) -> &str {
        self.session["account"]["id"].as_str().expect("an account")
    }

    /// `name=value`, as it is sent.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// What the server's own pages know.
    ///
    /// # Panics
    ///
    /// Where the server did not say it.
    pub fn csrf(&self) -> &str {
        self.session["csrf"].as_str().expect("a text")
    }

    /// Lets this browser make a call, as the server's own pages do.
    pub fn makes(&self, call: Call) -> Call {
        let call = call
            .anonymous()
            .header("cookie", &self.cookie)
            .header("campanile-csrf", self.csrf());
        match &self.environment {
            Some(environment) => call.header("campanile-environment", environment),
            None => call,
        }
    }

    /// A call by this browser.
    pub fn call(&self, server: &TestServer, method: Method, path: &str) -> Call {
        self.makes(server.call(method, path))
    }
}
