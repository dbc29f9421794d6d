#!/usr/bin/env python3
"""Sets Oriva up on a running Campanile: what its apps may publish, who they are, whom they may reach, and how much.

    setup.py --url http://127.0.0.1:8300 --key sk_...

Everything is declared below and may be put in place again and again: what is there already is brought in line, nothing
is made twice. Prints the apps with their keys as JSON. Within a day the same keys are printed again; later ones are new,
and those of the run before are revoked.
"""

import argparse
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))

from client import Api, Refused  # noqa: E402

QUARTER = 15 * 60

# Whatever an app sends is bounded here and nowhere in its code.
SETTINGS = {
    "limits": {"title": 200, "body": 1000, "link": 500},
    "rate_limits": {
        "events": {"limit": 1000, "window": QUARTER},
        "notifications": {"limit": 500, "window": QUARTER},
        "webhooks": {"limit": 50, "window": QUARTER},
    },
    # Only what is declared below may be published, and an app reaches only those who installed it.
    "require_registered_types": True,
    "require_installation": True,
}


def record(required, **properties):
    """A JSON Schema of an object that may grow: unknown fields pass, known ones must fit."""
    return {"type": "object", "required": required, "properties": properties}


TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
MINUTES = {"type": "integer", "minimum": 0}
MONEY = {"type": "integer", "minimum": 1, "description": "in the smallest unit of the currency"}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}

# Names and categories are what apps filter by. "platform" types reach every app, the others only who published them.
# People appear by id alone: no schema has room for a name or an address.
EVENT_TYPES = [
    {
        "name": "user.joined",
        "category": "user",
        "description": "Somebody joined the platform.",
        "visibility": "platform",
        "schema": record(["user_id"], user_id=TEXT, plan={"enum": ["free", "pro"]}),
    },
    {
        "name": "user.plan_changed",
        "category": "user",
        "description": "Somebody changed their plan.",
        "visibility": "platform",
        "schema": record(["user_id", "plan"], user_id=TEXT, plan={"enum": ["free", "pro"]}),
    },
    {
        "name": "session.started",
        "category": "session",
        "description": "A session began, in the app that hosts it.",
        "schema": record(["session_id"], session_id=TEXT, minutes_planned=MINUTES),
    },
    {
        "name": "session.ended",
        "category": "session",
        "description": "A session is over; other apps may follow it up.",
        "visibility": "platform",
        "schema": record(["session_id", "minutes"], session_id=TEXT, minutes=MINUTES),
    },
    {
        "name": "transaction.completed",
        "category": "transaction",
        "description": "A payment went through. How risky it looked stays inside.",
        "visibility": "platform",
        "version": "2026-02-07",
        "schema": record(
            ["transaction_id", "amount", "currency"],
            transaction_id=TEXT,
            amount=MONEY,
            currency=CURRENCY,
            risk_score={"type": "number"},
        ),
        "public_fields": ["transaction_id", "amount", "currency"],
    },
    {
        "name": "transaction.refunded",
        "category": "transaction",
        "description": "A payment was given back.",
        "schema": record(["transaction_id", "amount"], transaction_id=TEXT, amount=MONEY),
    },
    {
        "name": "reminder.due",
        "category": "notification",
        "description": "Something that an app was asked to remind of.",
        "schema": record(["reminder_id"], reminder_id=TEXT, about=TEXT),
    },
    {
        "name": "app.updated",
        "category": "app",
        "description": "A new version of an app is out.",
        "visibility": "platform",
        "schema": record(["app", "version"], app=TEXT, version=TEXT),
    },
]

APPS = [
    {"uid": "sessions", "name": "Oriva Sessions", "metadata": {"vendor": "Oriva"}},
    {"uid": "wallet", "name": "Oriva Wallet", "metadata": {"vendor": "Oriva"}},
    {"uid": "community", "name": "Community Hub", "metadata": {"vendor": "a third party"}},
]

# Who installed what.
USERS = {
    "ada": ["sessions", "wallet", "community"],
    "ben": ["sessions", "wallet"],
    "cleo": ["community"],
}

KEY_NAME = "setup.py"


def put_event_type(api, declared):
    """Registers a type, or brings the registered one in line."""
    try:
        api.post("/event-types", declared)
    except Refused as refused:
        if refused.status != 409:
            raise
        # What the declaration leaves out goes back to its default.
        changes = {"description": "", "schema": None, "visibility": "app", "public_name": None, "public_fields": None}
        changes.update({key: value for key, value in declared.items() if key != "name"})
        api.patch("/event-types/" + declared["name"], changes)


def put_app(api, declared):
    """Makes an app with one key, or finds it. Answers both."""
    app = api.post("/apps", declared)
    path = f"/apps/{declared['uid']}"
    if any(app[field] != declared[field] for field in ("name", "metadata")):
        app = api.patch(path, {field: declared[field] for field in ("name", "metadata")})
    once = {"Idempotency-Key": f"{KEY_NAME}:{app['id']}"}
    key = api.post(path + "/keys", {"name": KEY_NAME}, once)
    for other in api.get(path + "/keys", limit=100)["data"]:
        if other["name"] == KEY_NAME and other["id"] != key["id"] and not other["revoked_at"]:
            api.delete(f"{path}/keys/{other['id']}")
    return {"id": app["id"], "name": app["name"], "key": key["key"]}


def put_installations(api, apps):
    """Users, each with exactly the apps they installed."""
    for user, installed in USERS.items():
        api.put(f"/users/{user}", {})
        for uid in apps:
            path = f"/apps/{uid}/installations/{user}"
            if uid in installed:
                api.put(path)
            else:
                api.delete(path)


def set_up(api):
    """Puts everything in place. Answers what a platform hands to its developers."""
    api.patch("/environment", {"settings": SETTINGS})
    for declared in EVENT_TYPES:
        put_event_type(api, declared)
    apps = {declared["uid"]: put_app(api, declared) for declared in APPS}
    put_installations(api, apps)
    return {"url": api.url, "apps": apps, "users": sorted(USERS)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=os.environ.get("CAMPANILE_URL", "http://127.0.0.1:8300"))
    parser.add_argument("--key", default=os.environ.get("CAMPANILE_KEY"), help="an environment key, sk_...")
    given = parser.parse_args()
    if not given.key:
        parser.error("--key or CAMPANILE_KEY must be an environment key (sk_...)")
    json.dump(set_up(Api(given.url, given.key)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
