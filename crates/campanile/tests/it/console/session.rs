//! Signing in, and what keeps pages elsewhere from using it.

use http::Method;
use serde_json::json;
use testkit::{Browser, TestServer, both, public_url};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

async fn link(server: &TestServer) -> String {
    let ctx = std::sync::Arc::clone(server.ctx());
    let link = server.inside(async move { ctx.operator_code().await.map(|code| ctx.sign_in_link(&code)) });
    link.await.unwrap()
}

both! {
    /// The operator's link counts once, for a quarter of an hour, and opens every environment.
    async fn a_link_signs_in_once(database) {
        let server = TestServer::start_on(database).await;
        let ctx = std::sync::Arc::clone(server.ctx());
        server.inside(async move { ctx.create_environment("staging", domain::environment::Settings::default()).await }).await.unwrap();
        let first = link(&server).await;
        let browser = Browser::enter(&server, &first).await.unwrap();
        Browser::enter(&server, &first).await.unwrap_err().refused(401, "code_unknown");
        Browser::enter(&server, "/login#code=code_made-up").await.unwrap_err().refused(401, "code_unknown");
        let session = browser.call(&server, Method::GET, "/api/v1/session").await.ok(200);
        assert_eq!(&session, browser.session());
        assert_eq!((&session["operator"], &session["account"]["name"]), (&json!(true), &json!("Operator")));
        let open = session["environments"].as_array().unwrap();
        let named: Vec<_> = open.iter().map(|open| (open["name"].as_str().unwrap(), open["role"].as_str().unwrap())).collect();
        assert_eq!(named, [("default", "operator"), ("staging", "operator")]);
        // Each call is about the environment it names.
        let staging = browser.within(open[1]["id"].as_str().unwrap());
        browser.makes(server.put("/api/v1/users/ada", &json!({"name": "Ada"}))).await.ok(200);
        assert_eq!(browser.call(&server, Method::GET, "/api/v1/users").await.ok(200)["data"].as_array().unwrap().len(), 1);
        assert_eq!(staging.call(&server, Method::GET, "/api/v1/users").await.ok(200)["data"].as_array().unwrap().len(), 0);
        browser.within("env_unknown").call(&server, Method::GET, "/api/v1/users").await.refused(403, "forbidden");
        let late = link(&server).await;
        server.turn(15 * MINUTE).await;
        Browser::enter(&server, &late).await.unwrap_err().refused(401, "code_unknown");
        // What is done stands in the log with who did it.
        let lines = server.get("/api/v1/audit?action=user.put").await.ok(200);
        assert_eq!(lines["data"][0]["actor"], json!({"kind": "account", "id": browser.account()}));
        server.finish().await;
    }

    /// A browser that is not used for a week, or is a month old, signs in anew; so does one that signed out.
    async fn a_session_ends(database) {
        let server = TestServer::start_on(database).await;
        let (idle, used, left) = (Browser::operator(&server).await, Browser::operator(&server).await, Browser::operator(&server).await);
        let here = async |browser: &Browser| browser.call(&server, Method::GET, "/api/v1/session").await.status;
        left.call(&server, Method::DELETE, "/api/v1/session").await.ok(204);
        assert_eq!((here(&left).await, here(&used).await), (401, 200));
        for day in 1..=29 {
            server.turn(DAY).await;
            assert_eq!(here(&used).await, 200, "day {day}");
        }
        assert_eq!(here(&idle).await, 401);
        server.turn(DAY).await;
        assert_eq!(here(&used).await, 401);
        // What is over goes.
        server.run_due().await;
        server.finish().await;
    }
}

/// A page elsewhere cannot use a browser's session: it is not sent the cookie, does not know what must be said beside it, and the browser says
/// where it comes from.
#[tokio::test]
async fn a_page_elsewhere_has_no_use_of_a_session() {
    let server = TestServer::start().await;
    let reply = server
        .post(
            "/api/v1/session/code",
            &json!({"code": link(&server).await.split_once('=').unwrap().1}),
        )
        .anonymous()
        .await;
    let cookie = reply.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let browser = Browser::operator(&server).await;
    let plain = |call: testkit::Call| call.anonymous().header("cookie", browser.cookie());
    let change = || server.put("/api/v1/users/ada", &json!({"name": "Ada"}));
    plain(change()).await.refused(403, "cross_site");
    plain(change())
        .header("campanile-csrf", "guess")
        .await
        .refused(403, "cross_site");
    let another = Browser::operator(&server).await;
    plain(change())
        .header("campanile-csrf", another.csrf())
        .await
        .refused(403, "cross_site");
    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 200),
        ("none", 200),
    ] {
        let reply = browser.makes(change()).header("sec-fetch-site", site).await;
        assert_eq!(reply.status, status, "{site}: {reply}");
        let reply = plain(server.get("/api/v1/session"))
            .header("sec-fetch-site", site)
            .await;
        assert_eq!(reply.status, status, "{site}: {reply}");
    }
    // Nor can one sign it in as somebody else.
    let body = json!({"code": link(&server).await.split_once('=').unwrap().1});
    let elsewhere = server.post("/api/v1/session/code", &body).anonymous();
    elsewhere
        .header("sec-fetch-site", "cross-site")
        .await
        .refused(403, "cross_site");
    plain(server.delete("/api/v1/session"))
        .await
        .refused(403, "cross_site");
    // A bearer credential goes first: with it there is nothing to guard.
    server
        .get("/api/v1/session")
        .await
        .refused(401, "session_missing");
    let reply = change().header("cookie", "campanile_session=cs_none").await;
    assert_eq!(reply.status, 200, "{reply}");
    // A cookie that says nothing to us is nobody's.
    let stranger = server
        .get("/api/v1/users")
        .anonymous()
        .header("cookie", "a=b; campanile_session=cs_none");
    stranger.await.refused(401, "session_missing");
    server.finish().await;
}

/// Where the server is reached by HTTPS alone, so is the cookie; a link leads there.
#[tokio::test]
async fn a_cookie_keeps_to_https() {
    let server = TestServer::on(testkit::Database::Sqlite)
        .with(|config| config.server.public_url = Some(public_url("https://bells.example/")))
        .start()
        .await;
    let link = link(&server).await;
    assert!(
        link.starts_with("https://bells.example/login#code=code_"),
        "{link}"
    );
    let body = json!({"code": link.split_once('=').unwrap().1});
    let reply = server.post("/api/v1/session/code", &body).anonymous().await;
    assert!(
        reply.header("set-cookie").unwrap().ends_with("; Secure"),
        "{reply}"
    );
}
