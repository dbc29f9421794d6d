// A server that keeps the console's contract in memory, with faults to switch on. The console is built and tested
// against it; `node scripts/console-screens.mjs` takes its pictures of it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Role, SessionView } from "../console/src/api/coming.js";
import { emptyWorld, makeEvent, makeId, makeWorld, type Schemas, type World } from "./console-data.js";
import { keep, type Kept } from "./console-kept.js";
import { problem } from "./console-router.js";
import { answer } from "./console-routes.js";

/** What the server must send with the console: nothing inline, nothing from elsewhere. */
export const CONSOLE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types campanile-mail";

const DIST = fileURLToPath(new URL("../dist/console", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface Faults {
  /** Milliseconds before every answer of the API. */
  latency: number;
  /** Answers this request with the status. */
  refuse: (method: string, path: string) => number | null;
  /** Hangs up instead of answering. */
  unreachable: boolean;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  role: Role;
}

export interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Options {
  now?: number;
  deliveries?: number;
  port?: number;
  /** Somebody is signed in already, by whatever cookie. */
  signedIn?: boolean;
}

export class ConsoleServer {
  url = "";
  readonly faults: Faults = { latency: 0, refuse: () => null, unreachable: false };
  readonly calls: Call[] = [];
  readonly worlds: Record<string, World>;
  readonly kept: Record<string, Kept> = {};
  readonly environments: SessionView["environments"];
  signedIn: boolean;
  #published = 0;
  #requests = 0;
  readonly #now: number;
  readonly #lines = new Set<{ response: ServerResponse; environment: string }>();
  readonly #http: Server;

  constructor({ now = Date.now(), deliveries = 600, signedIn = false }: Options = {}) {
    this.#now = now;
    this.signedIn = signedIn;
    const full = makeWorld(now, deliveries);
    const ids = ["production", "viewed", "playground", "acme"].map((name) => makeId("env", name));
    this.environments = [
      { id: ids[0]!, name: "production", role: "operator", tenant: null },
      { id: ids[1]!, name: "partner", role: "viewer", tenant: null },
      { id: ids[2]!, name: "playground", role: "developer", tenant: null },
      { id: ids[3]!, name: "acme’s own", role: "tenant_admin", tenant: "acme" },
    ];
    this.worlds = { [ids[0]!]: full, [ids[1]!]: full, [ids[2]!]: emptyWorld(now), [ids[3]!]: full };
    for (const { id, name } of this.environments) this.kept[id] = keep(this.worlds[id]!, name);
    this.#http = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: Options = {}): Promise<ConsoleServer> {
    const server = new ConsoleServer(options);
    await new Promise<void>((resolve) => server.#http.listen(options.port ?? 0, "127.0.0.1", resolve));
    server.url = `http://127.0.0.1:${(server.#http.address() as AddressInfo).port}`;
    return server;
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  session(): SessionView {
    const account = { id: "acc_1", email: "ines@helpdesk.example", name: "Ines Okafor" };
    return { account, operator: true, csrf: "csrf-1", environments: this.environments, oidc: true };
  }

  /** An event comes in: whoever follows the stream is told. */
  publish(type = "session.escalated"): Schemas["EventView"] {
    const world = this.worlds[this.environments[0]!.id]!;
    this.#published += 1;
    const event = {
      ...makeEvent(
        world,
        3_000 + this.#published,
        new Date(this.#now + this.#published * 1_000).toISOString(),
      ),
      type,
    };
    world.events.unshift(event);
    for (const { response, environment } of this.#lines) {
      if (environment === this.environments[0]!.id)
        tell(
          response,
          { type: "event", cursor: String(this.#published), event: told(event) },
          `1:${this.#published}`,
        );
    }
    return event;
  }

  dropLines(): void {
    for (const { response } of this.#lines) response.destroy();
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "/", "http://fake");
    if (this.faults.unreachable && url.pathname.startsWith("/api/")) return void message.socket.destroy();
    if (!url.pathname.startsWith("/api/")) return this.#file(url.pathname, response);
    let text = "";
    for await (const chunk of message) text += String(chunk);
    const environment = String(message.headers["campanile-environment"] ?? this.environments[0]!.id);
    const here = this.environments.find(({ id }) => id === environment);
    const call: Call = {
      method: message.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
      role: here?.role ?? "viewer",
    };
    this.calls.push(call);
    if (this.faults.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.faults.latency));
    const isStream = call.path === "/api/v1/events/stream";
    const refused = this.faults.refuse(call.method, call.path);
    if (isStream && this.signedIn && !refused) return this.#line(response, environment, message);
    const reply = refused
      ? problem(refused, "internal", "something went wrong on our side")
      : this.#reply(call, message.headers["campanile-csrf"], environment);
    const status = reply.status ?? 200;
    const type = status >= 400 ? "application/problem+json" : "application/json";
    const body = reply.body as Record<string, unknown> | undefined;
    if (status >= 400 && body) body["request_id"] = `req_${String((this.#requests += 1)).padStart(4, "0")}`;
    response.writeHead(status, { "content-type": type, ...reply.headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  #reply(call: Call, csrf: unknown, environment: string): Reply {
    const own = this.#session(call);
    if (own) return own;
    if (!this.signedIn) return missing();
    if (call.method !== "GET" && csrf !== "csrf-1")
      return problem(403, "csrf", "the call does not come from the console");
    const isPreview = call.path === "/api/v1/workflows/preview";
    if (call.role === "viewer" && call.method !== "GET" && !isPreview)
      return problem(403, "read_only", "viewers change nothing");
    const kept = this.kept[environment];
    if (!kept) return problem(404, "not_found", "there is no such environment");
    return answer(kept, call) ?? problem(404, "not_found", "there is no such thing");
  }

  /** Signing in and out. */
  #session({ method, path, body }: Call): Reply | null {
    if (path === "/api/v1/session/code") {
      if (body["code"] !== "good")
        return problem(401, "code_spent", "this link was used already, or is too old: ask for a new one");
      this.signedIn = true;
      return { body: this.session() };
    }
    if (path === "/api/v1/session/mail") return { status: 202, body: {} };
    if (path !== "/api/v1/session") return null;
    if (method === "DELETE") {
      this.signedIn = false;
      return { status: 204 };
    }
    return this.signedIn ? { body: this.session() } : missing();
  }

  #line(response: ServerResponse, environment: string, message: IncomingMessage): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const line = { response, environment };
    this.#lines.add(line);
    message.on("close", () => this.#lines.delete(line));
    tell(response, { type: "hello", cursor: "0", epoch: "1", heartbeat: 30 }, "1:0");
  }

  /** A file of the build; for every other address the page, which knows what it means. Names may have dots. */
  async #file(path: string, response: ServerResponse): Promise<void> {
    const wanted = normalize(path).replace(/^\/+/, "");
    for (const name of [wanted, "index.html"]) {
      try {
        const bytes = await readFile(join(DIST, name));
        const type = TYPES[extname(name)] ?? "application/octet-stream";
        response.writeHead(200, {
          "content-type": type,
          "content-security-policy": CONSOLE_CSP,
          "x-content-type-options": "nosniff",
        });
        return void response.end(bytes);
      } catch {
        if (wanted.startsWith("assets/")) break;
      }
    }
    response.writeHead(404).end("not found\n");
  }
}

function tell(response: ServerResponse, frame: { type: string; [name: string]: unknown }, id: string): void {
  response.write(`id: ${id}\nevent: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`);
}

function missing(): Reply {
  const reply = problem(401, "session_missing", "nobody is signed in");
  return { ...reply, body: { ...(reply.body as object), oidc: true } };
}

/** An event as the line tells it: as it looks outside. */
function told({ id, type, app_id, entity, tenant, data, occurred_at }: Schemas["EventView"]) {
  return { id, type, app_id, timestamp: occurred_at, version: "2026-02-07", entity, tenant, data };
}
