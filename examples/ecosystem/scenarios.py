#!/usr/bin/env python3
"""What Oriva's users and apps live through, against a running Campanile that setup.py has set up.

    scenarios.py --url http://127.0.0.1:8300 --key sk_...

Eight scenarios (A13), then what the platform promises its developers. The server must be allowed to reach this machine
(--egress-allow 127.0.0.0/8), and CAMPANILE__DELIVERY__CIRCUIT_FAILURES=1000 spares waiting for the hundred failures that
disable a webhook. Ends with one line, "N passed, M failed".
"""

import argparse
import os
import pathlib
import sys
import time
import traceback
import uuid
from datetime import datetime, timedelta, timezone

import setup
from client import Api, Refused
from listeners import EventSource, Receiver, WebSocket

SCENARIOS = []
CONFLICT = "status_conflict"


def scenario(title):
    """Makes a function one of the scenarios."""

    def keep(function):
        SCENARIOS.append((title, function))
        return function

    return keep


class Oriva:
    """The platform as one scenario uses it; what it opens is closed behind it."""

    def __init__(self, url, key):
        self.core = Api(url, key)
        self.url = url
        self.open = []

    def keep(self, thing):
        self.open.append(thing)
        return thing

    def app(self, uid):
        """An app with a key of its own, so that no scenario uses up another's rate."""
        return self.core.as_(self.core.post(f"/apps/{uid}/keys", {"name": "scenario", "expires_in": 3600})["key"])

    def user(self, user):
        """A user's token, as core hands it to a browser."""
        return self.core.post(f"/users/{user}/token", {"expires_in": 600})["token"]

    def as_user(self, user):
        return self.core.as_(self.user(user))

    def line(self, user, **query):
        """A user's live line, greeted."""
        line = self.keep(WebSocket(self.url, self.user(user), **query))
        line.hello()
        return line

    def stream(self, app):
        """An app's live line, greeted."""
        stream = self.keep(WebSocket(self.url, app.credential))
        stream.hello()
        return stream

    def webhook(self, uid, app, event_types=None, **more):
        """A receiver with a webhook that leads to it."""
        receiver = self.keep(Receiver())
        made = app.post(f"/apps/{uid}/webhooks", {"url": receiver.url, "event_types": event_types, **more})
        receiver.secret, receiver.path = made["secret"], f"/apps/{uid}/webhooks/{made['id']}"
        self.keep(Webhook(self.core, receiver.path))
        return receiver

    def close(self):
        for thing in reversed(self.open):
            thing.close()


class Webhook:
    """A webhook that goes when its scenario is over."""

    def __init__(self, core, path):
        self.core, self.path = core, path

    def close(self):
        self.core.delete(self.path)


def fresh(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def equal(actual, expected, what):
    assert actual == expected, f"{what}: expected {expected!r}, got {actual!r}"


def refused(status, code, function, *arguments, **named):
    """The problem of a call that must be refused."""
    try:
        answer = function(*arguments, **named)
    except Refused as refusal:
        equal((refusal.status, refusal.problem["code"]), (status, code), str(refusal))
        return refusal.problem
    raise AssertionError(f"expected {status}, was answered with {answer}")


def eventually(question, what, seconds=15):
    """The first true answer to a question that is asked again and again."""
    until = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def notify(app, uid, **content):
    return app.post(f"/apps/{uid}/notifications", content)["notification_id"]


def feed(caller, user="me", **query):
    return {item["id"]: item for item in caller.get(f"/users/{user}/notifications", **query)["data"]}


@scenario("1. an app creates a notification")
def app_creates(oriva):
    app, line = oriva.app("sessions"), oriva.line("ada")
    receiver = oriva.webhook("sessions", app, ["notification.created"])
    content = {
        "title": "Your session starts in 5 minutes",
        "body": "Ben is in the room already.",
        "link": "/sessions/42",
        "priority": "high",
        "actions": [{"id": "join", "label": "Join", "url": "/sessions/42/join"}],
        "metadata": {"session": "42"},
    }
    external = fresh("reminder")
    made = app.post("/apps/sessions/notifications", {"users": ["ada"], "external_id": external, **content})
    equal(made["recipients"], 1, "who was reached")
    item = line.change(made["notification_id"], "unread")["item"]
    equal({name: item[name] for name in content}, content, "what ada sees")
    equal(item["app"]["uid"], "sessions", "who it is from")
    arrived = receiver.event("notification.created", external_id=external)
    assert arrived["valid"], "the signature of notification.created does not hold"
    equal(arrived["event"]["data"]["notification_id"], item["id"], "what the app is told of")
    again = app.post("/apps/sessions/notifications", {"users": ["ada"], "external_id": external, **content})
    equal((again["id"], again["duplicate"]), (item["id"], True), "the same notification once more")
    equal(feed(oriva.as_user("ada"), status="unread")[item["id"]]["is_read"], False, "ada's list")


@scenario("2. a user dismisses in core; the app and the other client learn of it")
def dismissed_in_core(oriva):
    app = oriva.app("sessions")
    phone, laptop = oriva.line("ada"), oriva.as_user("ada")
    stream = oriva.stream(app)
    receiver = oriva.webhook("sessions", app, ["notification.dismissed"])
    notification = notify(app, "sessions", users=["ada"], title="Session notes are ready")
    before = phone.change(notification, "unread")["counters"]["unread"]
    item = laptop.patch(f"/notifications/{notification}", {"status": "dismissed"})
    equal((item["status"], item["is_read"]), ("dismissed", True), "what core answers")
    equal(phone.change(notification, "dismissed")["counters"]["unread"], before - 1, "the badge on the phone")
    told = stream.event("notification.dismissed", notification_id=notification)
    equal((told["data"]["user_id"], told["data"]["status"]), ("ada", "dismissed"), "what the app hears")
    arrived = receiver.event("notification.dismissed", notification_id=notification)
    assert arrived["valid"], "the signature of notification.dismissed does not hold"
    equal(arrived["id"], arrived["event"]["id"], "webhook-id")


@scenario("3. a user dismisses in an app; core sees it")
def dismissed_in_app(oriva):
    app, core = oriva.app("wallet"), oriva.line("ben")
    notification = notify(app, "wallet", users=["ben"], title="Your card was charged")
    core.change(notification, "unread")
    refused(404, "not_found", app.patch, f"/notifications/{notification}", {"status": "dismissed"}, user="ada")
    item = app.patch(f"/notifications/{notification}", {"status": "dismissed"}, user="ben")
    equal(item["status"], "dismissed", "what the app answers")
    core.change(notification, "dismissed")
    equal(feed(oriva.as_user("ben"))[notification]["status"], "dismissed", "ben's list in core")
    undone = oriva.as_user("ben").patch(f"/notifications/{notification}", {"status": "unread"})
    equal((undone["status"], undone["is_read"]), ("unread", False), "taken back in core")
    core.change(notification, "unread")
    app.delete(f"/notifications/{notification}", user="ben")
    assert notification not in feed(oriva.as_user("ben")), "a deleted notification is still in the list"


@scenario("4. a user clicks an action")
def clicked(oriva):
    app, line = oriva.app("sessions"), oriva.line("ada")
    stream, receiver = oriva.stream(app), oriva.webhook("sessions", app, ["notification.clicked"])
    actions = [{"id": "accept", "label": "Accept"}, {"id": "decline", "label": "Decline"}]
    notification = notify(app, "sessions", users=["ada"], title="Ben invites you", actions=actions)
    item = oriva.as_user("ada").patch(f"/notifications/{notification}", {"status": "clicked", "action": "accept"})
    assert item["clicked_at"] and item["is_read"], f"clicked, but {item}"
    line.change(notification, "clicked")
    equal(stream.event("notification.clicked", notification_id=notification)["data"]["action"], "accept", "the action")
    told = receiver.event("notification.clicked", notification_id=notification)
    equal((told["valid"], told["event"]["data"]["action"]), (True, "accept"), "the webhook")
    refused(409, CONFLICT, oriva.as_user("ada").patch, f"/notifications/{notification}", {"status": "read"})


@scenario("5. several apps send; one centre, every app for itself")
def several_apps(oriva):
    apps = {uid: oriva.app(uid) for uid in ("sessions", "wallet", "community")}
    sent = {uid: notify(app, uid, users=["ada"], title=f"Hello from {uid}") for uid, app in apps.items()}
    centre = feed(oriva.as_user("ada"))
    for uid, notification in sent.items():
        equal(centre[notification]["app"]["uid"], uid, "who a notification is from")
    only = feed(oriva.as_user("ada"), app="wallet")
    assert sent["wallet"] in only and {item["app"]["uid"] for item in only.values()} == {"wallet"}, "one app's part"
    wallet = apps["wallet"]
    equal({item["app"]["uid"] for item in feed(wallet, "ada").values()}, {"wallet"}, "what an app sees of a feed")
    refused(404, "not_found", wallet.patch, f"/notifications/{sent['sessions']}", {"status": "read"}, user="ada")
    refused(404, "not_found", wallet.delete, f"/notifications/{sent['sessions']}", user="ada")
    refused(404, "not_found", wallet.get, "/apps/sessions/events")
    refused(404, "not_found", wallet.post, "/apps/sessions/notifications", {"users": ["ada"], "title": "Not me"})
    equal(feed(oriva.as_user("ada"))[sent["sessions"]]["status"], "unread", "what the wallet tried to change")
    # Cleo never installed the wallet.
    made = wallet.post("/apps/wallet/notifications", {"users": ["cleo"], "title": "You do not know me"})
    equal(made["recipients"], 0, "who was reached")
    assert made["id"] not in feed(oriva.as_user("cleo")), "an app reached somebody who had not installed it"


@scenario("6. an app subscribes to events by webhook")
def subscribes(oriva):
    wallet, community = oriva.app("wallet"), oriva.app("community")
    own = oriva.webhook("wallet", wallet, ["transaction.completed", "transaction.refunded"], retry_policy="five")
    other = oriva.webhook("community", community, ["transaction.completed", "transaction.refunded"])
    payment = fresh("txn")
    data = {"transaction_id": payment, "amount": 1250, "currency": "EUR", "risk_score": 0.93}
    entity = {"type": "transaction", "id": payment}
    published = wallet.post("/apps/wallet/events", {"type": "transaction.completed", "entity": entity, "data": data})
    for receiver in (own, other):
        arrived = receiver.event("transaction.completed", transaction_id=payment)
        assert arrived["valid"], "the signature does not hold"
        event = arrived["event"]
        equal((event["id"], arrived["id"]), (published["event_id"],) * 2, "the id to deduplicate on")
        equal(event["version"], "2026-02-07", "the version")
        outside = {name: data[name] for name in ("transaction_id", "amount", "currency")}
        equal(event["data"], outside, "what leaves: the risk score stays inside")
        assert abs(time.time() - datetime.fromisoformat(event["timestamp"]).timestamp()) < 60, event["timestamp"]
    found = wallet.get("/apps/wallet/events", **{"category": "transaction", "data.transaction_id": payment})["data"]
    equal([(event["id"], event["data"]) for event in found], [(published["event_id"], data)], "found by what is inside")
    refund = {"type": "transaction.refunded", "data": {"transaction_id": payment, "amount": 50}}
    wallet.post("/apps/wallet/events", refund)
    own.event("transaction.refunded", transaction_id=payment)
    assert not any(seen["event"]["type"] == "transaction.refunded" for seen in other.all(0.3)), "a private event leaked"


@scenario("6a. a failed delivery is tried again, and the log says so")
def retried(oriva):
    app = oriva.app("sessions")
    receiver = oriva.webhook("sessions", app, ["session.started"], retry_policy="five")
    receiver.status = 503
    session = fresh("session")
    event = app.post("/apps/sessions/events", {"type": "session.started", "data": {"session_id": session}})["event_id"]
    first = receiver.event("session.started", session_id=session)
    receiver.status = 200

    def log(status):
        return oriva.core.get(receiver.path + "/deliveries", event=event, status=status)["data"]

    waiting = eventually(lambda: log("retrying"), "the delivery waits")[0]
    equal((waiting["attempts"], waiting["status_code"]), (1, 503), "the log after the first attempt")
    assert waiting["next_attempt_at"], "the log does not say when it is tried next"
    second = receiver.event("session.started", session_id=session)
    equal(second["id"], first["id"], "the same id on every attempt")
    equal(second["body"], first["body"], "the same bytes on every attempt")
    assert second["valid"], "the signature of the second attempt does not hold"
    done = eventually(lambda: log("sent"), "the delivery is sent")[0]
    full = app.get(f"{receiver.path}/deliveries/{done['id']}")
    equal([attempt["status_code"] for attempt in full["attempts_log"]], [503, 200], "the attempts")
    app.post(f"{receiver.path}/deliveries/{done['id']}/retry")
    equal(receiver.event("session.started", session_id=session)["id"], first["id"], "sent again on request")


@scenario("6b. a webhook is disabled after 100 failures in a row")
def disabled(oriva):
    app = oriva.app("community")
    stream = oriva.stream(app)
    watcher = oriva.webhook("community", app, ["endpoint.disabled"])
    dead = oriva.webhook("community", app, ["reminder.due"], retry_policy="five")
    dead.status = 500
    began = datetime.now(timezone.utc)
    reminder = fresh("reminder")
    events = [{"type": "reminder.due", "data": {"reminder_id": f"{reminder}-{n}"}} for n in range(100)]
    equal(app.post("/apps/community/events/batch", {"events": events})["errors"], [], "the batch")
    ident = dead.path.rsplit("/", 1)[1]
    equal(stream.event("endpoint.disabled", webhook_id=ident)["data"]["url"], dead.url, "what the app hears")
    assert watcher.event("endpoint.disabled", webhook_id=ident)["valid"], "the signature does not hold"
    webhook = app.get(dead.path)
    equal(webhook["status"], "disabled", "the webhook")
    assert "100 failures" in webhook["disabled_reason"], webhook["disabled_reason"]
    waiting = {"status": "retrying", "limit": 1}
    withdrawn = "what waits for a disabled webhook is withdrawn"
    eventually(lambda: not oriva.core.get(dead.path + "/deliveries", **waiting)["data"], withdrawn)
    missed = fresh("reminder")
    app.post("/apps/community/events", {"type": "reminder.due", "data": {"reminder_id": missed}})
    refused(409, "webhook_inactive", app.post, dead.path + "/recover", {"since": began.isoformat()})
    dead.status = 200
    equal(app.patch(dead.path, {"status": "active"})["status"], "active", "enabled again")
    app.post(dead.path + "/recover", {"since": began.isoformat()})
    for name in (f"{reminder}-0", f"{reminder}-99", missed):
        dead.wait(lambda seen: seen["event"]["data"]["reminder_id"] == name and seen["answered"] == 200, name)


@scenario("7. everything arrives in real time, and nothing is missed by who was away")
def real_time(oriva):
    app = oriva.app("sessions")
    status = oriva.keep(WebSocket(oriva.url, "not-a-token")).status
    equal(status, 401, "a line without credentials")
    socket = oriva.keep(WebSocket(oriva.url, oriva.user("ben")))
    greeting = socket.hello()
    equal(greeting["heartbeat"], 30, "seconds between heartbeats")
    source = oriva.keep(EventSource(oriva.url, oriva.user("ben")))
    source.hello()
    began = time.monotonic()
    notification = notify(app, "sessions", users=["ben"], title="Now")
    changes = [line.change(notification, "unread") for line in (socket, source)]
    taken = time.monotonic() - began
    assert taken < 5, f"took {taken:.1f} s"
    equal(changes[0]["seq"], changes[1]["seq"], "the number of the change on both lines")
    equal(changes[0]["seq"], greeting["seq"] + 1, "the number of the change")
    # Ben's tunnel: away for two changes.
    socket.close()
    oriva.as_user("ben").patch(f"/notifications/{notification}", {"status": "read"})
    later = notify(app, "sessions", users=["ben"], title="While you were away")
    back = oriva.line("ben", after=changes[0]["seq"], epoch=greeting["epoch"])
    back.change(notification, "read")
    back.change(later, "unread")
    synced = back.wait(lambda message: message["type"] == "synced", "the end of what was missed")
    equal(synced["through"], greeting["seq"] + 3, "how far the catch-up goes")
    back.send({"type": "ping"})
    back.wait(lambda message: message["type"] == "pong", "a pong")
    polled = oriva.as_user("ben").get("/users/me/feed", after=changes[0]["seq"], epoch=greeting["epoch"])
    equal([item["id"] for item in polled["items"]], [notification, later], "the same by polling")
    # An event of the platform reaches every app's line, on either transport.
    listeners = [oriva.keep(EventSource(oriva.url, oriva.app("community").credential)), oriva.stream(oriva.app("wallet"))]
    listeners[0].hello()
    session = fresh("session")
    app.post("/apps/sessions/events", {"type": "session.ended", "data": {"session_id": session, "minutes": 45}})
    for listener in listeners:
        listener.event("session.ended", session_id=session)


@scenario("8. a notification expires")
def expires(oriva):
    app, line = oriva.app("community"), oriva.line("cleo")
    receiver = oriva.webhook("community", app, ["notification.expired"])
    at = datetime.now(timezone.utc) + timedelta(seconds=2)
    notification = notify(app, "community", users=["cleo"], title="Vote now", expires_at=at.isoformat())
    unread = line.change(notification, "unread")["counters"]["unread"]
    equal(line.change(notification, "expired")["counters"]["unread"], unread - 1, "the badge")
    late = (datetime.now(timezone.utc) - at).total_seconds()
    assert -0.1 < late < 3, f"expired {late:.1f} s after its time"
    assert receiver.event("notification.expired", notification_id=notification)["valid"], "the signature"
    item = feed(oriva.as_user("cleo"), status="expired")[notification]
    equal((item["is_read"], bool(item["expired_at"])), (False, True), "expired is not read")
    refused(409, CONFLICT, oriva.as_user("cleo").patch, f"/notifications/{notification}", {"status": "read"})


@scenario("who has no key is refused")
def no_key(oriva):
    event = {"type": "user.joined", "data": {"user_id": "ada"}}
    for caller in (oriva.core.as_(None), oriva.core.as_("ak_0000000000000000000000000000"), oriva.core.as_("ada")):
        status, headers, problem = caller.call("POST", "/apps/sessions/events", event)
        equal((status, headers["content-type"]), (401, "application/problem+json"), str(problem))
        assert headers["www-authenticate"], "401 does not say how to come in"


@scenario("what is published is checked")
def checked(oriva):
    app = oriva.app("sessions")

    def publish(**event):
        return app.post("/apps/sessions/events", event)

    answer = publish(type="session.ended", category="session", data={"session_id": "s", "minutes": 3})
    assert answer["event_id"].startswith("evt_"), answer
    problem = refused(400, "unknown_category", publish, type="session.ended", category="weather", data={})
    known = {declared["category"] for declared in setup.EVENT_TYPES}
    for category in known:
        assert category in problem["errors"][0]["detail"], f"{category} is not named in {problem}"
    equal(problem["errors"][0]["pointer"], "/category", "where it is wrong")
    problem = refused(400, "unknown_type", publish, type="session.exploded", data={})
    assert "session.ended" in problem["errors"][0]["detail"], problem
    problem = refused(422, "invalid", publish, type="session.ended", data={"session_id": "s", "minutes": -1})
    equal(problem["errors"][0]["pointer"], "/data/minutes", "where it does not fit the schema")


@scenario("texts are bounded")
def bounded(oriva):
    app = oriva.app("sessions")
    fits = {"title": "t" * 200, "body": "ü" * 1000, "link": "/" + "l" * 499}
    notify(app, "sessions", users=["ada"], **fits)
    for field in fits:
        longer = {"users": ["ada"], **fits, field: fits[field] + "x"}
        problem = refused(422, "invalid", app.post, "/apps/sessions/notifications", longer)
        equal([fault["pointer"] for fault in problem["errors"]], ["/" + field], "what is too long")


@scenario("the 1001st event within 15 minutes is refused")
def limited(oriva):
    app = oriva.app("community")
    for number in range(1000):
        event = {"type": "app.updated", "data": {"app": "community", "version": f"1.{number}"}}
        status, headers, answer = app.call("POST", "/apps/community/events", event)
        equal(status, 200, f"event {number + 1}: {answer}")
        assert (headers["ratelimit-limit"], headers["ratelimit-remaining"]) == ("1000", str(999 - number)), dict(headers)
    status, headers, problem = app.call("POST", "/apps/community/events", event)
    equal((status, problem["code"]), (429, "rate_limited"), "event 1001")
    equal((headers["ratelimit-limit"], headers["ratelimit-remaining"]), ("1000", "0"), "what is left")
    for name in ("ratelimit-reset", "retry-after"):
        assert 0 < int(headers[name]) <= setup.QUARTER, f"{name}: {headers[name]}"
    # The classes are counted apart, and so are the keys.
    status, headers, _ = app.call("POST", "/apps/community/notifications", {"users": ["cleo"], "title": "Still here"})
    equal((status, headers["ratelimit-limit"]), (201, "500"), "notifications")
    _, headers, _ = app.call("GET", "/apps/community/webhooks")
    equal((headers["ratelimit-limit"], headers["ratelimit-remaining"]), ("50", "49"), "webhooks")
    oriva.app("community").post("/apps/community/events", event)


@scenario("what happened is on the audit log")
def audited(oriva):
    app = oriva.app("wallet")
    notification = notify(app, "wallet", users=["ada"], title="Who was it?")
    oriva.as_user("ada").patch(f"/notifications/{notification}", {"status": "dismissed"})
    lines = oriva.core.get("/audit", subject=notification)["data"]
    equal([line["action"] for line in lines], ["notification.change", "notification.create"], "the log, newest first")
    equal([line["actor"]["kind"] for line in lines], ["user", "key"], "who it was")
    equal(lines[0]["actor"]["id"], "ada", "who dismissed it")


# E's endpoints in the words of the served OpenAPI document. README.md has the same table.
ENDPOINTS = [
    ("post", "/api/v1/apps/{app}/events"),
    ("get", "/api/v1/apps/{app}/events"),
    ("post", "/api/v1/apps/{app}/notifications"),
    ("get", "/api/v1/users/{user}/notifications"),
    ("patch", "/api/v1/notifications/{notification}"),
    ("delete", "/api/v1/notifications/{notification}"),
    ("post", "/api/v1/apps/{app}/webhooks"),
    ("get", "/api/v1/apps/{app}/webhooks"),
    ("patch", "/api/v1/apps/{app}/webhooks/{webhook}"),
    ("delete", "/api/v1/apps/{app}/webhooks/{webhook}"),
    ("get", "/api/v1/apps/{app}/webhooks/{webhook}/deliveries"),
    ("get", "/api/v1/events/stream"),
]


@scenario("the twelve endpoints are in the served OpenAPI document")
def documented(oriva):
    document = oriva.core.as_(None).get("/openapi.json")
    assert document["openapi"].startswith("3.1"), document["openapi"]
    for method, path in ENDPOINTS:
        operation = document["paths"].get(path, {}).get(method)
        assert operation, f"{method.upper()} {path} is not in the document"
        assert operation.get("summary"), f"{method.upper()} {path} is not described"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=os.environ.get("CAMPANILE_URL", "http://127.0.0.1:8300"))
    parser.add_argument("--key", default=os.environ.get("CAMPANILE_KEY"), help="an environment key, sk_...")
    parser.add_argument("--only", help="run the scenarios whose title has this word")
    given = parser.parse_args()
    if not given.key:
        parser.error("--key or CAMPANILE_KEY must be an environment key (sk_...)")
    passed = failed = 0
    for title, run in SCENARIOS:
        if given.only and given.only not in title:
            continue
        oriva, began = Oriva(given.url, given.key), time.monotonic()
        try:
            run(oriva)
        except Exception:
            failed += 1
            print(f"FAILED {title}\n{traceback.format_exc()}", flush=True)
        else:
            passed += 1
            print(f"ok     {title} ({time.monotonic() - began:.1f} s)", flush=True)
        finally:
            oriva.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
