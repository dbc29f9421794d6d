#!/usr/bin/env python3
"""Fifty publishers into one batch key while the server is killed: every activity that was acknowledged is in exactly one mail.

    batches.py [EVENTS OF EACH]

With CAMPANILE_TEST_POSTGRES on PostgreSQL as well.
"""

import http.client
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from client import Api, Refused  # noqa: E402
from server import Server  # noqa: E402

PUBLISHERS = 50
PATIENCE = 120.0
WORKFLOW = {
    "events": [{"type": "note.made"}],
    "recipients": [{"users": ["ada"]}],
    "steps": [
        {"name": "gather", "batch": {"window": "1s", "key": "data.workspace", "render": {"first": 5000}}},
        {"name": "mail", "email": {"subject": "{{ total_activities }}", "text": "{% for activity in activities %}{{ activity.data.note }} {% endfor %}"}},
    ],
}


def publish(server, publisher, count):
    """Publishes until each is acknowledged, however often that takes: its id makes repetitions one."""
    dice = random.Random(publisher)
    for number in range(count):
        note = f"{publisher}-{number}"
        while True:
            try:
                Api(server.url, server.key).post("/apps/notes/events", {"type": "note.made", "id": note, "data": {"note": note, "workspace": "w1"}})
                break
            except (OSError, http.client.HTTPException, Refused):
                time.sleep(0.05)
        time.sleep(dice.uniform(0, 1.2))


def sent(server):
    """How often each activity was sent, and what the mails say of their number."""
    api, found, cursor = Api(server.url, server.key), Counter(), {}
    while True:
        page = api.get("/deliveries", channel="email", limit=100, **cursor)
        for row in page["data"]:
            mail = api.get(f"/deliveries/{row['id']}")
            if mail["status"] != "sent":
                continue
            notes = mail["content"]["text"].split()
            assert int(mail["content"]["subject"]) == len(notes), mail["content"]["subject"]
            found.update(notes)
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def live_through(name, settings, count):
    dice, kills = random.Random(20260302), 0
    with tempfile.TemporaryDirectory() as directory, Server(directory, settings) as server:
        api = Api(server.url, server.key)
        api.post("/apps", {"uid": "notes", "name": "Notes"})
        api.put("/users/ada", {"email": "ada@example.com"})
        api.put("/channels/email", {"from": "notes@example.com", "providers": [{"name": "sandbox", "kind": "sandbox"}]})
        api.put("/workflows/notes", WORKFLOW)
        publishers = [threading.Thread(target=publish, args=(server, number, count)) for number in range(PUBLISHERS)]
        for publisher in publishers:
            publisher.start()
        while any(publisher.is_alive() for publisher in publishers):
            time.sleep(dice.uniform(1.2, 4.0))
            server.kill()
            kills += 1
            server.start()
        wanted = PUBLISHERS * count
        until, found = time.monotonic() + PATIENCE, Counter()
        while len(found) < wanted and time.monotonic() < until:
            time.sleep(0.5)
            found = sent(server)
        # What was sent twice would come a little later.
        time.sleep(2.5)
        found = sent(server)
        mails = len(Api(server.url, server.key).get("/deliveries", channel="email", limit=100)["data"])
        server.stop()
    twice = [note for note, times in found.items() if times > 1]
    if len(found) != wanted or twice:
        raise SystemExit(f"{name}: {len(found)} of {wanted} activities were sent, twice: {twice[:10]}")
    print(f"{name}: {wanted} activities, {kills} kills, {mails} mails (at most 100 are counted): each activity in exactly one")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    live_through("SQLite", {}, count)
    postgres = os.environ.get("CAMPANILE_TEST_POSTGRES")
    if postgres:
        name = f"notes_{os.getpid()}"
        psql = subprocess.run("type -P psql || ls -d /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1", shell=True, executable="/bin/bash", check=True, capture_output=True, text=True)
        subprocess.run([psql.stdout.strip(), "--quiet", postgres, "--command", f"CREATE DATABASE {name}"], check=True)
        live_through("PostgreSQL", {"DATABASE__URL": urlsplit(postgres)._replace(path=f"/{name}").geturl()}, count)


if __name__ == "__main__":
    main()
