import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiError, Campanile, ConnectionError } from "../src/index.js";

interface Seen {
  method: string;
  path: string;
  key: string | undefined;
  authorization: string | undefined;
  body: unknown;
}
type Reply = { status: number; headers?: Record<string, string>; body?: unknown } | "drop";

let seen: Seen[] = [];
let replies: Reply[] = [];
let url = "";
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: import("node:http").ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  seen.push({
    method: request.method ?? "",
    path: request.url ?? "",
    key: request.headers["idempotency-key"] as string | undefined,
    authorization: request.headers.authorization,
    body: text ? JSON.parse(text) : undefined,
  });
  const reply = replies.shift() ?? { status: 200, body: { event_id: "evt_1", duplicate: false } };
  if (reply === "drop") return void request.socket.destroy();
  response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
  response.end(
    reply.body === undefined ? "" : typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body),
  );
}

beforeEach(async () => {
  seen = [];
  replies = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const client = (retries = 3) =>
  new Campanile({ url: `${url}/`, key: "sk_test", app: "my app", retries, backoff: { first: 2, most: 8 } });
const event = { type: "thing.happened", data: { n: 1 } };

test("publishes with key, path and body", async () => {
  expect(await client().events.publish(event)).toEqual({ event_id: "evt_1", duplicate: false });
  expect(seen).toMatchObject([
    { method: "POST", path: "/api/v1/apps/my%20app/events", authorization: "Bearer sk_test", body: event },
  ]);
  expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ["a dropped connection", "drop"],
  ["503", { status: 503 }],
  ["429", { status: 429 }],
  ["half an answer", { status: 200, body: '{"event_id":' }],
] as Array<[string, Reply]>)("tries again after %s, with the same Idempotency-Key", async (_, reply) => {
  replies = [reply, reply];
  expect(await client().events.publish(event)).toMatchObject({ event_id: "evt_1" });
  expect(seen).toHaveLength(3);
  expect(new Set(seen.map((request) => request.key)).size).toBe(1);
});

test("a click told by a backend carries one key over its tries", async () => {
  replies = ["drop"];
  await client().notifications.mark("ada", "ntf_1", "clicked", "open");
  await client().notifications.mark("ada", "ntf_1", "clicked", "open");
  expect(seen.map(({ key }) => key)).toEqual([seen[0]?.key, seen[0]?.key, seen[2]?.key]);
  expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen[2]?.key).not.toBe(seen[0]?.key);
});

test("waits as long as Retry-After says", async () => {
  replies = [{ status: 429, headers: { "retry-after": "1" } }];
  const before = Date.now();
  await client().events.publish(event);
  expect(Date.now() - before).toBeGreaterThanOrEqual(990);
});

test("does not wait for ever: a long Retry-After is the caller's to decide", async () => {
  replies = [{ status: 429, headers: { "retry-after": "3600" }, body: { code: "rate_limited" } }];
  await expect(client().events.publish(event)).rejects.toMatchObject({ status: 429, code: "rate_limited" });
  expect(seen).toHaveLength(1);
});

test("gives up in the end, with the last reason", async () => {
  replies = [{ status: 500 }, { status: 500 }, { status: 502, body: "<html>" }];
  await expect(client(2).events.publish(event)).rejects.toMatchObject({ status: 502, code: "unknown" });
  expect(seen).toHaveLength(3);
  replies = ["drop"];
  await expect(client(0).events.publish(event)).rejects.toBeInstanceOf(ConnectionError);
});

test("a refusal is not tried again, and says what was wrong", async () => {
  const body = {
    status: 422,
    code: "invalid",
    detail: "No",
    errors: [{ pointer: "/type", code: "required" }],
  };
  replies = [{ status: 422, body: { ...body, request_id: "req_9" } }];
  const error = await client()
    .events.publish(event)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 422,
    code: "invalid",
    message: "No",
    errors: body.errors,
    requestId: "req_9",
  });
  expect(seen).toHaveLength(1);
});

test("cuts a long batch and keeps the caller's indexes", async () => {
  const half = (from: number) => ({
    data: [{ index: 0, event_id: `evt_${from}`, duplicate: false }],
    errors: [],
  });
  replies = [
    { status: 200, body: half(0) },
    { status: 200, body: { ...half(1), errors: [{ index: 3, code: "invalid", detail: "No" }] } },
  ];
  const events = Array.from({ length: 1004 }, () => event);
  const answer = await client().events.publishBatch(events, { idempotencyKey: "mine" });
  expect(answer.data.map((row) => row.index)).toEqual([0, 1000]);
  expect(answer.errors[0]?.index).toBe(1003);
  expect(seen.map((request) => request.key)).toEqual(["mine", "mine-1000"]);
  expect(seen.map((request) => (request.body as { events: [] }).events.length)).toEqual([1000, 4]);
});

test("reaches every noun by its path", async () => {
  const api = client();
  await api.notifications.send({ users: ["u"], title: "Hi" });
  await api.notifications.mark("u 1", "ntf_1", "clicked", "open");
  await api.apps.create({ name: "A" });
  await api.webhooks.rotateSecret("ep_1", 60, { app: "other" });
  await api.users.put("u/1", { name: "U" });
  await api.tokens.create("u/1", { expires_in: 60 });
  replies = [{ status: 204 }];
  expect(await api.webhooks.delete("ep_1")).toBeUndefined();
  expect(seen.map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`)).toEqual([
    "POST /apps/my%20app/notifications",
    "PATCH /notifications/ntf_1?user=u+1",
    "POST /apps",
    "POST /apps/other/webhooks/ep_1/rotate-secret",
    "PUT /users/u%2F1",
    "POST /users/u%2F1/token",
    "DELETE /apps/my%20app/webhooks/ep_1",
  ]);
});

test("names no application: says so before asking the server", () => {
  const api = new Campanile({ url, key: "sk_test" });
  expect(() => api.events.publish(event)).toThrow(TypeError);
  expect(seen).toEqual([]);
});
