#!/usr/bin/env python3
"""Makes one of everything on the server in CAMPANILE_URL and prints it as Schemathesis's configuration.

Generated ids lead nowhere; with these its requests get past 404. Standard library only.
"""

import json
import os
import urllib.request


def ask(method, path, body):
    headers = {"Authorization": "Bearer " + os.environ["CAMPANILE_KEY"], "Content-Type": "application/json"}
    url = os.environ["CAMPANILE_URL"] + "/api/v1" + path
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "null")


def main():
    ask("PUT", "/users/ada", {"name": "Ada"})
    ask("PUT", "/tenants/acme", {"name": "Acme"})
    ask("PUT", "/tenants/acme/members/ada", {"role": "admin"})
    ask("POST", "/topics/news/subscribers", {"users": ["ada"]})
    ask("POST", "/event-types", {"name": "user.joined", "category": "user"})
    app = ask("POST", "/apps", {"name": "Known"})["id"]
    ask("PUT", f"/apps/{app}/installations/ada", {})
    webhook = ask("POST", f"/apps/{app}/webhooks", {"url": "http://127.0.0.1:9/"})["id"]
    event = {"type": "user.joined", "data": {"user_id": "ada"}}
    content = {"users": ["ada"], "title": "Hello", "actions": [{"id": "open", "label": "Open"}]}
    known = {
        "app": app,
        "user": "ada",
        "tenant": "acme",
        "topic": "news",
        "name": "user.joined",
        "webhook": webhook,
        "event": ask("POST", f"/apps/{app}/events", event)["event_id"],
        "delivery": ask("POST", f"/apps/{app}/webhooks/{webhook}/test", {})["delivery_id"],
        "notification": ask("POST", f"/apps/{app}/notifications", content)["id"],
    }
    print("[parameters]")
    for name, value in known.items():
        print(f'"path.{name}" = "{value}"')
    # An environment key names whose feed it means.
    print('"query.user" = "ada"')


if __name__ == "__main__":
    main()
