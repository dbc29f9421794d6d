#!/usr/bin/env python3
"""What ResolutionFlow's people live through, against a running Campanile that reads the product's outbox: a real mail server, Slack, Teams.

    scenario.py        CAMPANILE_URL, CAMPANILE_KEY, CAMPANILE (the binary) and PRODUCT (its database) are set by test.sh
"""

import json
import os
import pathlib
import subprocess
import sys
import time

from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import mailbox  # noqa: E402
import product  # noqa: E402
from client import Api, Refused  # noqa: E402
from receiver import Receiver  # noqa: E402

PATIENCE = 30.0
# E15: these, and no others.
EVENTS = ["session.escalated", "session.high_priority", "proposal.pending", "proposal.approved", "knowledge_gap.detected"]


def campanile(*arguments, **more):
    return subprocess.run([os.environ["CAMPANILE"], *arguments], check=True, capture_output=True, text=True, **more).stdout


def until(what, look):
    """Waits until something is so."""
    end = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.05)


def refused(status, words, call):
    """What an answer that must not be 2xx says."""
    try:
        call()
    except Refused as refusal:
        assert refusal.status == status and words in json.dumps(refusal.problem), refusal
        return
    raise AssertionError(f"not refused: {words}")


class Bell:
    """The nine endpoints as the product's page calls them, for one user (G04)."""

    def __init__(self, api, user, account):
        self.user = user
        self.api = api.as_(api.post(f"/users/{user}/token", {"tenant": account})["token"])

    def list(self, **query):
        return self.api.get("/notifications", **query)

    def count(self):
        return self.api.get("/notifications/unread-count")["count"]

    def titles(self):
        return [item["title"] for item in self.list()]


def channels_are_kept_by_admins(admin, member, stranger, slack, teams):
    """G01 to G07: set up, listed, changed, tried and taken away, with the page's own messages."""
    refused(403, "", lambda: member.api.get("/notifications/configs"))
    refused(422, "webhook_url is required for slack_webhook", lambda: admin.api.post("/notifications/configs", {"channel": "slack_webhook"}))
    refused(422, "email_addresses required for email channel", lambda: admin.api.post("/notifications/configs", {"channel": "email"}))
    refused(422, "unknown event", lambda: admin.api.post("/notifications/configs", {"channel": "slack_webhook", "webhook_url": slack.url, "events_enabled": {"x": True}}))
    made = {}
    for channel, more in [
        ("email", {"email_addresses": ["desk@acme.example", "lead@acme.example"]}),
        ("slack_webhook", {"webhook_url": slack.url}),
        ("teams_webhook", {"webhook_url": teams.url}),
    ]:
        config = admin.api.post("/notifications/configs", {"channel": channel, **more})
        assert config["events_enabled"] == {event: True for event in EVENTS}, config
        made[channel] = config["id"]
    assert [config["id"] for config in admin.api.get("/notifications/configs")] == list(made.values())
    changed = admin.api.patch(f"/notifications/configs/{made['teams_webhook']}", {"events_enabled": {event: event != "proposal.pending" for event in EVENTS}})
    assert changed["webhook_url"] == teams.url and changed["events_enabled"]["proposal.pending"] is False
    refused(404, "Config not found", lambda: stranger.api.patch(f"/notifications/configs/{made['email']}", {"is_active": False}))
    for channel, message in [
        ("email", "Test email sent"),
        ("slack_webhook", "Test message sent to Slack"),
        ("teams_webhook", "Test message sent to Teams"),
    ]:
        tried = admin.api.post("/notifications/configs/test", {"config_id": made[channel]})
        assert tried == {"success": True, "message": message}, tried
    return made


def mail_reads_well(message, title, body, link):
    """M10 and M12."""
    text, html = mailbox.check(message)
    assert message["Subject"] == f"[ResolutionFlow] {title}", message["Subject"]
    for part in ["max-width:600px", "IBM Plex Sans", "#f8fafc", "rgba(24,26,31,0.8)", "border-radius:12px", "pre-line", "#06b6d4", "#5a6170"]:
        assert part in html, part
    assert "Open in ResolutionFlow →" in html and link in html and "— ResolutionFlow" in html
    for line in [title, *body.splitlines()]:
        assert line in text, (line, text)


def main():
    api = Api(os.environ["CAMPANILE_URL"], os.environ["CAMPANILE_KEY"])
    mails, slack, teams = mailbox.Mailbox(), Receiver(200, b"ok"), Receiver(202)
    environment = {**os.environ, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mails.port)}
    resources = str(HERE / "resources")
    campanile("validate", resources)
    campanile("apply", resources, env=environment)
    assert campanile("apply", resources, env=environment).startswith("0 changed")
    api.post("/apps", {"uid": "desk", "name": "ResolutionFlow"})
    for account, user, role, active in [
        ("acme", "olga", "owner", True),
        ("acme", "adam", "admin", True),
        ("acme", "anna", "admin", False),
        ("acme", "emil", "member", True),
        ("other", "zoe", "owner", True),
    ]:
        api.put(f"/tenants/{account}", {"name": account.title()})
        api.put(f"/users/{user}", {"name": user.title(), "email": f"{user}@{account}.example", "active": active})
        api.put(f"/tenants/{account}/members/{user}", {"role": role})
    olga, adam, emil, zoe = (Bell(api, user, account) for user, account in [("olga", "acme"), ("adam", "acme"), ("emil", "acme"), ("zoe", "other")])
    made = channels_are_kept_by_admins(adam, emil, zoe, slack, teams)
    mails.wait(1)
    assert mails.mails[0][0] == "desk@acme.example", "G07: the test mail goes to the first address only"
    mails.mails.clear(), slack.got.clear(), teams.got.clear()

    engine = product.connect(os.environ["PRODUCT"])
    product.Base.metadata.create_all(engine)

    # E18: what is rolled back is told to nobody.
    try:
        with Session(engine) as db, db.begin():
            product.start_session(db, product.HelpSession(id="s0", account_id="acme"), priority="high")
            raise KeyError("the caller changed its mind")
    except KeyError:
        pass

    # E16, E19, E20, E21, E22: nobody is named, so owner and active admins are told.
    with Session(engine) as db, db.begin():
        session = product.HelpSession(id="s1", account_id="acme")
        product.start_session(db, session, priority="high", ticket_number="T-7", client_name="Umbrella & Co")
    until("the owner knows", lambda: olga.count() == 1)
    until("the admin knows", lambda: adam.count() == 1)
    item = olga.list()[0]
    assert item["title"] == "High-priority session started: T-7" and item["body"] == "Ticket: T-7\nClient: Umbrella & Co", item
    assert item["link"] == "/pilot/s1" and item["event"] == "session.high_priority" and item["is_read"] is False
    assert emil.count() == 0 and zoe.count() == 0

    # M11: every address is tried; S09, S10: both posts are ones that Slack and Teams take.
    received = mails.wait(2)
    assert sorted(recipient for recipient, _ in received) == ["desk@acme.example", "lead@acme.example"]
    mail_reads_well(received[0][1], item["title"], item["body"], "https://app.resolutionflow.example/pilot/s1")
    (_, post, _), = slack.wait(1)
    blocks = Block.parse_all(post["blocks"])
    assert [block.type for block in blocks] == ["header", "section", "actions"], post
    for block in blocks:
        block.validate_json()
    assert post["blocks"][0]["text"] == {"type": "plain_text", "text": "🔔 High-priority session started: T-7", "emoji": True}
    assert post["blocks"][1]["text"]["text"] == "Ticket: T-7\nClient: Umbrella &amp; Co"
    assert post["blocks"][2]["elements"][0]["text"]["text"] == "Open in ResolutionFlow"
    (_, card, _), = teams.wait(1)
    content = card["attachments"][0]["content"]
    assert content["type"] == "AdaptiveCard" and content["version"] == "1.4"
    assert content["actions"][0]["url"] == "https://app.resolutionflow.example/pilot/s1"

    # To whom it was handed, and to nobody else; somebody of another account is not reached (E17).
    with Session(engine) as db, db.begin():
        session = db.get(product.HelpSession, "s1")
        product.escalate(db, session, reason="stuck", to="emil")
        product.notify("knowledge_gap.detected", "acme", {"gap_type": "vpn"}, db, target_user_ids=["zoe", "emil"])
    until("both reached", lambda: emil.count() == 2)
    assert sorted(emil.titles()) == ["Knowledge gap detected: vpn", "Session escalated by an engineer"], emil.titles()
    body = next(item["body"] for item in emil.list() if item["event"] == "session.escalated")
    assert body == "Reason: stuck\nProblem: N/A", body

    # A proposal is told when it is pending, never when it was reinforced by itself; its approval goes to whoever made it.
    with Session(engine) as db, db.begin():
        product.propose(db, product.Proposal(id="p0", account_id="acme", title="Auto", status="auto_reinforced"))
        proposal = product.Proposal(id="p1", account_id="acme", title="Reset MFA", proposal_type="flow", created_by_id="emil")
        product.propose(db, proposal)
        product.approve(db, proposal, reviewer_name="Olga")
    until("approval told", lambda: "Flow proposal approved: Reset MFA" in emil.titles())
    until("proposal told", lambda: "New flow proposal: Reset MFA" in olga.titles())
    assert not any("Auto" in title for title in olga.titles())
    assert olga.count() == 2 and zoe.count() == 0
    # G08: the account's Teams is off for this one event, and got the others.
    until("posts arrived", lambda: len(slack.got) >= 5 and len(teams.got) >= 4)
    assert not any("New flow proposal" in json.dumps(json.loads(content)) for _, content in teams.got)

    # F12 to F15: the bell.
    first = emil.list(limit=1)[0]
    assert emil.api.patch(f"/notifications/{first['id']}/read", {}) == {"ok": True}
    refused(404, "Notification not found", lambda: olga.api.patch(f"/notifications/{first['id']}/read", {}))
    assert emil.count() == 2 and emil.list()[-1]["id"] == first["id"], "unread ones come first"
    assert emil.api.post("/notifications/mark-all-read") == {"ok": True}
    assert emil.count() == 0

    # D05: a config that is deleted gets nothing more.
    status, _, _ = adam.api.call("DELETE", f"/notifications/configs/{made['slack_webhook']}")
    assert status == 204
    before = len(slack.got)
    with Session(engine) as db, db.begin():
        product.found_gap(db, "acme", "printers", "high", "hardware")
    until("the gap is known", lambda: "Knowledge gap detected: printers" in olga.titles())
    until("teams got it", lambda: any("printers" in content.decode() for _, content in teams.got))
    assert len(slack.got) == before

    # D03: what fails is tried again after 30 seconds, 2 minutes and 10 minutes, then it is exhausted; played with a turned clock.
    played = json.loads(campanile("simulate", resources, "--script", str(HERE / "script.yaml"), "--json"))
    attempts = [row["at"][11:19] for row in played["timeline"] if row["what"] == "attempt" and row["channel"] == "slack"]
    assert attempts == ["09:00:00", "09:00:30", "09:02:30", "09:12:30"], attempts
    failed = next(message for message in played["messages"] if message["channel"] == "slack")
    assert failed["status"] == "exhausted" and failed["error"].startswith("Exhausted after 3 retries"), failed
    print("helpdesk: as declared")


if __name__ == "__main__":
    main()
