"""A real SMTP server (aiosmtpd) that keeps what it is given, and readers of what came."""

import asyncio
import email
import email.policy
import os
import pathlib
import threading
import time

from aiosmtpd.smtp import SMTP

PATIENCE = 30.0


class Mailbox:
    """Listens on a free port of this machine. Answers of its own can be scripted, one for each recipient that is named."""

    def __init__(self):
        self.mails = []
        self.refusals = []
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait(PATIENCE)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(self.loop.create_server(lambda: SMTP(self, loop=self.loop), "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos[0], message))
        if where := os.environ.get("KEEP_MAILS"):
            keep(pathlib.Path(where), len(self.mails), message)
        return "250 OK"

    def wait(self, count):
        """The mails, once so many are there; fails where more are."""
        until = time.monotonic() + PATIENCE
        while len(self.mails) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(self.mails)} mails came, not {count}")
            time.sleep(0.02)
        assert len(self.mails) == count, [message["subject"] for _, message in self.mails]
        return list(self.mails)


def keep(directory, number, message):
    """Writes both parts of a mail, to be looked at."""
    directory.mkdir(parents=True, exist_ok=True)
    for kind, suffix in [("plain", "txt"), ("html", "html")]:
        part = message.get_body((kind,))
        if part is not None:
            (directory / f"{number}.{suffix}").write_text(part.get_content())


def check(message):
    """What every mail must have; answers its text and its HTML."""
    for header in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"]:
        assert message[header], f"no {header}"
    assert message["Message-ID"].startswith("<") and message["Message-ID"].endswith(">")
    assert not message.defects, message.defects
    for part in message.walk():
        assert not part.defects, part.defects
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None, "a mail has both parts"
    assert message.get_content_type() == "multipart/alternative", message.get_content_type()
    return text.get_content(), html.get_content()
