//! Mails: made of blocks, in the tenant's look, ended by one click.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, sandbox, trigger};

async fn world(database: testkit::Database) -> TestServer {
    let server = TestServer::on(database)
        .with(|config| config.server.public_url = Some(testkit::public_url("https://notify.example.com")))
        .start()
        .await;
    person(&server, "ada").await;
    let settings = json!({
        "from": {"address": "noreply@lightfast.ai", "name": "Lightfast"},
        "providers": [{"name": "sandbox", "kind": "sandbox"}],
        "branding": {"name": "Lightfast", "colors": {"accent": "#06b6d4"}, "footer_text": "— Lightfast"},
    });
    server.put("/api/v1/channels/email", &settings).await.ok(200);
    server
        .put(
            "/api/v1/tenants/acme",
            &json!({"name": "Acme", "metadata": {"branding": {"name": "Acme & Sons", "footer_text": "— Acme"}}}),
        )
        .await
        .ok(200);
    server
}

fn hello() -> Value {
    json!({"steps": [{"name": "mail", "email": {
        "subject": "Hello {{ recipient.name }}",
        "preheader": "What happened",
        "blocks": [
            {"type": "heading", "text": "Hello {{ recipient.name }}"},
            {"type": "text", "text": "It is **{{ data.what }}**."},
            {"type": "button", "label": "Look", "url": "https://lightfast.ai/{{ data.id }}"},
        ],
    }}]})
}

async fn go(server: &TestServer, key: &str, tenant: Option<&str>) {
    let mut body = json!({"recipients": ["ada"], "data": {"what": "<up>", "id": 7}});
    if let Some(tenant) = tenant {
        body["tenant"] = json!(tenant);
    }
    trigger(server, key, body).await;
    server.settle().await;
}

async fn last(server: &TestServer) -> Value {
    mails(server, "").await[0]["content"].clone()
}

both! {
    /// M04 M05 M12: one source makes both parts, in the look of the environment and of the tenant.
    async fn m12_both_parts_in_the_tenants_look(database) {
        let server = world(database).await;
        declare(&server, "hello", hello()).await;
        go(&server, "hello", None).await;
        let mail = last(&server).await;
        assert_eq!(mail["subject"], "Hello ada");
        let html = mail["html"].as_str().unwrap();
        for part in [">Lightfast</span>", "background-color:#06b6d4", "— Lightfast", "<strong", "&lt;up&gt;", "https://lightfast.ai/7"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let text = mail["text"].as_str().unwrap();
        assert!(text.starts_with("Hello ada\n=========\n\nIt is <up>.\n\nLook: https://lightfast.ai/7\n\n-- \n— Lightfast\n"), "{text}");
        assert!(text.contains("Notification settings: https://notify.example.com/preferences/"), "{text}");
        go(&server, "hello", Some("acme")).await;
        let html = last(&server).await["html"].as_str().unwrap().to_owned();
        for part in ["Acme &amp; Sons", "background-color:#06b6d4", "— Acme"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let refused = json!({"from": "a@b.example", "providers": [{"name": "s", "kind": "sandbox"}], "branding": {"colors": {"accent": "red;}"}}});
        let refused = server.put("/api/v1/channels/email", &refused).await;
        assert_eq!((refused.status, refused.faults()[0].0.as_str()), (422, "/branding"));
        server.finish().await;
    }

    /// P05, RFC 8058: one click ends the mails of this workflow, and of no other; looking at the link does not.
    async fn p05_one_click_ends_the_mails(database) {
        let server = world(database).await;
        declare(&server, "hello", hello()).await;
        declare(&server, "other", hello()).await;
        let mut critical = hello();
        critical["critical"] = json!(true);
        declare(&server, "alarm", critical).await;
        go(&server, "hello", None).await;
        let mail = last(&server).await;
        let link = mail["list_unsubscribe"].as_str().unwrap();
        assert!(mail["html"].as_str().unwrap().contains(link) && mail["text"].as_str().unwrap().contains(link));
        let path = link.strip_prefix("https://notify.example.com").unwrap();
        let page = server.get(path).anonymous().await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("<form method=\"post\">") && page.header("content-security-policy").is_some());
        go(&server, "hello", None).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 2, "looking changes nothing");
        for _ in 0..2 {
            let ended = server.call(http::Method::POST, path).anonymous().bytes("List-Unsubscribe=One-Click").await;
            assert_eq!(ended.status, 200, "{ended}");
        }
        let said = server.get("/api/v1/users/ada/preferences").await.ok(200);
        assert_eq!(said, json!({"workflows": {"hello": {"channels": {"email": "off"}}}}));
        go(&server, "hello", None).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 2);
        go(&server, "other", None).await;
        go(&server, "alarm", None).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 4);
        assert_eq!(last(&server).await["list_unsubscribe"], json!(null), "what is critical cannot be ended");
        let forged = format!("{}x", &path[..path.len() - 1]);
        for path in [forged.as_str(), "/unsubscribe/nothing", "/unsubscribe/%FF"] {
            server.get(path).anonymous().await.refused(404, "not_found");
            server.call(http::Method::POST, path).anonymous().await.refused(404, "not_found");
        }
        server.finish().await;
    }

    /// P02 P03 P05: the link of a mail speaks of the tenant it was sent for; where mails are required, there is none, and an old one says so.
    async fn p05_one_click_ends_what_was_wanted_in_the_tenant(database) {
        let server = world(database).await;
        declare(&server, "hello", hello()).await;
        let on = json!({"workflows": {"hello": {"channels": {"email": "on"}}}});
        let off = json!({"workflows": {"hello": {"channels": {"email": "off"}}}});
        let own = "/api/v1/users/ada/preferences?tenant=acme";
        server.put(own, &on).await.ok(200);
        go(&server, "hello", Some("acme")).await;
        let mail = last(&server).await;
        let path = mail["list_unsubscribe"].as_str().unwrap().strip_prefix("https://notify.example.com").unwrap().to_owned();
        let audit = async || server.get("/api/v1/audit?action=preferences.unsubscribe").await.ok(200)["data"].as_array().unwrap().len();
        for _ in 0..2 {
            let ended = server.call(http::Method::POST, &path).anonymous().bytes("List-Unsubscribe=One-Click").await;
            assert!(ended.status == 200 && ended.text().contains("You are unsubscribed"), "{ended}");
            assert_eq!(audit().await, 1, "again is as once");
        }
        assert_eq!(server.get(own).await.ok(200), off);
        assert_eq!(server.get("/api/v1/users/ada/preferences").await.ok(200), off);
        go(&server, "hello", Some("acme")).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 1);
        // Back on, by the sheet of that tenant.
        let sheet = server.get("/api/v1/users/ada/preferences/link?tenant=acme").await.ok(200);
        let sheet = sheet["url"].as_str().unwrap().strip_prefix("https://notify.example.com").unwrap().to_owned();
        server.call(http::Method::POST, &sheet).anonymous().bytes("shown=email:hello&on=email:hello").await;
        go(&server, "hello", Some("acme")).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 2);
        let required = json!({"channels": {"email": {"send": "on", "required": true}}});
        server.put("/api/v1/tenants/acme/preferences", &required).await.ok(200);
        go(&server, "hello", Some("acme")).await;
        assert!(last(&server).await["list_unsubscribe"].is_null());
        let kept = server.call(http::Method::POST, &path).anonymous().bytes("List-Unsubscribe=One-Click").await;
        assert!(kept.status == 200 && kept.text().contains("cannot be turned off"), "{kept}");
        assert_eq!(audit().await, 1);
        assert!(server.get(&sheet).anonymous().await.text().contains("value=\"email:hello\" checked disabled"));
        go(&server, "hello", None).await;
        assert!(last(&server).await["list_unsubscribe"].is_string(), "elsewhere they are not required");
        server.finish().await;
    }

    /// What is said at once is all said: no click writes over another, nor over what comes by the API.
    async fn what_is_said_at_once_is_all_said(database) {
        let server = world(database).await;
        let mut paths = Vec::new();
        for n in 0..8 {
            let key = format!("hello-{n}");
            declare(&server, &key, hello()).await;
            go(&server, &key, None).await;
            let mail = last(&server).await;
            paths.push(mail["list_unsubscribe"].as_str().unwrap().strip_prefix("https://notify.example.com").unwrap().to_owned());
        }
        let clicks = paths.iter().map(|path| server.call(http::Method::POST, path).anonymous().bytes("").into_future());
        for answer in futures_util::future::join_all(clicks).await {
            assert_eq!(answer.status, 200);
        }
        let said = server.get("/api/v1/users/ada/preferences").await.ok(200);
        assert_eq!(said["workflows"].as_object().unwrap().len(), 8, "{said}");
        server.finish().await;
    }

    /// P02 P03 P05: without signing in, by the link in a mail, somebody says what reaches them; looking at it says nothing.
    async fn p02_a_link_shows_what_may_be_chosen(database) {
        let server = world(database).await;
        let mut both = hello();
        both["name"] = json!("News & <more>");
        both["description"] = json!("What is new");
        both["steps"].as_array_mut().unwrap().push(json!({"name": "bell", "in_app": {"title": "Hello"}}));
        declare(&server, "news", both).await;
        declare(&server, "hello", hello()).await;
        let mut critical = hello();
        critical["critical"] = json!(true);
        declare(&server, "alarm", critical).await;
        server.put("/api/v1/preferences", &json!({"workflows": {"hello": {"channels": {"email": {"send": "on", "required": true}}}}})).await.ok(200);
        let link = server.get("/api/v1/users/ada/preferences/link").await.ok(200);
        let path = link["url"].as_str().unwrap().strip_prefix("https://notify.example.com").unwrap().to_owned();
        let boxes = async || {
            let page = server.get(&path).anonymous().await;
            assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
            let text = page.text();
            assert!(text.contains("<legend>News &amp; &lt;more&gt;</legend><p>What is new</p>") && !text.contains("alarm"), "{text}");
            let boxes = text.split("name=\"on\" value=\"").skip(1);
            boxes.map(|rest| rest.split_once("> ").unwrap().0.replace('"', "")).collect::<Vec<_>>()
        };
        assert_eq!(boxes().await, ["email:hello checked disabled", "in_app:news checked", "email:news checked"]);
        let nothing = server.call(http::Method::POST, &path).anonymous().bytes("").await;
        assert_eq!(nothing.status, 200, "what was not shown says nothing");
        assert_eq!(server.get("/api/v1/users/ada/preferences").await.ok(200), json!({}));
        for _ in 0..2 {
            let saved = server.call(http::Method::POST, &path).anonymous().bytes("shown=in_app%3Anews&shown=email%3Anews&shown=email:hello&on=in_app%3Anews&on=email%3Anothing&other=1").await;
            assert!(saved.status == 200 && saved.text().contains("Saved."), "{saved}");
        }
        assert_eq!(boxes().await, ["email:hello checked disabled", "in_app:news checked", "email:news"]);
        let said = server.get("/api/v1/users/ada/preferences").await.ok(200);
        assert_eq!(said, json!({"workflows": {"news": {"channels": {"email": "off"}}}}));
        go(&server, "news", None).await;
        assert!(mails(&server, "&status=sent").await.is_empty());
        go(&server, "hello", None).await;
        let mail = last(&server).await;
        assert!(mail["html"].as_str().unwrap().contains(">Notification settings</a>"), "{mail}");
        server.call(http::Method::POST, &path).anonymous().bytes("shown=email:news&on=in_app:news&on=email:news").await;
        go(&server, "news", None).await;
        assert_eq!(mails(&server, "&status=sent").await.len(), 2);
        let forged = format!("{}x", &path[..path.len() - 1]);
        server.get(&forged).anonymous().await.refused(404, "not_found");
        server.call(http::Method::POST, &forged).anonymous().await.refused(404, "not_found");
        assert!(mail["list_unsubscribe"].is_null(), "what is required cannot be ended");
        let unsubscribe = last(&server).await["list_unsubscribe"].as_str().unwrap().replace("https://notify.example.com/unsubscribe", "/preferences");
        server.get(&unsubscribe).anonymous().await.refused(404, "not_found");
        server.finish().await;
    }

    /// Whoever else a step writes to gets no link that speaks for the recipient.
    async fn others_get_no_links_of_the_recipients(database) {
        let server = world(database).await;
        let mut other = hello();
        other["steps"][0]["email"]["to"] = json!("customer@example.com");
        declare(&server, "hello", other).await;
        go(&server, "hello", None).await;
        let mail = last(&server).await;
        assert!(mail["list_unsubscribe"].is_null() && !mail.to_string().contains("notify.example.com"), "{mail}");
        server.finish().await;
    }

    /// Secrets are kept where they went before, and nowhere else; what is no channel is refused.
    async fn a_secret_goes_where_it_went_before(database) {
        let server = TestServer::start_on(database).await;
        let put = async |channel: &str, body: Value| server.put(&format!("/api/v1/channels/{channel}"), &body).await;
        let resend = |more: Value| {
            let mut provider = json!({"name": "resend", "kind": "resend"});
            provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"from": "a@b.example", "providers": [provider]})
        };
        put("email", resend(json!({"key": "re_123456"}))).await.ok(200);
        put("email", resend(json!({}))).await.ok(200);
        put("email", resend(json!({"key": "[hidden]"}))).await.ok(200);
        let moved = put("email", resend(json!({"base_url": "https://collector.example"}))).await;
        assert_eq!((moved.status, moved.faults()[0].0.as_str()), (422, "/providers/0/key"), "{moved}");
        for body in [json!([]), json!("x"), json!({"providers": ["x"]}), json!({"from": "a@b.example", "providers": "x"})] {
            let refused = put("email", body.clone()).await;
            assert_eq!(refused.status, 422, "{body} {refused}");
        }
        put("slack", json!({"url": "https://hooks.slack.com/services/T/B/secret"})).await.ok(200);
        let shown = server.get("/api/v1/channels/slack").await.ok(200);
        assert_eq!(shown["settings"], json!({"url": "[hidden]"}));
        put("slack", shown["settings"].clone()).await.ok(200);
        put("slack", json!({"token": "xoxb-123456", "channel": "C1"})).await.ok(200);
        put("slack", json!({"token": "[hidden]", "channel": "C2"})).await.ok(200);
        let moved = put("slack", json!({"token": "[hidden]", "channel": "C1", "base_url": "https://collector.example"})).await;
        assert_eq!((moved.status, moved.faults()[0].0.as_str()), (422, "/token"), "{moved}");
        server.finish().await;
    }

    /// What no database can keep is refused where it is said.
    async fn what_cannot_be_kept_is_refused(database) {
        let server = world(database).await;
        declare(&server, "hello", hello()).await;
        for body in [
            json!({"recipients": [{"topic": "a\u{0}"}]}), json!({"recipients": [{"tenant": {"tenant": "\u{0}"}}]}),
            json!({"recipients": ["ada"], "actor": "\u{0}"}), json!({"recipients": ["ada"], "tenant": "\u{0}"}),
        ] {
            let refused = server.post("/api/v1/workflows/hello/trigger", &body).await;
            assert_eq!(refused.status, 422, "{body} {refused}");
        }
        for path in ["deliveries?user=%00", "deliveries?workflow=%00", "deliveries?provider=%00", "runs?user=%00", "runs?workflow=%00"] {
            server.get(&format!("/api/v1/{path}")).await.refused(400, "nul_character");
        }
        let off = json!({"cancellation_key": "k", "users": ["\u{0}"]});
        assert_eq!(server.post("/api/v1/workflows/hello/cancel", &off).await.status, 422);
        server.finish().await;
    }

    /// Where nobody said where the server is reached mails have no links, and the API answers paths.
    async fn without_a_public_address_mails_have_no_links(database) {
        let server = TestServer::start_on(database).await;
        person(&server, "ada").await;
        sandbox(&server).await;
        declare(&server, "hello", hello()).await;
        go(&server, "hello", None).await;
        let mail = last(&server).await;
        assert!(mail["list_unsubscribe"].is_null() && !mail["html"].as_str().unwrap().contains("preferences"), "{mail}");
        let link = server.get("/api/v1/users/ada/preferences/link").await.ok(200);
        assert_eq!(server.get(link["url"].as_str().unwrap()).anonymous().await.status, 200);
        server.finish().await;
    }
}

/// What is wrong with a mail is told by its place, with line and column.
#[tokio::test]
async fn a_fault_in_a_block_is_told_by_its_place() {
    let server = TestServer::start().await;
    for (email, pointer) in [
        (json!({"subject": "x"}), "/steps/0/email"),
        (
            json!({"subject": "x", "blocks": [{"type": "text", "text": "{{ a"}]}),
            "/steps/0/email/blocks/0/text",
        ),
        (
            json!({"subject": "x", "blocks": [{"type": "texts"}]}),
            "/steps/0/email/blocks/0",
        ),
        (
            json!({"subject": "x", "html": "y", "blocks": []}),
            "/steps/0/email/html",
        ),
    ] {
        let body = json!({"steps": [{"name": "mail", "email": email}]});
        let refused = server.put("/api/v1/workflows/hello", &body).await;
        let faults = refused.faults();
        assert!(
            faults.iter().any(|(place, _)| place.starts_with(pointer)),
            "{pointer}: {refused}"
        );
    }
    server.finish().await;
}
