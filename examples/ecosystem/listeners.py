"""Three ways to learn of something: a webhook receiver, a WebSocket, server-sent events. Standard library only."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import socket
import struct
import threading
import time
from urllib.parse import urlencode, urlsplit

PATIENCE = 15.0


class Inbox:
    """What arrived, in order; waits for what is wanted and keeps the rest."""

    def __init__(self):
        self.arriving = queue.Queue()
        self.kept = []

    def wait(self, wanted, what, seconds=PATIENCE):
        """The first thing that is wanted, taken out."""
        until = time.monotonic() + seconds
        for index, thing in enumerate(self.kept):
            if wanted(thing):
                return self.kept.pop(index)
        while True:
            try:
                thing = self.arriving.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{what} did not arrive within {seconds:g} s; did: {self.kept}") from None
            if wanted(thing):
                return thing
            self.kept.append(thing)

    def all(self, seconds):
        """Everything that is here after so many seconds."""
        time.sleep(seconds)
        while not self.arriving.empty():
            self.kept.append(self.arriving.get())
        return self.kept


def verify(secret, headers, body, tolerance=300):
    """Checks a Standard Webhooks signature the way a receiver should. Answers whether it holds."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    ident, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > tolerance:
        return False
    signed = f"{ident}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.removeprefix("v1,") for part in headers["webhook-signature"].split(" ") if part.startswith("v1,")]
    return any(hmac.compare_digest(expected, signature) for signature in given)


class Receiver(Inbox):
    """A webhook receiver on a port of its own. Answers `status`; `secret` is known once the webhook is made."""

    def __init__(self):
        super().__init__()
        self.status = 200
        self.secret = None
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.status
                event = json.loads(body)
                valid = receiver.secret is not None and verify(receiver.secret, self.headers, body)
                arrived = {"event": event, "valid": valid, "answered": status, "id": self.headers["webhook-id"]}
                receiver.arriving.put({**arrived, "headers": dict(self.headers), "body": body})
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def event(self, kind, what=None, **data):
        """Waits for an event of a type whose data has these fields. Answers it as it arrived."""

        def wanted(arrived):
            event = arrived["event"]
            return event["type"] == kind and all(event["data"].get(name) == value for name, value in data.items())

        return self.wait(wanted, what or f"a webhook {kind} {data}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Line(Inbox):
    """Something that is read in the background, one JSON message after the other."""

    def follow(self):
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self.messages():
                self.arriving.put(message)
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # Closed; http.client knows several ways to say so.

    def change(self, notification, status):
        """Waits until this notification has this status on a user's line."""

        def wanted(message):
            if message["type"] != "change":
                return False
            return message["item"]["id"] == notification and message["item"]["status"] == status

        return self.wait(wanted, f"{notification} as {status}")

    def event(self, kind, **data):
        """Waits for an event on an application's line."""

        def wanted(message):
            if message["type"] != "event" or message["event"]["type"] != kind:
                return False
            return all(message["event"]["data"].get(name) == value for name, value in data.items())

        return self.wait(wanted, f"{kind} {data} on the line")["event"]

    def hello(self):
        return self.wait(lambda message: message["type"] == "hello", "the greeting")


class WebSocket(Line):
    """As much of RFC 6455 as a listener needs."""

    GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    def __init__(self, url, token, **query):
        super().__init__()
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        path = "/api/v1/events/stream?" + urlencode({"token": token, **query})
        lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: Upgrade", "Upgrade: websocket"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.status = int(self.stream.readline().split()[1])
        headers = http.client.parse_headers(self.stream)
        if self.status != 101:
            return
        expected = base64.b64encode(hashlib.sha1((key + self.GUID).encode()).digest()).decode()
        assert headers["sec-websocket-accept"] == expected, "the handshake's answer belongs to another key"
        self.socket.settimeout(None)
        self.close_code = None
        self.follow()

    def messages(self):
        text = b""
        while True:
            final, opcode, payload = self._frame()
            if opcode == 8:
                self.close_code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                return
            if opcode == 9:
                self._send(10, payload)
            elif opcode in (0, 1):
                text += payload
                if final:
                    yield json.loads(text)
                    text = b""

    def _frame(self):
        first, second = self._exactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self._exactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._exactly(8))[0]
        assert not second & 0x80, "a server does not mask"
        return bool(first & 0x80), first & 0x0F, self._exactly(length)

    def _exactly(self, count):
        data = self.stream.read(count)
        if len(data) != count:
            raise OSError("the line was cut")
        return data

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def send(self, message):
        self._send(1, json.dumps(message).encode())

    def close(self):
        self.socket.close()


class EventSource(Line):
    """Server-sent events."""

    def __init__(self, url, token, **query):
        super().__init__()
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        path = "/api/v1/events/stream" + ("?" + urlencode(query) if query else "")
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            self.follow()

    def messages(self):
        data = []
        for line in self.answer:
            line = line.decode().rstrip("\n")
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield json.loads("\n".join(data))
                data = []

    def close(self):
        # Whoever reads closes the rest.
        if self.connection.sock:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
