"""M01, M09, D08: what a mail server or Resend answers leads to the right outcome.

The mail server is aiosmtpd, scripted by the recipient's name. Resend is a server that holds each request to Resend's published
contract, answers as it says, and calls back with what the reference library of its signatures signed.
"""

import asyncio
import datetime
import http.server
import json
import os
import pathlib
import re
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "common"))

from aiosmtpd.smtp import SMTP  # noqa: E402
from standardwebhooks import Webhook  # noqa: E402

from client import Api  # noqa: E402

PATIENCE = 30.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# By the recipient's name: what the mail server says, and when.
AT_RECIPIENT = {
    "gone": "550 5.1.1 no such user here",
    "relayed": "554 5.7.1 relaying denied",
    "full": "452 4.2.2 mailbox full",
    "grey": "450 4.2.1 come again later",
    "noroom": "552 5.2.2 over quota",
}
AT_END = {"busy": "451 4.3.0 try again", "spam": "554 5.7.1 looks like spam", "big": "552 5.3.4 too big"}

# By the recipient's name: what Resend says, and with which headers.
ANSWERS = {
    "badkey": (400, "invalid_idempotency_key", {}),
    "nokey": (401, "missing_api_key", {}),
    "restricted": (401, "restricted_api_key", {}),
    "wrongkey": (403, "invalid_api_key", {}),
    "domain": (403, "validation_error", {}),
    "missing": (404, "not_found", {}),
    "concurrent": (409, "concurrent_idempotent_requests", {}),
    "locked": (409, "resource_locked", {}),
    "field": (422, "missing_required_field", {}),
    "rate": (429, "rate_limit_exceeded", {"retry-after": "120", "ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "1"}),
    "daily": (429, "daily_quota_exceeded", {}),
    "monthly": (429, "monthly_quota_exceeded", {}),
    "broken": (500, "internal_server_error", {}),
    "away": (503, "service_unavailable", {}),
}


def name_of(address):
    return address.partition("@")[0]


class MailServer:
    """aiosmtpd on a free port, in a thread of its own."""

    def __init__(self):
        self.taken = []
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        assert ready.wait(PATIENCE)

    def run(self, ready):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return AT_RECIPIENT.get(name_of(address), "250 OK")

    async def handle_DATA(self, server, session, envelope):
        to = name_of(envelope.rcpt_tos[-1])
        if to == "dropped":
            server.transport.abort()
            return "250 OK"
        if to not in AT_END:
            self.taken.append(to)
        return AT_END.get(to, "250 OK")


class Resend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Idempotency key: the request, and the id that it was answered with.
    known = {}
    faults = []

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(content)
        self.faults.extend(self.breaches(body))
        key, to = self.headers["Idempotency-Key"], name_of(body["to"][0])
        if to in ANSWERS:
            status, name, headers = ANSWERS[to]
            return self.say(status, {"statusCode": status, "name": name, "message": f"{name} in words"}, headers)
        before, mail = self.known.setdefault(key, (content, str(uuid.uuid4())))
        if before != content:
            return self.say(409, {"statusCode": 409, "name": "invalid_idempotent_request", "message": "another body"})
        self.say(200, {"id": mail})

    def breaches(self, body):
        """What the contract does not have of this request."""
        known = {"from", "to", "subject", "html", "text", "cc", "bcc", "reply_to", "headers", "attachments", "tags", "scheduled_at", "template", "topic_id"}
        word = re.compile(r"[A-Za-z0-9_-]{1,256}")
        rules = {
            "the path is /emails": self.path == "/emails",
            "the key is a bearer": re.fullmatch(r"Bearer re_\S+", self.headers["Authorization"] or ""),
            "the body is JSON": self.headers["Content-Type"].startswith("application/json"),
            "an idempotency key has 1 to 256 characters": 1 <= len(self.headers["Idempotency-Key"] or "") <= 256,
            "no other field": set(body) <= known,
            "from is one mailbox": isinstance(body.get("from"), str) and "@" in body["from"],
            "to is a list of at most 50": isinstance(body.get("to"), list) and 1 <= len(body["to"]) <= 50,
            "there is a subject": isinstance(body.get("subject"), str),
            "there is a body": isinstance(body.get("html"), str) or isinstance(body.get("text"), str),
            "headers are texts": all(isinstance(value, str) for value in body.get("headers", {}).values()),
            "tags are words": all(set(tag) == {"name", "value"} and all(word.fullmatch(text) for text in tag.values()) for tag in body.get("tags", [])),
        }
        return [rule for rule, holds in rules.items() if not holds]

    def say(self, status, answer, headers=None):
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Stage:
    """The server under test, its mails carried by whoever is named."""

    def __init__(self):
        self.api = Api(os.environ["CAMPANILE_URL"], os.environ["CAMPANILE_KEY"])
        self.times = 0
        mail = {"name": "mail", "email": {"to": "{{ data.to }}", "subject": "Hello", "text": "You."}}
        self.api.put("/users/ada", {"name": "Ada"})
        self.api.put("/workflows/hello", {"steps": [mail]})

    def carried_by(self, *providers):
        """From here on; what was known of their failures is forgotten, since the settings are others."""
        self.times += 1
        self.api.put("/channels/email", {"from": {"address": "noreply@lightfast.ai", "name": f"Lightfast {self.times}"}, "providers": list(providers)})

    def send(self, to):
        """What became of one mail's first attempt."""
        event = self.api.post("/workflows/hello/trigger", {"recipients": ["ada"], "data": {"to": f"{to}@example.com"}})["event_id"]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            runs = self.api.get("/runs", event=event)["data"]
            sent = self.api.get("/deliveries", run=runs[0]["id"])["data"] if runs else []
            if sent and sent[0]["status"] not in ("pending", "sending"):
                return self.api.get(f"/deliveries/{sent[0]['id']}")
            time.sleep(0.02)
        raise AssertionError(f"the mail to {to} is not done")

    def expect(self, to, status, said, outcome=None):
        sent = self.send(to)
        outcome = outcome or {"sent": "sent", "failed": "failed", "retrying": "error"}[status]
        assert sent["status"] == status, (to, status, sent)
        assert said in (sent["error"] or ""), (to, said, sent["error"])
        assert sent["attempts_log"][0]["outcome"] == outcome, sent["attempts_log"]
        return sent

    def suppressed(self):
        return {row["address"]: row["why"] for row in self.api.get("/channels/email/suppressions")["data"]}


def by_smtp(stage, house):
    stage.carried_by(house)
    assert stage.expect("ok", "sent", "")["provider"] == "house"
    for to in ["gone", "relayed", "noroom"]:
        stage.expect(to, "failed", AT_RECIPIENT[to][4:])
    for to in ["full", "grey"]:
        again = stage.expect(to, "retrying", AT_RECIPIENT[to][4:])
        assert again["next_attempt_at"], again
    stage.expect("busy", "retrying", AT_END["busy"][4:])
    for to in ["spam", "big"]:
        stage.expect(to, "failed", AT_END[to][4:])
    # The server had the whole message and said nothing: it may have it.
    stage.expect("dropped", "retrying", "", "unknown")
    assert stage.suppressed() == {"gone@example.com": "refused"}, "only who is not there is remembered"
    assert stage.send("gone")["error"] == "suppressed"


def by_resend(stage, resend):
    stage.carried_by(resend)
    sent = stage.expect("ok", "sent", "")
    assert sent["provider"] == "resend" and uuid.UUID(sent["provider_id"]), sent
    for to in ["badkey", "nokey", "restricted", "wrongkey", "domain", "missing", "field"]:
        stage.expect(to, "failed", ANSWERS[to][1])
    for to in ["concurrent", "locked", "rate", "daily", "monthly", "broken", "away"]:
        stage.carried_by(resend)
        again = stage.expect(to, "retrying", ANSWERS[to][1])
        if to == "rate":
            due = datetime.datetime.fromisoformat(again["next_attempt_at"]) - datetime.datetime.fromisoformat(again["attempts_log"][0]["started_at"])
            assert due.total_seconds() >= 119, "when Resend says, and not before"
    assert not Resend.faults, Resend.faults
    assert len(stage.suppressed()) == 1, "none of this is the recipient's fault"


def failing_over(stage, resend, house):
    for to in ["nokey", "restricted", "wrongkey", "domain", "daily", "monthly", "rate", "broken", "away"]:
        stage.carried_by(resend, house)
        sent = stage.expect(to, "sent", "")
        assert sent["provider"] == "house", (to, sent)
    stage.carried_by(resend, house)
    # The same mail is on its way there, or would be refused everywhere: nobody else gets it.
    stage.expect("concurrent", "retrying", ANSWERS["concurrent"][1])
    stage.expect("field", "failed", ANSWERS["field"][1])
    nobody = {"name": "nobody", "kind": "smtp", "host": "127.0.0.1", "port": 1, "tls": "none"}
    stage.carried_by(nobody, resend)
    assert stage.expect("ok", "sent", "")["provider"] == "resend"


def told_afterwards(stage, resend):
    stage.carried_by(resend)
    where = stage.api.get("/channels/email")["callbacks"]["resend"]
    official = Webhook(SECRET)

    def tell(kind, sent, signer=official, **more):
        data = {"email_id": sent["provider_id"], "to": [sent["recipient"]], "created_at": "2026-03-02T09:00:00Z", **more}
        body = json.dumps({"type": kind, "created_at": "2026-03-02T09:00:00Z", "data": data})
        now, call = datetime.datetime.now(datetime.timezone.utc), f"msg_{uuid.uuid4().hex}"
        headers = {"svix-id": call, "svix-timestamp": str(int(now.timestamp())), "svix-signature": signer.sign(call, now, body)}
        request = urllib.request.Request(os.environ["CAMPANILE_URL"] + where, body.encode(), {**headers, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def now(sent):
        return stage.api.get(f"/deliveries/{sent['id']}")["status"]

    sent = stage.send("told")
    assert tell("email.delivered", sent, Webhook("whsec_" + "Bwc" * 8)) == 401 and now(sent) == "sent"
    assert tell("email.delivered", sent) == 204 and now(sent) == "delivered"
    bounced = stage.send("bounced")
    why = {"type": "Permanent", "subType": "General", "message": "no such user", "diagnosticCode": ["smtp; 550 5.1.1"]}
    assert tell("email.bounced", bounced, bounce=why) == 204 and now(bounced) == "failed"
    soft = stage.send("soft")
    assert tell("email.bounced", soft, bounce={**why, "type": "Transient"}) == 204 and now(soft) == "failed"
    angry = stage.send("angry")
    assert tell("email.complained", angry) == 204 and now(angry) == "delivered"
    gone = stage.suppressed()
    assert gone["bounced@example.com"] == "bounced" and gone["angry@example.com"] == "complained" and "soft@example.com" not in gone, gone


def main():
    mails = MailServer()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Resend)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    house = {"name": "house", "kind": "smtp", "host": "127.0.0.1", "port": mails.port, "tls": "none"}
    url = f"http://127.0.0.1:{server.server_port}"
    resend = {"name": "resend", "kind": "resend", "key": "re_123456789", "base_url": url, "webhook_secret": SECRET}
    stage = Stage()
    by_smtp(stage, house)
    by_resend(stage, resend)
    failing_over(stage, resend, house)
    told_afterwards(stage, resend)
    print("every answer had the outcome that it should")


if __name__ == "__main__":
    main()
