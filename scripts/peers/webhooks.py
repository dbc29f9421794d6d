"""W1, the part of PyPI: what the server in CAMPANILE_URL signs, verified by the reference library as a receiver in Python would use it."""

import http.server
import json
import os
import queue
import random
import threading
import urllib.request

from standardwebhooks import Webhook, WebhookVerificationError

EVENTS = 500
PATIENCE = 30.0

received = queue.Queue()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.put((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def post(path, body):
    headers = {"Authorization": "Bearer " + os.environ["CAMPANILE_KEY"], "Content-Type": "application/json"}
    # As UTF-8, not as \u and digits.
    body = json.dumps(body, ensure_ascii=False).encode()
    url = os.environ["CAMPANILE_URL"] + "/api/v1" + path
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def sign(dice):
    """Any character that text may have: no half of a pair, no U+0000."""
    while True:
        code = dice.choice([dice.randrange(1, 0x80), dice.randrange(1, 0x800), dice.randrange(1, 0x110000)])
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def anything(dice, depth=0):
    kinds = ["text", "number", "word"] if depth > 3 else ["text", "number", "word", "list", "object"]
    match dice.choice(kinds):
        case "text":
            return "".join(sign(dice) for _ in range(dice.randrange(40)))
        case "number":
            return dice.choice([dice.randrange(-(2**53), 2**53), dice.uniform(-1e9, 1e9), 0, 1e-7])
        case "word":
            return dice.choice([True, False, None])
        case "list":
            return [anything(dice, depth + 1) for _ in range(dice.randrange(4))]
        case "object":
            return {f"{index}{sign(dice)}": anything(dice, depth + 1) for index in range(dice.randrange(4))}


def refused(webhook, body, headers):
    try:
        webhook.verify(body, headers)
    # What is no text any more is not verified either.
    except (WebhookVerificationError, UnicodeDecodeError):
        return True
    return False


def main():
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    dice = random.Random(seed)
    print(f"seed {seed}")
    server = Server(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    post("/apps", {"uid": "peers", "name": "Peers"})
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    webhook = post("/apps/peers/webhooks", {"url": url})
    official = Webhook(webhook["secret"])

    events = [{"type": "peers.wrote", "data": {"value": anything(dice)}} for _ in range(EVENTS)]
    answer = post("/apps/peers/events/batch", {"events": events})
    assert not answer["errors"], answer["errors"][:3]
    published = {one["event_id"]: event["data"] for one, event in zip(answer["data"], events, strict=True)}
    arrived = set()
    # What is delivered at least once may come twice.
    while len(arrived) < EVENTS:
        headers, body = received.get(timeout=PATIENCE)
        arrived.add(headers["webhook-id"])
        envelope = official.verify(body, headers)
        assert envelope["data"] == published[headers["webhook-id"]], envelope
        at = dice.randrange(len(body))
        assert refused(official, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], headers), body
        assert refused(official, body, {**headers, "webhook-id": "evt_other"})

    rotated = post(f"/apps/peers/webhooks/{webhook['id']}/rotate-secret", {})
    last = post("/apps/peers/events", {"type": "peers.wrote", "data": {}})["event_id"]
    headers, body = received.get(timeout=PATIENCE)
    while headers["webhook-id"] != last:
        headers, body = received.get(timeout=PATIENCE)
    official.verify(body, headers)
    Webhook(rotated["secret"]).verify(body, headers)
    assert refused(Webhook("whsec_" + "Bwc" * 8), body, headers)
    print(f"{EVENTS + 1} deliveries verified")


if __name__ == "__main__":
    main()
