//! Configuration and people: what is written is read back, what is another's is not seen, and every change moves its version.

use domain::effects::{Actor, AuditEntry, Part};
use domain::endpoint::{EndpointStatus, Subscription};
use domain::environment::{Env, Settings};
use domain::event_type::{EventType, Visibility};
use domain::id::{AppId, EndpointId, KeyId, Prefixed, TokenKeyId};
use store::app::App;
use store::claim::{self, Claimed};
use store::endpoint::Endpoint;
use store::key::{Key, Kind, TokenKey};
use store::tenant::{Member, Tenant};
use store::user::User;
use store::{Error, app, audit, endpoint, environment, event_type, key, tenant, topic, user, version};

use crate::database::{DAY, NOW, Test, after, on_both, page};

on_both!(
    environments_are_numbered_and_named_once,
    environments_made_at_once_get_different_numbers,
    applications_are_found_by_id_uid_and_tenant,
    a_deleted_application_frees_its_uid_and_takes_its_keys_along,
    installations_come_and_go,
    keys_are_found_by_hash_and_revoked_once,
    public_keys_come_and_go,
    event_types_are_put_whole,
    tenants_and_members,
    users_and_who_may_be_reached,
    topics_count_their_subscribers,
    endpoints_are_put_whole,
    platform_endpoints_are_those_of_no_tenant,
    the_audit_log_filters_and_pages,
    a_key_outside_the_group_commit,
    every_change_of_configuration_is_counted,
    changes_at_once_do_not_wait_in_a_ring,
    what_is_rolled_back_never_was,
);

/// Runs a change in a transaction of its own.
macro_rules! write {
    ($t:expr, |$tx:ident| $body:expr) => {{
        let mut $tx = $t.change().await;
        let done = $body.await.unwrap();
        $tx.commit().await.unwrap();
        done
    }};
}

/// Reads through a snapshot of its own.
macro_rules! read {
    ($t:expr, |$conn:ident| $body:expr) => {{
        let mut reader = $t.read().await;
        let $conn: &mut store::Conn = &mut reader;
        $body.await.unwrap()
    }};
}

async fn environments_are_numbered_and_named_once(t: &Test) {
    let mut settings = Settings {
        require_installation: true,
        ..Settings::default()
    };
    settings.limits.title = 77;
    let id = t.id();
    let mut tx = t.store.change_all().await.unwrap();
    assert!(
        environment::insert(&mut tx, id, "staging", &settings, b"s1", NOW)
            .await
            .unwrap()
    );
    assert!(
        !environment::insert(&mut tx, t.id(), "staging", &settings, b"s1", NOW)
            .await
            .unwrap()
    );
    assert!(
        environment::insert(&mut tx, t.id(), "third", &settings, b"s1", NOW)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let all = environment::list(&mut t.store.read_all().await.unwrap())
        .await
        .unwrap();
    assert_eq!(
        all.iter().map(|e| (e.env.0, e.name.as_str())).collect::<Vec<_>>(),
        [(1, "default"), (2, "staging"), (3, "third")]
    );
    let mut tx = t.store.change(Env(2)).await.unwrap();
    settings.require_installation = false;
    environment::update(&mut tx, &settings).await.unwrap();
    environment::update_token_secret(&mut tx, b"s2").await.unwrap();
    tx.commit().await.unwrap();
    let found = environment::get(&mut t.store.read(Env(2)).await.unwrap(), Env(2))
        .await
        .unwrap()
        .expect("there");
    assert_eq!((found.id, found.settings, found.created_at), (id, settings, NOW));
    assert_eq!(
        (
            found.token_secret.as_slice(),
            found.previous_token_secret.as_deref()
        ),
        (&b"s2"[..], Some(&b"s1"[..]))
    );
    assert!(
        environment::get(&mut *t.read().await, Env(9))
            .await
            .unwrap()
            .is_none()
    );
}

async fn environments_made_at_once_get_different_numbers(t: &Test) {
    let made = futures_util::future::join_all((0..8).map(|n| async move {
        let mut tx = t.store.change_all().await.unwrap();
        let name = format!("env-{n}");
        let made = environment::insert(&mut tx, t.id(), &name, &Settings::default(), b"s", NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        made
    }));
    assert!(made.await.into_iter().all(|made| made));
    assert_eq!(
        t.number("SELECT count(DISTINCT number) FROM environments").await,
        9
    );
}

fn new_app(t: &Test, uid: Option<&str>, tenant: Option<&str>) -> App {
    App {
        id: t.id(),
        env: t.env,
        uid: uid.map(str::to_owned),
        tenant: tenant.map(str::to_owned),
        name: "Billing".into(),
        metadata: Some(r#"{"a":1}"#.into()),
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn applications_are_found_by_id_uid_and_tenant(t: &Test) {
    let mut one = new_app(t, Some("billing"), None);
    let two = new_app(t, None, Some("acme"));
    let three = new_app(t, None, None);
    for app in [&one, &two, &three] {
        assert!(write!(t, |tx| app::insert(&mut tx, app)));
    }
    assert!(!write!(t, |tx| app::insert(
        &mut tx,
        &new_app(t, Some("billing"), None)
    )));
    assert!(!write!(t, |tx| app::insert(
        &mut tx,
        &new_app(t, None, Some("acme"))
    )));
    assert_eq!(read!(t, |c| app::get(c, t.env, one.id)), Some(one.clone()));
    assert_eq!(
        read!(t, |c| app::get_by_uid(c, t.env, "billing")),
        Some(one.clone())
    );
    assert_eq!(
        read!(t, |c| app::get_by_tenant(c, t.env, "acme")),
        Some(two.clone())
    );
    assert_eq!(read!(t, |c| app::get_by_uid(c, t.env, "Billing")), None);
    assert_eq!(read!(t, |c| app::get(c, Env(2), one.id)), None);
    let mut all = [one.clone(), two, three];
    all.sort_unstable_by_key(|app| std::cmp::Reverse(app.id));
    assert_eq!(read!(t, |c| app::list(c, t.env, &page(2))), all[..2]);
    assert_eq!(
        read!(t, |c| app::list(c, t.env, &after(2, all[1].id.bare()))),
        all[2..]
    );
    (one.uid, one.name, one.metadata, one.updated_at) = (None, "Invoices".into(), None, NOW + 1);
    write!(t, |tx| app::update(&mut tx, &one));
    assert_eq!(read!(t, |c| app::get(c, t.env, one.id)), Some(one.clone()));
    one.uid = Some("x".into());
    write!(t, |tx| app::update(&mut tx, &one));
    let mut other = new_app(t, Some("y"), None);
    write!(t, |tx| app::insert(&mut tx, &other));
    other.uid = Some("x".into());
    let mut tx = t.change().await;
    assert!(matches!(
        app::update(&mut tx, &other).await,
        Err(Error::Conflict(_))
    ));
}

async fn a_deleted_application_frees_its_uid_and_takes_its_keys_along(t: &Test) {
    let one = new_app(t, Some("billing"), Some("acme"));
    write!(t, |tx| app::insert(&mut tx, &one));
    let key = new_key(t, Kind::Application, Some(one.id));
    write!(t, |tx| key::insert(&mut tx, &key, &[1; 32]));
    let endpoint = new_endpoint(t, one.id);
    write!(t, |tx| endpoint::put(&mut tx, &endpoint));
    write!(t, |tx| app::delete(&mut tx, one.id, NOW + 5));
    assert_eq!(read!(t, |c| app::get(c, t.env, one.id)), None);
    assert!(read!(t, |c| app::list(c, t.env, &page(10))).is_empty());
    assert_eq!(
        read!(t, |c| key::find(c, &[1; 32])).unwrap().revoked_at,
        Some(NOW + 5)
    );
    let found = read!(t, |c| endpoint::find(c, endpoint.id())).unwrap();
    assert_eq!(
        (found.subscription.status, found.disabled_at),
        (EndpointStatus::Disabled, Some(NOW + 5))
    );
    assert!(write!(t, |tx| app::insert(
        &mut tx,
        &new_app(t, Some("billing"), Some("acme"))
    )));
}

async fn installations_come_and_go(t: &Test) {
    let (one, two): (AppId, AppId) = (t.id(), t.id());
    for (n, name) in ["bob", "Ann", "ann", "_x"].into_iter().enumerate() {
        write!(t, |tx| app::install(&mut tx, one, name, NOW + n as i64));
        write!(t, |tx| app::install(&mut tx, one, name, NOW + 9));
    }
    write!(t, |tx| app::install(&mut tx, two, "bob", NOW));
    let users = |list: Vec<app::Installation>| list.into_iter().map(|i| i.user_id).collect::<Vec<_>>();
    let found = read!(t, |c| app::installations(c, t.env, one, &page(3)));
    assert_eq!(found[1].created_at, NOW + 3);
    assert_eq!(users(found), ["Ann", "_x", "ann"], "in the order of bytes");
    assert_eq!(
        users(read!(t, |c| app::installations(c, t.env, one, &after(3, "ann")))),
        ["bob"]
    );
    assert_eq!(
        read!(t, |c| app::installed(c, t.env, "bob", None, &page(3))).len(),
        2
    );
    let next = read!(t, |c| app::installed(
        c,
        t.env,
        "bob",
        None,
        &after(3, one.bare())
    ));
    assert_eq!(
        next.iter().map(|row| row.app.as_str()).collect::<Vec<_>>(),
        [two.bare()]
    );
    assert_eq!(
        read!(t, |c| app::installed(c, t.env, "bob", Some(two), &page(3))).len(),
        1
    );
    write!(t, |tx| app::uninstall(&mut tx, one, "bob"));
    let left = read!(t, |c| app::installed(c, t.env, "bob", None, &page(3)));
    assert_eq!((left.len(), left[0].app.as_str()), (1, two.bare()));
}

fn new_key(t: &Test, kind: Kind, app: Option<AppId>) -> Key {
    Key {
        id: t.id(),
        env: t.env,
        kind,
        app,
        hint: "wxyz".into(),
        name: Some("ci".into()),
        created_at: NOW,
        expires_at: Some(NOW + DAY),
        revoked_at: None,
    }
}

async fn keys_are_found_by_hash_and_revoked_once(t: &Test) {
    let one: AppId = t.id();
    let secret = new_key(t, Kind::Secret, None);
    let apps = new_key(t, Kind::Application, Some(one));
    let public = new_key(t, Kind::Public, None);
    for (n, key) in [(1, &secret), (2, &apps), (3, &public)] {
        assert!(write!(t, |tx| key::insert(&mut tx, key, &[n; 32])));
    }
    assert!(!write!(t, |tx| key::insert(
        &mut tx,
        &new_key(t, Kind::Secret, None),
        &[1; 32]
    )));
    let found = key::find(&mut t.store.read_all().await.unwrap(), &[2; 32])
        .await
        .unwrap()
        .expect("there");
    assert_eq!(format!("{found:?}"), format!("{apps:?}"));
    assert!(
        key::find(&mut t.store.read_all().await.unwrap(), &[9; 32])
            .await
            .unwrap()
            .is_none()
    );
    let ids = |keys: Vec<Key>| keys.into_iter().map(|key| key.id).collect::<Vec<KeyId>>();
    let mut environments = [secret.id, public.id];
    environments.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(
        ids(read!(t, |c| key::list(c, t.env, None, &page(10)))),
        environments
    );
    assert_eq!(
        ids(read!(t, |c| key::list(
            c,
            t.env,
            None,
            &after(10, environments[0].bare())
        ))),
        environments[1..]
    );
    assert_eq!(
        ids(read!(t, |c| key::list(c, t.env, Some(one), &page(10)))),
        [apps.id]
    );
    assert!(
        !write!(t, |tx| key::revoke(&mut tx, None, apps.id, NOW)),
        "an application's key by its application"
    );
    assert!(write!(t, |tx| key::revoke(&mut tx, Some(one), apps.id, NOW + 1)));
    assert!(write!(t, |tx| key::revoke(&mut tx, Some(one), apps.id, NOW + 2)));
    assert_eq!(
        read!(t, |c| key::find(c, &[2; 32])).unwrap().revoked_at,
        Some(NOW + 1)
    );
    assert!(write!(t, |tx| key::revoke(&mut tx, None, secret.id, NOW + 1)));
}

async fn public_keys_come_and_go(t: &Test) {
    let one = TokenKey {
        id: t.id(),
        env: t.env,
        algorithm: "EdDSA".into(),
        public_key: "-----BEGIN".into(),
        name: None,
        created_at: NOW,
    };
    write!(t, |tx| key::insert_token_key(&mut tx, &one));
    let found = read!(t, |c| key::token_keys(c, t.env));
    assert_eq!(format!("{found:?}"), format!("{:?}", [&one]));
    let listed = read!(t, |c| key::list_token_keys(c, t.env, &page(3)));
    assert_eq!(format!("{listed:?}"), format!("{found:?}"));
    assert!(read!(t, |c| key::list_token_keys(c, t.env, &after(3, one.id.bare()))).is_empty());
    let env = key::find_token_key(&mut t.store.read_all().await.unwrap(), one.id)
        .await
        .unwrap();
    assert_eq!(env, Some(t.env));
    assert!(!write!(t, |tx| key::delete_token_key(
        &mut tx,
        t.id::<TokenKeyId>()
    )));
    assert!(write!(t, |tx| key::delete_token_key(&mut tx, one.id)));
    assert!(read!(t, |c| key::token_keys(c, t.env)).is_empty());
}

async fn event_types_are_put_whole(t: &Test) {
    let mut one = EventType {
        name: "order.paid".into(),
        category: "order".into(),
        title: Some("Order paid".into()),
        description: "An order was paid".into(),
        schema: Some(serde_json::json!({"type": "object"})),
        version: "2025-01-01".into(),
        visibility: Visibility::Platform,
        public_name: Some("paid".into()),
        public_fields: Some(vec!["id".into(), "a\"b".into()]),
        created_at: NOW,
        updated_at: NOW,
    };
    write!(t, |tx| event_type::put(&mut tx, &one));
    let found = read!(t, |c| event_type::get(c, t.env, "order.paid"));
    assert_eq!(format!("{found:?}"), format!("{:?}", Some(&one)));
    (one.schema, one.title, one.public_name, one.public_fields) = (None, None, None, None);
    (one.visibility, one.updated_at) = (Visibility::App, NOW + 1);
    let later = EventType {
        created_at: NOW + 1,
        ..one.clone()
    };
    write!(t, |tx| event_type::put(&mut tx, &later));
    let all = read!(t, |c| event_type::all(c, t.env));
    assert_eq!(format!("{all:?}"), format!("{:?}", [&one]), "its beginning stays");
    let listed = read!(t, |c| event_type::list(c, t.env, &after(1, "order")));
    assert_eq!(format!("{listed:?}"), format!("{all:?}"));
    assert!(read!(t, |c| event_type::list(c, t.env, &after(1, "order.paid"))).is_empty());
    assert!(read!(t, |c| event_type::get(c, Env(2), "order.paid")).is_none());
    assert!(write!(t, |tx| event_type::delete(&mut tx, "order.paid")));
    assert!(!write!(t, |tx| event_type::delete(&mut tx, "order.paid")));
}

fn member(user: &str, role: &str) -> Member {
    Member {
        user_id: user.into(),
        role: role.into(),
        created_at: NOW,
    }
}

async fn tenants_and_members(t: &Test) {
    let mut acme = Tenant {
        id: "acme".into(),
        name: Some("Acme".into()),
        metadata: Some("{}".into()),
        created_at: NOW,
        updated_at: NOW,
    };
    write!(t, |tx| tenant::put(&mut tx, &acme));
    (acme.name, acme.updated_at) = (None, NOW + 1);
    write!(t, |tx| tenant::put(
        &mut tx,
        &Tenant {
            created_at: NOW + 1,
            ..acme.clone()
        }
    ));
    write!(t, |tx| tenant::put(
        &mut tx,
        &Tenant {
            id: "Zed".into(),
            ..acme.clone()
        }
    ));
    assert_eq!(read!(t, |c| tenant::get(c, t.env, "acme")), Some(acme.clone()));
    let ids = |list: Vec<Tenant>| list.into_iter().map(|tenant| tenant.id).collect::<Vec<_>>();
    assert_eq!(
        ids(read!(t, |c| tenant::list(c, t.env, &page(10)))),
        ["Zed", "acme"]
    );
    assert_eq!(
        ids(read!(t, |c| tenant::list(c, t.env, &after(10, "Zed")))),
        ["acme"]
    );
    for (user, role) in [
        ("bob", "member"),
        ("ann", "owner"),
        ("Cy", "admin"),
        ("bob", "admin"),
    ] {
        write!(t, |tx| tenant::put_member(&mut tx, "acme", &member(user, role)));
    }
    assert_eq!(
        read!(t, |c| tenant::member(c, t.env, "acme", "bob")),
        Some(member("bob", "admin"))
    );
    let all = [
        member("Cy", "admin"),
        member("ann", "owner"),
        member("bob", "admin"),
    ];
    assert_eq!(
        read!(t, |c| tenant::members(c, t.env, "acme", &[], &page(10))),
        all
    );
    assert_eq!(
        read!(t, |c| tenant::members(c, t.env, "acme", &[], &after(1, "Cy"))),
        all[1..2]
    );
    assert_eq!(
        read!(t, |c| tenant::members(c, t.env, "acme", &["admin"], &page(10))).len(),
        2
    );
    assert!(read!(t, |c| tenant::members(c, t.env, "Zed", &[], &page(10))).is_empty());
    write!(t, |tx| tenant::delete_member(&mut tx, "acme", "bob"));
    assert_eq!(read!(t, |c| tenant::member(c, t.env, "acme", "bob")), None);
    assert!(write!(t, |tx| tenant::delete(&mut tx, "acme")));
    assert!(!write!(t, |tx| tenant::delete(&mut tx, "acme")));
    assert!(read!(t, |c| tenant::members(c, t.env, "acme", &[], &page(10))).is_empty());
}

fn person(id: &str, active: bool) -> User {
    User {
        id: id.into(),
        name: Some("Ann".into()),
        email: Some("ann@example.com".into()),
        phone: Some("+1".into()),
        locale: Some("de".into()),
        time_zone: Some("Europe/Berlin".into()),
        active: active.into(),
        metadata: Some("{}".into()),
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn users_and_who_may_be_reached(t: &Test) {
    for (id, active) in [("ann", true), ("Bob", false), ("cy", true)] {
        write!(t, |tx| user::put(&mut tx, &person(id, active)));
    }
    let changed = User {
        email: None,
        updated_at: NOW + 1,
        ..person("ann", true)
    };
    write!(t, |tx| user::put(
        &mut tx,
        &User {
            created_at: NOW + 1,
            ..changed.clone()
        }
    ));
    assert_eq!(read!(t, |c| user::get(c, t.env, "ann")), Some(changed));
    assert_eq!(read!(t, |c| user::get(c, t.env, "nobody")), None);
    let ids = |list: Vec<User>| list.into_iter().map(|user| user.id).collect::<Vec<_>>();
    assert_eq!(ids(read!(t, |c| user::list(c, t.env, &page(2)))), ["Bob", "ann"]);
    assert_eq!(ids(read!(t, |c| user::list(c, t.env, &after(2, "ann")))), ["cy"]);
    let app: AppId = t.id();
    for name in ["ann", "Bob", "new \"one\""] {
        write!(t, |tx| app::install(&mut tx, app, name, NOW));
    }
    let named: Vec<String> = ["new \"one\"", "cy", "Bob", "ann", "Zoe", "_"]
        .map(str::to_owned)
        .into();
    let reach = async |installed: Option<&str>| {
        user::reachable(&mut *t.read().await, t.env, &named, installed)
            .await
            .unwrap()
    };
    assert_eq!(
        reach(None).await,
        ["Zoe", "_", "ann", "cy", "new \"one\""],
        "in the order of bytes"
    );
    assert_eq!(reach(Some(app.bare())).await, ["ann", "new \"one\""]);
    assert!(
        user::reachable(&mut *t.read().await, t.env, &[], None)
            .await
            .unwrap()
            .is_empty()
    );
    write!(t, |tx| tenant::put_member(
        &mut tx,
        "acme",
        &member("ann", "owner")
    ));
    write!(t, |tx| topic::subscribe(&mut tx, "news", "ann", NOW));
    assert!(write!(t, |tx| user::delete(&mut tx, "ann", NOW)).found);
    assert!(!write!(t, |tx| user::delete(&mut tx, "ann", NOW)).found);
    assert_eq!(read!(t, |c| tenant::member(c, t.env, "acme", "ann")), None);
    assert!(read!(t, |c| topic::subscribers(c, t.env, "news", &page(10))).is_empty());
    assert!(read!(t, |c| app::installed(c, t.env, "ann", None, &page(3))).is_empty());
}

async fn topics_count_their_subscribers(t: &Test) {
    for (topic, user) in [
        ("news", "bob"),
        ("news", "Ann"),
        ("News", "bob"),
        ("news", "bob"),
        ("alerts", "cy"),
    ] {
        write!(t, |tx| topic::subscribe(&mut tx, topic, user, NOW));
    }
    assert_eq!(
        read!(t, |c| topic::subscribers(c, t.env, "news", &page(10))),
        ["Ann", "bob"]
    );
    assert_eq!(
        read!(t, |c| topic::subscribers(c, t.env, "news", &after(10, "Ann"))),
        ["bob"]
    );
    let topics = |list: Vec<topic::Topic>| {
        list.into_iter()
            .map(|t| (t.topic, t.subscribers))
            .collect::<Vec<_>>()
    };
    let all = [
        ("News".to_owned(), 1),
        ("alerts".to_owned(), 1),
        ("news".to_owned(), 2),
    ];
    assert_eq!(topics(read!(t, |c| topic::list(c, t.env, &page(10)))), all);
    assert_eq!(
        topics(read!(t, |c| topic::list(c, t.env, &after(1, "News")))),
        all[1..2]
    );
    write!(t, |tx| topic::unsubscribe(&mut tx, "news", "bob"));
    assert_eq!(
        read!(t, |c| topic::subscribers(c, t.env, "news", &page(10))),
        ["Ann"]
    );
}

fn new_endpoint(t: &Test, app: AppId) -> Endpoint {
    Endpoint {
        subscription: Subscription {
            id: t.id(),
            env: t.env,
            app,
            event_types: Some(vec!["a.b".into(), "c\"d".into()]),
            status: EndpointStatus::Active,
        },
        url: "https://example.com/hook".into(),
        description: "d".into(),
        secrets: vec![0, 1, 255],
        retry_policy: "default".into(),
        rate_limit: Some(10),
        disabled_reason: None,
        disabled_at: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn endpoints_are_put_whole(t: &Test) {
    let app: AppId = t.id();
    let mut one = new_endpoint(t, app);
    write!(t, |tx| endpoint::put(&mut tx, &one));
    let found = read!(t, |c| endpoint::get(c, t.env, app, one.id()));
    assert_eq!(format!("{found:?}"), format!("{:?}", Some(&one)));
    one.subscription.event_types = None;
    one.subscription.status = EndpointStatus::Disabled;
    (one.rate_limit, one.disabled_reason, one.disabled_at) = (None, Some("gone".into()), Some(NOW + 1));
    write!(t, |tx| endpoint::put(&mut tx, &one));
    let found = endpoint::find(&mut t.store.read_all().await.unwrap(), one.id())
        .await
        .unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", Some(&one)));
    assert!(read!(t, |c| endpoint::get(c, t.env, t.id(), one.id())).is_none());
    let two = new_endpoint(t, app);
    write!(t, |tx| endpoint::put(&mut tx, &two));
    let mut ids = [one.id(), two.id()];
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let list = |list: Vec<Endpoint>| list.iter().map(Endpoint::id).collect::<Vec<_>>();
    assert_eq!(list(read!(t, |c| endpoint::list(c, t.env, app, &page(10)))), ids);
    assert_eq!(
        list(read!(t, |c| endpoint::list(
            c,
            t.env,
            app,
            &after(10, ids[0].bare())
        ))),
        ids[1..]
    );
    assert!(!write!(t, |tx| endpoint::delete(&mut tx, app, t.id())));
    assert!(write!(t, |tx| endpoint::delete(&mut tx, app, one.id())));
    assert!(read!(t, |c| endpoint::find(c, one.id())).is_none());
}

async fn platform_endpoints_are_those_of_no_tenant(t: &Test) {
    let apps = [
        new_app(t, None, None),
        new_app(t, None, Some("acme")),
        new_app(t, None, None),
    ];
    let mut endpoints: Vec<EndpointId> = Vec::new();
    for app in &apps {
        write!(t, |tx| app::insert(&mut tx, app));
        let one = new_endpoint(t, app.id);
        write!(t, |tx| endpoint::put(&mut tx, &one));
        endpoints.push(one.id());
    }
    let mut paused = new_endpoint(t, apps[0].id);
    paused.subscription.status = EndpointStatus::Paused;
    write!(t, |tx| endpoint::put(&mut tx, &paused));
    write!(t, |tx| app::delete(&mut tx, apps[2].id, NOW));
    let found = read!(t, |c| endpoint::platform(c, t.env));
    assert_eq!(found.iter().map(Endpoint::id).collect::<Vec<_>>(), endpoints[..1]);
}

async fn the_audit_log_filters_and_pages(t: &Test) {
    let key: KeyId = t.id();
    let mut ids = Vec::new();
    for (n, (actor, action, subject)) in [
        (Actor::Key(key), "app.create", "app_1"),
        (Actor::User("ann".into()), "notification.change", "ntf_1"),
        (Actor::Operator, "app.create", "app_2"),
        (Actor::Server, "endpoint.disable", "ep_1"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = NOW + n as i64 * 1_000;
        let entry = AuditEntry {
            id: t.id_at(at),
            actor,
            action,
            subject: subject.into(),
            detail: (n == 0).then(|| "{}".into()),
            origin: (n == 0).then(|| "::1".into()),
        };
        ids.push(entry.id.bare().to_owned());
        write!(t, |tx| audit::insert(&mut tx, &entry, at));
    }
    let list = async |filter: audit::Filter, page| {
        let lines = audit::list(&mut *t.read().await, t.env, &filter, &page)
            .await
            .unwrap();
        lines
            .into_iter()
            .map(|line| ids.iter().position(|id| *id == line.id).unwrap())
            .collect::<Vec<_>>()
    };
    let none = audit::Filter::default;
    assert_eq!(list(none(), page(3)).await, [3, 2, 1]);
    assert_eq!(list(none(), after(3, ids[1].as_str())).await, [0]);
    assert_eq!(
        list(
            audit::Filter {
                action: Some("app.create".into()),
                ..none()
            },
            page(9)
        )
        .await,
        [2, 0]
    );
    assert_eq!(
        list(
            audit::Filter {
                actor: Some("ann".into()),
                ..none()
            },
            page(9)
        )
        .await,
        [1]
    );
    assert_eq!(
        list(
            audit::Filter {
                actor: Some(key.bare().into()),
                ..none()
            },
            page(9)
        )
        .await,
        [0]
    );
    assert_eq!(
        list(
            audit::Filter {
                subject: Some("ep_1".into()),
                ..none()
            },
            page(9)
        )
        .await,
        [3]
    );
    let range = audit::Filter {
        from: Some(NOW + 1_000),
        to: Some(NOW + 3_000),
        ..none()
    };
    assert_eq!(list(range, page(9)).await, [2, 1]);
    let line = &audit::list(&mut *t.read().await, t.env, &none(), &page(9))
        .await
        .unwrap()[3];
    assert_eq!(
        (line.actor_kind.as_str(), line.actor.as_deref()),
        ("key", Some(key.bare()))
    );
    assert_eq!(
        (line.detail.as_deref(), line.origin.as_deref(), line.at),
        (Some("{}"), Some("::1"), NOW)
    );
}

async fn a_key_outside_the_group_commit(t: &Test) {
    let mut claim = t.claim("k", "");
    claim.expires_at = NOW + 100;
    assert_eq!(write!(t, |tx| claim::take(&mut tx, &claim, NOW)), Claimed::Fresh);
    let used = |same, answer: &str| Claimed::Used {
        same,
        answer: answer.into(),
    };
    assert_eq!(write!(t, |tx| claim::take(&mut tx, &claim, NOW)), used(true, ""));
    write!(t, |tx| claim::answer(&mut tx, "event", "k", "201"));
    claim.hash = [2; 32];
    assert_eq!(
        write!(t, |tx| claim::take(&mut tx, &claim, NOW + 99)),
        used(false, "201")
    );
    claim.expires_at = NOW + 200;
    assert_eq!(
        write!(t, |tx| claim::take(&mut tx, &claim, NOW + 100)),
        Claimed::Fresh
    );
    assert_eq!(
        write!(t, |tx| claim::take(&mut tx, &claim, NOW + 101)),
        used(true, "")
    );
    // Rolled back, it is free; while its transaction is open, the next waits for its end.
    let other = t.claim("other", "");
    let mut tx = t.write().await;
    assert_eq!(claim::take(&mut tx, &other, NOW).await.unwrap(), Claimed::Fresh);
    tx.rollback().await.unwrap();
    let taken = futures_util::future::join_all((0..10).map(|_| async {
        let mut tx = t.write().await;
        let taken = claim::take(&mut tx, &other, NOW).await.unwrap();
        claim::answer(&mut tx, "event", "other", "done").await.unwrap();
        tx.commit().await.unwrap();
        taken
    }));
    let taken = taken.await;
    assert_eq!(taken.iter().filter(|taken| **taken == Claimed::Fresh).count(), 1);
    assert_eq!(
        taken.iter().filter(|taken| **taken == used(true, "done")).count(),
        9
    );
}

async fn every_change_of_configuration_is_counted(t: &Test) {
    let app = new_app(t, None, None);
    write!(t, |tx| app::insert(&mut tx, &app));
    let endpoint = new_endpoint(t, app.id);
    let parts = [Part::Environment, Part::Platform, Part::App(app.id)];
    let versions = async || {
        let mut reader = t.read().await;
        let mut versions = [0; 3];
        for (version, part) in versions.iter_mut().zip(parts) {
            *version = version::get(&mut reader, t.env, part).await.unwrap();
        }
        versions
    };
    assert_eq!(versions().await, [0; 3]);
    let before = read!(t, |c| version::changes(c));
    write!(t, |tx| endpoint::put(&mut tx, &endpoint));
    assert_eq!(versions().await, [0, 1, 1]);
    write!(t, |tx| endpoint::delete(&mut tx, app.id, endpoint.id()));
    assert_eq!(versions().await, [0, 2, 2]);
    write!(t, |tx| environment::update(&mut tx, &Settings::default()));
    write!(t, |tx| event_type::delete(&mut tx, "x"));
    assert_eq!(versions().await, [2, 2, 2]);
    write!(t, |tx| app::delete(&mut tx, app.id, NOW));
    assert_eq!(versions().await, [3, 3, 3]);
    assert!(read!(t, |c| version::changes(c)) >= before + 5);
    let elsewhere = version::get(
        &mut t.store.read(Env(2)).await.unwrap(),
        Env(2),
        Part::Environment,
    )
    .await;
    assert_eq!(elsewhere.unwrap(), 0);
}

/// Each touches the parts in an order of its own.
async fn changes_at_once_do_not_wait_in_a_ring(t: &Test) {
    let app: AppId = t.id();
    let parts = [Part::Environment, Part::Platform, Part::App(app)];
    futures_util::future::join_all((0..12).map(|n| async move {
        for _ in 0..5 {
            let mut tx = t.change().await;
            for step in 0..3 {
                let place = if n % 2 == 0 {
                    (n + step) % 3
                } else {
                    (n + 3 - step) % 3
                };
                version::bump(&mut tx, parts[place]).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            tx.commit().await.unwrap();
        }
    }))
    .await;
    assert_eq!(read!(t, |c| version::get(c, t.env, Part::App(app))), 60);
}

async fn what_is_rolled_back_never_was(t: &Test) {
    let mut tx = t.write().await;
    assert_eq!(tx.env(), t.env);
    user::put(&mut tx, &person("ann", true)).await.unwrap();
    assert!(
        user::get(&mut tx, t.env, "ann").await.unwrap().is_some(),
        "a transaction sees what it wrote"
    );
    tx.rollback().await.unwrap();
    let mut tx = t.write().await;
    user::put(&mut tx, &person("bob", true)).await.unwrap();
    drop(tx);
    let mut reader = t.read().await;
    assert!(
        user::list(&mut reader, t.env, &page(10))
            .await
            .unwrap()
            .is_empty()
    );
    // A reader keeps its snapshot.
    write!(t, |tx| user::put(&mut tx, &person("cy", true)));
    assert!(
        user::list(&mut reader, t.env, &page(10))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(read!(t, |c| user::list(c, t.env, &page(10))).len(), 1);
    assert_eq!(t.store.is_shared(), t.is_postgres());
}
