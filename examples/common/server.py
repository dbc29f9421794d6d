"""A Campanile that is killed and started again."""

import os
import pathlib
import signal
import subprocess

BINARY = os.environ.get("CAMPANILE", str(pathlib.Path(__file__).resolve().parent.parent.parent / "target/release/campanile"))


class Server:
    """Campanile, killed and started again on the same data."""

    key = "sk_of_a_server_that_is_killed"

    def __init__(self, directory, settings=None, port=0):
        self.directory = directory
        self.port = port
        settings = {"LOG__LEVEL": "error", **(settings or {})}
        self.environment = {**os.environ, "CAMPANILE_BOOTSTRAP_KEY": self.key}
        self.environment.update({f"CAMPANILE__{name}": value for name, value in settings.items()})
        self.process = None
        self.url = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        # However a test ends, nothing of it is left running.
        if self.process.poll() is None:
            self.kill()

    def start(self):
        command = [BINARY, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.directory]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"the server is not ready: {line!r}")
        self.url = line.split()[1]
        # Whoever calls again finds it where it was.
        self.port = self.url.rsplit(":", 1)[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=60):
            raise SystemExit("the server did not stop well")
