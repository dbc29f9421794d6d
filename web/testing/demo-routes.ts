// What the server's demo mode answers, so that the demo page can be worked on by itself: `npm run dev` in web/.

import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import type { Delivery, FeedItem } from "@campanile/client";
import type { Answer, FakeServer, Request } from "./fake-server.js";
import { makeId } from "./feed-log.js";

export const STRICT_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

type Content = Partial<FeedItem> & { title: string };

const KINDS: Record<string, { type: string; content: Content }> = {
  comment: {
    type: "comment.created",
    content: {
      event: "comment.created",
      title: "Mara Lind commented on “Launch plan”",
      body: "Can we move the announcement to Thursday? Press is out on Wednesday and I would like them to have a day.",
      link: "/docs/launch-plan#comment-42",
      actions: [{ id: "reply", label: "Reply", url: "/docs/launch-plan#reply" }],
    },
  },
  deploy: {
    type: "deploy.finished",
    content: {
      event: "deploy.finished",
      title: "web was deployed to production",
      body: "4f2c91a “Faster search” is live after 1 min 12 s.",
      link: "/deploys/4f2c91a",
    },
  },
  incident: {
    type: "incident.opened",
    content: {
      event: "incident.opened",
      title: "Checkout is answering slowly",
      body: "p95 has been above 2 s for five minutes.\nSeverity: high",
      link: "/incidents/INC-118",
      priority: "urgent",
      actions: [
        { id: "ack", label: "Acknowledge" },
        { id: "open", label: "Open incident", url: "/incidents/INC-118" },
      ],
    },
  },
  invoice: {
    type: "invoice.ready",
    content: {
      event: "invoice.ready",
      title: "Your November invoice is ready",
      body: "€248.00 for 12 seats, due in 14 days.",
      link: "/billing/2026-11",
    },
  },
};

export function serveDemo(server: FakeServer, dist: string): void {
  const received: object[] = [];
  const deliveries: Delivery[] = [];
  const publish = (kind: string, user: string): Answer => {
    const happening = KINDS[kind];
    if (!happening) return { status: 422, body: { title: "Unknown kind", status: 422 } };
    const id = makeId("evt");
    const item = server.feed(user).add(happening.content);
    const at = new Date().toISOString();
    const { title, link } = happening.content;
    const body = JSON.stringify({
      id,
      type: happening.type,
      timestamp: at,
      version: "1",
      data: { title, link, user },
    });
    received.unshift({ at, webhook_id: id, type: happening.type, verified: true, body, attempt: 1 });
    deliveries.unshift(sentDelivery(id, happening.type, at, 3 + (deliveries.length % 5)));
    return { body: { event_id: id, notification_id: item.id } };
  };
  server.route(({ method, path, body }: Request) => {
    const said = (body ?? {}) as { kind?: string; user?: string };
    if (path === "/demo/config.json") return { body: config(server.url) };
    if (path === "/demo/received") return { body: { data: received.slice(0, 50) } };
    if (path === "/demo/deliveries") return { body: { data: deliveries.slice(0, 50), next_cursor: null } };
    if (method === "POST" && path === "/demo/token")
      return { body: { token: server.token(said.user ?? "ada") } };
    if (method === "POST" && path === "/demo/publish") return publish(said.kind ?? "", said.user ?? "ada");
    return null;
  });
  serveFiles(server, "/demo/", join(dist, "demo"));
  serveFiles(server, "/", dist);
}

/** Serves built files with the policy that the real server sends. */
export function serveFiles(server: FakeServer, prefix: string, folder: string): void {
  server.route(async ({ method, path }) => {
    if (method !== "GET" || !path.startsWith(prefix) || path.startsWith("/api/")) return null;
    const rest = path.slice(prefix.length) || "index.html";
    const type = TYPES[extname(rest)];
    if (!type || normalize(rest).startsWith("..")) return null;
    const raw = await readFile(join(folder, rest)).catch(() => null);
    return raw && { raw, headers: { "content-type": type, "content-security-policy": STRICT_CSP } };
  });
}

function config(url: string): object {
  const curl = `curl -s ${url}/api/v1`;
  return {
    url,
    app_id: "app_0",
    app_uid: "belfry",
    user: "ada",
    users: [
      { id: "ada", name: "Ada" },
      { id: "ben", name: "Ben" },
    ],
    webhook_id: "ep_0",
    commands: [
      {
        title: "Ring the bell",
        command: `${curl}/apps/belfry/notifications \\\n  -H "Authorization: Bearer $KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{"users":["ada"],"title":"Hello from a terminal"}'`,
      },
      {
        title: "Publish an event",
        command: `${curl}/apps/belfry/events \\\n  -H "Authorization: Bearer $KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{"type":"deploy.finished","data":{"service":"web"}}'`,
      },
      {
        title: "Follow the live stream",
        command: `curl -sN ${url}/api/v1/events/stream \\\n  -H "Authorization: Bearer $KEY" \\\n  -H "Accept: text/event-stream"`,
      },
    ],
  };
}

function sentDelivery(event_id: string, event_type: string, at: string, duration_ms: number): Delivery {
  return {
    id: makeId("dlv"),
    event_id,
    event_type,
    status: "sent",
    attempts: 1,
    status_code: 200,
    duration_ms,
    response: "ok",
    error: null,
    next_attempt_at: null,
    created_at: at,
    finished_at: at,
  };
}
