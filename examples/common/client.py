"""The few lines of HTTP that the examples need. Standard library only."""

import http.client
import json
from urllib.parse import urlencode, urlsplit


class Refused(Exception):
    """An answer that is not 2xx, with its problem document."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {json.dumps(problem)}")
        self.status = status
        self.problem = problem


class Api:
    """One caller: an environment key, an application's key or a user token. Not for several threads."""

    def __init__(self, url, credential=None):
        self.url = url.rstrip("/")
        self.credential = credential
        parts = urlsplit(self.url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=30)

    def as_(self, credential):
        """The same server for another caller."""
        return Api(self.url, credential)

    def call(self, method, path, body=None, headers=None, **query):
        """Status, headers and JSON of an answer, whatever the status."""
        sent = {"Accept": "application/json", **(headers or {})}
        if self.credential:
            sent["Authorization"] = f"Bearer {self.credential}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        target = "/api/v1" + path + ("?" + urlencode(query) if query else "")
        self.connection.request(method, target, body=body, headers=sent)
        answer = self.connection.getresponse()
        raw = answer.read()
        return answer.status, answer.headers, json.loads(raw) if raw else None

    def ask(self, method, path, body=None, headers=None, **query):
        """The JSON of a 2xx answer; raises Refused otherwise."""
        status, _, answer = self.call(method, path, body, headers, **query)
        if not 200 <= status < 300:
            raise Refused(status, answer)
        return answer

    def get(self, path, **query):
        return self.ask("GET", path, **query)

    def post(self, path, body=None, headers=None, **query):
        return self.ask("POST", path, {} if body is None else body, headers, **query)

    def put(self, path, body=None):
        return self.ask("PUT", path, {} if body is None else body)

    def patch(self, path, body, **query):
        return self.ask("PATCH", path, body, **query)

    def delete(self, path, **query):
        return self.ask("DELETE", path, **query)
