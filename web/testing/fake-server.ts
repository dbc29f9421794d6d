// A small server that keeps the contract, in memory, with faults to switch on. The tests of client and elements run
// against it, and the demo page can be tried with it before there is a real server.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { FeedFrame, NotificationStatus } from "@campanile/client";
import { problem, type Answer, type Request } from "./answers.js";
import { FakeConfigs } from "./fake-configs.js";
import { FakePreferences } from "./fake-preferences.js";
import { FakeWebhooks } from "./fake-webhooks.js";
import { FeedLog } from "./feed-log.js";

export { problem, type Answer, type Request } from "./answers.js";

export interface Faults {
  /** Milliseconds before an answer that is already made goes out. */
  latency: (path: string) => number;
  /** Refuses this request with the status. */
  refuse: (method: string, path: string) => number | null;
  /** Loses a live frame. */
  lose: () => boolean;
  /** Puts a live frame together with the next: says only how far it told, as a server that looks now and then. */
  merge: () => boolean;
  /** Sends a live frame twice. */
  repeat: () => boolean;
  /** No WebSocket can be opened. */
  noSockets: boolean;
}

type Extra = (request: Request) => Answer | null | Promise<Answer | null>;

export class FakeServer {
  readonly feeds = new Map<string, FeedLog>();
  readonly configs = new FakeConfigs();
  readonly preferences = new FakePreferences();
  readonly webhooks = new FakeWebhooks();
  readonly faults: Faults = {
    latency: () => 0,
    refuse: () => null,
    lose: () => false,
    merge: () => false,
    repeat: () => false,
    noSockets: false,
  };
  /** What came in, for tests that look at requests. */
  readonly requests: Request[] = [];
  readonly received: object[] = [];
  readonly sockets = new Set<WebSocket>();
  heartbeat = 30;
  url = "";
  readonly #extras: Extra[] = [];
  readonly #revoked = new Set<string>();
  readonly #http: Server;
  readonly #ws = new WebSocketServer({ noServer: true });

  constructor() {
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async start(port = 0): Promise<FakeServer> {
    const server = new FakeServer();
    await new Promise<void>((resolve) => server.#http.listen(port, "127.0.0.1", resolve));
    server.url = `http://127.0.0.1:${(server.#http.address() as AddressInfo).port}`;
    return server;
  }

  async stop(): Promise<void> {
    this.dropSockets();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Answers that come before the contract's own: static files, the demo's routes. */
  route(extra: Extra): void {
    this.#extras.push(extra);
  }

  feed(user: string): FeedLog {
    let feed = this.feeds.get(user);
    if (!feed) this.feeds.set(user, (feed = new FeedLog(user)));
    return feed;
  }

  /** A token shaped like a JWT. Only its shape is real: here nothing is at stake. */
  token(user: string, seconds = 3600): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Date.now() / 1000 + seconds;
    return `${part({ alg: "none" })}.${part({ sub: user, exp, jti: Math.random() })}.fake`;
  }

  revoke(token: string): void {
    this.#revoked.add(token);
  }

  dropSockets(code?: number): void {
    for (const socket of this.sockets) {
      if (code) socket.close(code);
      else socket.terminate();
    }
    this.sockets.clear();
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "/", "http://fake");
    let text = "";
    for await (const chunk of message) text += String(chunk);
    const request: Request = {
      method: message.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: text ? JSON.parse(text) : undefined,
    };
    const answer = await this.#answer(request);
    const latency = this.faults.latency(request.path);
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    const type = (answer.status ?? 200) >= 400 ? "application/problem+json" : "application/json";
    response.writeHead(answer.status ?? 200, { "content-type": type, ...cors, ...answer.headers });
    response.end(answer.raw ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body)));
  }

  async #answer(request: Request): Promise<Answer> {
    if (request.method === "OPTIONS") return { status: 204 };
    for (const extra of this.#extras) {
      const answer = await extra(request);
      if (answer) return answer;
    }
    this.requests.push(request);
    const refused = this.faults.refuse(request.method, request.path);
    if (refused) return problem(refused, "refused");
    const credentials = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const user = this.#userOf(credentials);
    if (user === null) return problem(401, "token_refused");
    return (
      this.#feedRoutes(this.feed(user), request) ??
      this.configs.answer(request) ??
      this.preferences.answer(request) ??
      this.webhooks.answer(request) ??
      problem(404, "not_found")
    );
  }

  #feedRoutes(feed: FeedLog, { method, path, query, headers, body }: Request): Answer | null {
    const filter = { app: query.get("app"), tenant: query.get("tenant") };
    const position = { seq: feed.seq, epoch: feed.epoch, counters: feed.counters(filter) };
    if (method === "GET" && path === "/api/v1/users/me/notifications") {
      const limit = Number(query.get("limit") ?? 20);
      const page = feed.list({ ...filter, status: query.get("status"), limit, cursor: query.get("cursor") });
      return { body: { ...page, ...position } };
    }
    if (method === "GET" && path === "/api/v1/users/me/feed") {
      return pollAnswer(
        feed,
        Number(query.get("after") ?? feed.seq),
        query.get("epoch"),
        headers["if-none-match"],
      );
    }
    const all = /^\/api\/v1\/notifications\/mark-all-(read|seen)$/.exec(path)?.[1];
    if (method === "POST" && all) {
      const { app = null, tenant = null } = (body ?? {}) as { app?: string; tenant?: string };
      feed.markAll(all as "read" | "seen", app, tenant);
      return { body: { ok: true } };
    }
    const id = /^\/api\/v1\/notifications\/([^/]+)$/.exec(path)?.[1];
    if (method === "PATCH" && id) {
      const item = feed.set(id, (body as { status: NotificationStatus }).status);
      if (item === "refused") return problem(409, "status_refused");
      return item ? { body: item } : problem(404, "not_found");
    }
    return null;
  }

  #userOf(token: string): string | null {
    if (this.#revoked.has(token)) return null;
    if (token.startsWith("pt_")) return "portal";
    try {
      const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
        sub: string;
        exp: number;
      };
      return claims.exp * 1000 > Date.now() ? claims.sub : null;
    } catch {
      return null;
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? "/", "http://fake");
    if (this.faults.noSockets || url.pathname !== "/api/v1/events/stream") return void socket.destroy();
    this.#ws.handleUpgrade(request, socket, head, (line) => this.#line(line, url.searchParams));
  }

  #line(line: WebSocket, query: URLSearchParams): void {
    const token = query.get("token") ?? "";
    const user = this.#userOf(token);
    if (user === null) return line.close(this.#revoked.has(token) ? 4003 : 4001);
    const feed = this.feed(user);
    this.sockets.add(line);
    const send = (frame: object) => line.readyState === line.OPEN && line.send(JSON.stringify(frame));
    let told = feed.seq;
    // Once a frame was lost, "told up to here" would be a lie: such a line only loses.
    let lost = false;
    const live = (frame: FeedFrame) => {
      if (this.faults.lose()) return void (lost = true);
      if (!lost && this.faults.merge()) {
        if (this.faults.merge()) return;
        for (const change of feed.after(told, feed.epoch) ?? []) send(change);
        return void send({ type: "synced", through: (told = feed.seq) });
      }
      if (feed.seq === told + 1) told = feed.seq;
      send(frame);
      if (this.faults.repeat()) send(frame);
    };
    line.on("close", () => {
      feed.listeners.delete(live);
      this.sockets.delete(line);
    });
    line.on("message", (data) => {
      const frame = JSON.parse(String(data)) as { type: string; seq: number; epoch: string };
      this.received.push(frame);
      if (frame.type === "ping") send({ type: "pong" });
      else if (frame.type === "token") send({ type: "token_ok" });
      else if (frame.type === "after") catchUp(feed, frame.seq, frame.epoch, send);
    });
    const { seq, epoch } = feed;
    send({ type: "hello", seq, epoch, counters: feed.counters(), heartbeat: this.heartbeat });
    if (query.has("after")) catchUp(feed, Number(query.get("after")), query.get("epoch"), send);
    feed.listeners.add(live);
  }
}

const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
  "access-control-expose-headers": "etag",
};

function catchUp(feed: FeedLog, seq: number, epoch: string | null, send: (frame: object) => void): void {
  const missed = feed.after(seq, epoch);
  if (missed === null) {
    send({ type: "reset", seq: feed.seq, epoch: feed.epoch, counters: feed.counters() });
    return;
  }
  for (const frame of missed) send(frame);
  send({ type: "synced", through: feed.seq });
}

function pollAnswer(feed: FeedLog, after: number, epoch: string | null, tag: string | undefined): Answer {
  const etag = `"${feed.epoch}-${feed.seq}"`;
  const named = (tag ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  const nothingToTell = after === feed.seq && (epoch === null || epoch === feed.epoch);
  if (nothingToTell && named.some((one) => one === "*" || one === etag))
    return { status: 304, headers: { etag } };
  const missed = feed.after(after, epoch);
  const items = (missed ?? []).flatMap((frame) => (frame.type === "change" ? [frame.item] : []));
  const marks = (missed ?? []).filter((frame) => frame.type === "mark");
  const position = { through: feed.seq, epoch: feed.epoch, counters: feed.counters() };
  return { headers: { etag }, body: { reset: missed === null, items, marks, ...position } };
}
