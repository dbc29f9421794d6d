"""An HTTP receiver that keeps what it is given and answers as it is told."""

import http.server
import json
import threading
import time

PATIENCE = 30.0


class Receiver:
    """Listens on a free port of this machine."""

    def __init__(self, status=204, body=b""):
        self.status, self.body, self.got = status, body, []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                content = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), content))
                self.send_response(receiver.status)
                if receiver.status != 204:
                    self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                if receiver.status != 204:
                    self.wfile.write(receiver.body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def wait(self, count):
        """What came, once so much is there."""
        until = time.monotonic() + PATIENCE
        while len(self.got) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(self.got)} came, not {count}")
            time.sleep(0.02)
        return [(headers, json.loads(content), content) for headers, content in self.got]
