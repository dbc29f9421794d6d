//! Templates that workflows name, and texts in the language of who reads them.

use serde_json::{Value, json};
use testkit::{TestServer, both};

use super::{declare, mails, person, sandbox, trigger};

async fn template(server: &TestServer, name: &str, source: &str) {
    let answer = server
        .put(&format!("/api/v1/templates/{name}"), &json!({"source": source}))
        .await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
}

fn mail(html: &str) -> Value {
    json!({"steps": [{"name": "mail", "email": {"subject": "Hi", "html": html, "layout": "frame"}}]})
}

both! {
    /// M05: a partial lies in a mail and a layout around it. A run keeps the words it began with, the next one has the new ones.
    async fn m05_templates_are_named_and_kept(database) {
        let server = TestServer::start_on(database).await;
        sandbox(&server).await;
        person(&server, "ada").await;
        template(&server, "frame", "<html><body>{{ content }}<p>Acme & co</p></body></html>").await;
        template(&server, "card", "<div>{{ title }}</div>").await;
        let declared = json!({"steps": [
            {"name": "wait", "delay": {"for": "1h"}},
            mail("{% render 'card', title: data.title %}")["steps"][0],
        ]});
        declare(&server, "hello", declared.clone()).await;
        let event = json!({"recipients": ["ada"], "data": {"title": "a < b"}});
        trigger(&server, "hello", event.clone()).await;
        server.settle().await;
        template(&server, "card", "<b>{{ title }}</b>").await;
        assert_eq!(server.get("/api/v1/workflows/hello").await.ok(200)["version"], 2);
        trigger(&server, "hello", event).await;
        server.settle().await;
        server.turn(3_600_000).await;
        server.settle().await;
        let mut pages: Vec<_> = mails(&server, "").await.iter().map(|mail| mail["content"]["html"].as_str().unwrap().to_owned()).collect();
        pages.sort();
        assert_eq!(pages, [
            "<html><body><b>a &lt; b</b><p>Acme & co</p></body></html>",
            "<html><body><div>a &lt; b</div><p>Acme & co</p></body></html>",
        ]);
        // The same again is no new version.
        template(&server, "card", "<b>{{ title }}</b>").await;
        assert_eq!(declare(&server, "hello", declared).await["version"], 2);
    }

    /// What would break a workflow is refused, and says which and where.
    async fn m05_a_template_that_breaks_a_workflow_is_refused(database) {
        let server = TestServer::start_on(database).await;
        template(&server, "frame", "<body>{{ content }}</body>").await;
        declare(&server, "hello", mail("<p>x</p>")).await;
        let refused = server.put("/api/v1/templates/frame", &json!({"source": "no place for it"})).await;
        let problem = refused.refused(422, "invalid").to_string();
        assert!(problem.contains("workflow hello at /steps/0/email/layout"), "{problem}");
        let refused = server.put("/api/v1/templates/other", &json!({"source": "one\n {% if %}"})).await;
        let problem = refused.refused(422, "invalid").to_string();
        assert!(problem.contains("line 2"), "{problem}");
        server.delete("/api/v1/templates/frame").await.refused(409, "template_in_use");
        server.get("/api/v1/templates/other").await.refused(404, "not_found");
        let missing = server.put("/api/v1/workflows/bye", &mail("{% include 'nothing' %}")).await;
        assert!(missing.refused(422, "invalid").to_string().contains("there is no partial `nothing`"));
        server.delete("/api/v1/workflows/hello").await.ok(204);
        server.delete("/api/v1/templates/frame").await.ok(204);
    }

    /// Everybody reads their own language, where there are texts in it.
    async fn texts_come_in_the_language_of_who_reads_them(database) {
        let server = TestServer::start_on(database).await;
        for (user, locale) in [("ada", "de-AT"), ("bob", "fr"), ("eve", "pt_BR")] {
            server.put(&format!("/api/v1/users/{user}"), &json!({"locale": locale})).await;
        }
        declare(&server, "hello", json!({"steps": [{"name": "bell", "in_app": {
            "title": "Hello {{ recipient.id }}", "body": "One body", "metadata": {"greeting": "Hi {{ recipient.id }}", "n": 1},
            "locales": {"de": {"title": "Hallo {{ recipient.id }}"}, "pt-BR": {"title": "Oi", "body": "Um corpo"}}}}]})).await;
        trigger(&server, "hello", json!({"recipients": ["ada", "bob", "eve"]})).await;
        server.settle().await;
        for (user, title, body) in [("ada", "Hallo ada", "One body"), ("bob", "Hello bob", "One body"), ("eve", "Oi", "Um corpo")] {
            let feed = server.get(&format!("/api/v1/users/{user}/notifications")).await.ok(200);
            let item = &feed["data"][0];
            assert_eq!((item["title"].as_str(), item["body"].as_str()), (Some(title), Some(body)), "{item}");
            assert_eq!(item["metadata"], json!({"greeting": format!("Hi {user}"), "n": 1}));
        }
        for (locales, place) in [
            (json!({"de": {"title": "{{ x"}}), "/steps/0/in_app/locales/de/title"),
            (json!({"de": {"colour": "red"}}), "/steps/0/in_app/locales/de"),
            (json!({"de": {"title": " "}}), "/steps/0/in_app/locales/de/title"),
        ] {
            let body = json!({"steps": [{"name": "bell", "in_app": {"title": "x", "locales": locales}}]});
            let refused = server.put("/api/v1/workflows/hello", &body).await;
            assert!(refused.faults().iter().any(|(pointer, _)| pointer == place), "{place}: {}", refused.text());
        }
    }

    /// Files come with a mail, and answers go where the step says.
    async fn a_mail_carries_files(database) {
        let server = TestServer::start_on(database).await;
        sandbox(&server).await;
        person(&server, "ada").await;
        declare(&server, "report", json!({"steps": [{"name": "mail", "email": {
            "subject": "Report", "text": "Here it is.", "reply_to": "{{ data.owner }}",
            "attachments": [{"filename": "{{ data.name }}.txt", "content_type": "text/plain", "content": "{{ data.file }}"}]}}]})).await;
        let data = json!({"owner": "eve@example.com", "name": "march", "file": "aGVsbG8="});
        trigger(&server, "report", json!({"recipients": ["ada"], "data": data})).await;
        server.settle().await;
        let mail = &mails(&server, "").await[0];
        assert_eq!(mail["status"], "sent", "{mail}");
        assert_eq!(mail["content"]["reply_to"], "eve@example.com");
        assert_eq!(mail["content"]["attachments"][0], json!({"filename": "march.txt", "content_type": "text/plain", "content": "aGVsbG8="}));
        let nothing = json!({"steps": [{"name": "mail", "email": {"subject": "x", "text": "x", "attachments": [{"filename": "a"}]}}]});
        let refused = server.put("/api/v1/workflows/report", &nothing).await;
        assert_eq!(refused.faults()[0].0, "/steps/0/email/attachments/0");
    }
}
