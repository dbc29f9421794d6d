#!/usr/bin/env python3
"""What Lightfast's people and customers live through, against a running Campanile: a real mail server, a customer's webhook, a Slack.

    scenario.py        CAMPANILE_URL, CAMPANILE_KEY and CAMPANILE (the binary) are set by test.sh

The five minutes of the mail are made five seconds; that they are five is looked at with `campanile simulate`.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from slack_sdk.models.blocks import Block  # noqa: E402
from standardwebhooks import Webhook  # noqa: E402

import mailbox  # noqa: E402
from capture import FEED, captured  # noqa: E402
from client import Api  # noqa: E402
from receiver import Receiver  # noqa: E402

CAMPANILE = os.environ["CAMPANILE"]


def campanile(*arguments, **more):
    return subprocess.run([CAMPANILE, *arguments], check=True, capture_output=True, text=True, **more).stdout


def apply(directory, port):
    environment = {**os.environ, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port)}
    return campanile("apply", directory, env=environment)


def mail_reads_well(message):
    """M02, M04, M05, M06 and one-click unsubscribe."""
    text, html = mailbox.check(message)
    assert message["From"] == "Lightfast <noreply@lightfast.ai>", message["From"]
    assert message["Reply-To"] == "support@lightfast.ai"
    assert message["Subject"] == "2 new observations in Acme & Sons", message["Subject"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert html.count("border-left:3px solid #6366f1") == 2 and "Acme &amp; Sons" in html
    assert "<strong>Deployment</strong> (Score: 85)" in html and "Topics: build, infra" in html
    assert "View in Lightfast" in html and "https://lightfast.ai/workspace/w1" in html
    assert "https://notify.lightfast.example/unsubscribe/" in html and "https://notify.lightfast.example/preferences/" in html
    assert "2 new observations in Acme & Sons" in text and "<" not in text, text
    return message["List-Unsubscribe"].strip("<>")


def main():
    api = Api(os.environ["CAMPANILE_URL"], os.environ["CAMPANILE_KEY"])
    mails, slack, customer = mailbox.Mailbox(), Receiver(200, b"ok"), Receiver()
    with tempfile.TemporaryDirectory() as directory:
        resources = pathlib.Path(directory) / "resources"
        shutil.copytree(HERE / "resources", resources)
        campanile("validate", str(resources))
        # M03: by the files as they are, the mail comes after five minutes, and one for all of them.
        played = json.loads(campanile("simulate", str(resources), "--script", str(HERE / "script.yaml"), "--json", env={**os.environ}))
        sent = [message for message in played["messages"] if message["channel"] == "email" and message["status"] == "sent"]
        assert len(sent) == 1 and sent[0]["content"]["subject"] == "3 new observations in Acme", played["messages"]
        assert sent[0]["created_at"].startswith("2026-03-02T09:05:00"), sent[0]["created_at"]
        workflow = resources / "observation-captured.yaml"
        workflow.write_text(workflow.read_text().replace("window: 5m", "window: 5s"))
        first = apply(str(resources), mails.port)
        assert "created   workflow observation-captured" in first, first
        assert apply(str(resources), mails.port).startswith("0 changed")

    # The organisation, who is in it, its Slack, its webhook.
    api.post("/apps", {"uid": FEED, "name": "Lightfast console"})
    api.put("/tenants/org_1", {"name": "Acme & Sons"})
    for user, role in [("ada", "owner"), ("ben", "member")]:
        api.put(f"/users/{user}", {"name": user.title(), "email": f"{user}@example.com"})
        api.put(f"/tenants/org_1/members/{user}", {"role": role})
    api.put("/users/ben/preferences", {"channels": {"email": "off"}})
    api.post("/notifications/configs?tenant=org_1", {"channel": "slack_webhook", "webhook_url": slack.url})
    application = api.get("/tenants/org_1/application")["id"]
    webhook = api.post(f"/apps/{application}/webhooks", {"url": customer.url})

    # E03: a score of 69 reaches nobody; 85 and 90 do, in one mail. E05: nor does what belongs to no organisation.
    api.post(f"/apps/{FEED}/events", captured("org_1", "w1", score=69))
    api.post(f"/apps/{FEED}/events", captured(None, "w1"))
    event = api.post(f"/apps/{FEED}/events", captured("org_1", "w1", observationId="obs_1"))["event_id"]
    api.post(f"/apps/{FEED}/events", captured("org_1", "w1", score=90))
    (recipient, message), = mails.wait(1)
    assert recipient == "ada@example.com", "P05: who turned mail off gets none"
    unsubscribe = mail_reads_well(message)
    for user in ["ada", "ben"]:
        feed = api.get(f"/users/{user}/notifications?app={FEED}")["data"]
        assert len(feed) == 2, feed
        assert all(item["title"] == "Deployment" and item["link"] == "https://lightfast.ai/workspace/w1" for item in feed), feed
        bodies = {f"Score {score}. Topics: build, infra. Cluster cluster_7" for score in (85, 90)}
        assert {item["body"] for item in feed} == bodies, feed

    # S07: the post is one that Slack takes.
    posts = slack.wait(2)
    post = next(post for _, post, _ in posts if "Score 85/100" in json.dumps(post))
    blocks = Block.parse_all(post["blocks"])
    assert [block.type for block in blocks] == ["header", "section", "actions"]
    for block in blocks:
        block.validate_json()
    for element in blocks[2].elements:
        element.validate_json()
    said = json.dumps(post["blocks"])
    assert "Deployment: Score 85/100" in said and "*Topics:* build, infra" in said
    assert "https://lightfast.ai/w/w1/observations/obs_1" in said

    # O03, O05, O06: the customer's webhook gets the public form, signed; 69 as well: the gate is for people.
    got = customer.wait(3)
    for headers, envelope, content in got:
        Webhook(webhook["secret"]).verify(content, {name.lower(): value for name, value in headers.items()})
        assert envelope["type"] == "observation.created" and envelope["version"] == "2026-02-07"
        assert "clerkOrgId" not in content.decode()
        assert set(envelope["data"]) == {"observationId", "observationType", "significanceScore", "topics", "clusterId", "workspaceId"}
    # E12, and events that name only their source.
    source = {"entity": {"type": "source", "id": "src_1"}}
    connected = {"workspaceId": "w1", "sourceId": "src_1", "clerkOrgId": "org_1"}
    api.post(f"/apps/{FEED}/events", {"type": "apps-console/source.connected.github", "tenant": "org_1", "data": connected, **source})
    api.post(f"/apps/{FEED}/events", {"type": "apps-console/sync.completed", "data": {"sourceId": "src_1", "jobId": "j1", "success": True, "filesProcessed": 3, "embeddingsCreated": 9}, **source})
    api.post(f"/apps/{FEED}/events", {"type": "apps-console/source.disconnected", "data": {"sourceId": "src_1", "deleteData": False}, **source})
    api.post(f"/apps/{FEED}/events", {"type": "apps-console/notification.dispatch", "data": {"workflowKey": "observation-captured"}})
    api.post(f"/apps/{FEED}/events", {"type": "apps-console/neural/llm-entity-extraction.requested", "tenant": "org_1", "data": {}})
    outside = {envelope["type"]: envelope["data"] for _, envelope, _ in customer.wait(6)[3:]}
    assert outside["source.connected"] == {"workspaceId": "w1", "sourceId": "src_1", "sourceType": "github"}, outside
    assert outside["sync.completed"] == {"sourceId": "src_1", "jobId": "j1", "success": True, "filesProcessed": 3, "embeddingsCreated": 9}
    assert outside["source.disconnected"] == {"sourceId": "src_1", "deleteData": False}

    # E10: what nothing consumes yet is kept all the same.
    kept, = api.get(f"/apps/{FEED}/events?type=apps-console/notification.dispatch")["data"]
    assert kept["data"] == {"workflowKey": "observation-captured"}, kept

    # E11, and why: one call says who got what; the event beside it says of what.
    noted = api.get(f"/apps/{FEED}/events/{event}")["data"]
    assert (noted["workspaceId"], noted["observationId"], noted["clerkOrgId"], noted["significanceScore"]) == ("w1", "obs_1", "org_1", 85)
    trace = api.get(f"/events/{event}/trace")
    assert trace["workflows"][0]["workflow"] == "observation-captured" and trace["workflows"][0]["starts"], trace["workflows"]
    ben = next(run for run in trace["runs"] if run["user_id"] == "ben")
    assert "preference" in json.dumps(ben["steps"] + [run["steps"] for run in trace["other_runs"] if run["user_id"] == "ben"]), ben

    # A16, and one click that ends the mails.
    printed = subprocess.run([HERE / "capture.py", "org_1", "w2"], check=True, capture_output=True, text=True).stdout.strip()
    assert printed.startswith("evt_")
    mails.wait(2)
    where = urllib.parse.urlsplit(unsubscribe)
    there = urllib.parse.urlsplit(os.environ["CAMPANILE_URL"])
    request = urllib.request.Request(there._replace(path=where.path).geturl(), b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    last = api.post(f"/apps/{FEED}/events", captured("org_1", "w3"))["event_id"]
    until_skipped(api, last)
    mails.wait(2)
    print("observations: as declared")


def until_skipped(api, event):
    """Waits until the mail step of an event says that its recipient wants none."""
    import time

    for _ in range(300):
        trace = json.dumps(api.get(f"/users/ada/trace", event=event))
        if '"skipped"' in trace and "preference" in trace:
            return
        time.sleep(0.1)
    raise AssertionError("the mail is not skipped")


if __name__ == "__main__":
    main()
