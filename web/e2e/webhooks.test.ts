// W1: what the server signs, verified by the reference library of Standard Webhooks as a receiver in Node would use it.

import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Webhook } from "standardwebhooks";
import { RealServer } from "../testing/real-server.js";
import { eventually } from "./support.js";

interface Received {
  headers: Record<string, string>;
  body: Buffer;
}

let server: RealServer;
let receiver: Server;
let received: Received[] = [];
let webhook: { id: string; secret: string };

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: plain(request.headers), body: Buffer.concat(chunks) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  server = await RealServer.start();
  await post("/apps", { uid: "shop", name: "Shop" });
  const { port } = receiver.address() as AddressInfo;
  webhook = await post("/apps/shop/webhooks", { url: `http://127.0.0.1:${port}/` });
});
afterAll(async () => {
  await server?.dispose();
  receiver?.closeAllConnections();
  receiver?.close();
});
beforeEach(() => (received = []));

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function deliveries(count: number): Promise<Received[]> {
  return await eventually(
    () => received,
    (received) => expect(received).toHaveLength(count),
  );
}

/** Data whose bytes a receiver that reads and writes JSON again would change. */
const AWKWARD = [
  `{"b":1,"a":2,"b2":1.0,"big":12345678901234567890,"exponent":1E5}`,
  `{ "spaces" :  [ 1 ,2 ] , "tab":\t"\\t" }`,
  `{"escaped":"\\u00e9\\ud83d\\ude00\\/","plain":"é😀/"}`,
  `{"":{"":[[[]]]},"html":"</script>&amp;","line":"\\u2028"}`,
];

test("w1: every delivery is verified by the reference library, byte for byte as it was sent", async () => {
  for (const data of AWKWARD) await post("/apps/shop/events", `{"type":"order.paid","data":${data}}`);
  const events = Array.from({ length: 200 }, (_, at) => ({
    type: "order.paid",
    data: { at, text: String.fromCodePoint(0x20 + at * 37).repeat(at), wide: "𝄞".repeat(at) },
  }));
  await post("/apps/shop/events/batch", { events });
  const official = new Webhook(webhook.secret);
  for (const { headers, body } of await deliveries(AWKWARD.length + events.length)) {
    expect(official.verify(body, headers)).toMatchObject({ type: "order.paid" });
    const changed = Buffer.from(body);
    changed[changed.length - 2]! ^= 1;
    expect(() => official.verify(changed, headers)).toThrow();
    expect(() => official.verify(body, { ...headers, "webhook-id": "evt_other" })).toThrow();
  }
});

test("w1: while a secret is rotated, the old and the new one are both good", async () => {
  const old = webhook.secret;
  const { secret } = await post<{ secret: string }>(`/apps/shop/webhooks/${webhook.id}/rotate-secret`, {});
  await post("/apps/shop/events", { type: "order.paid", data: {} });
  const [delivery] = await deliveries(1);
  for (const good of [old, secret]) {
    expect(new Webhook(good).verify(delivery!.body, delivery!.headers)).toMatchObject({ type: "order.paid" });
  }
  const other = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  expect(() => new Webhook(other).verify(delivery!.body, delivery!.headers)).toThrow();
});
