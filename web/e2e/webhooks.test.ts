// W1, the part of npm: what the server signs, verified by the reference library as a receiver in Node would use it.

import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { RealServer } from "../testing/real-server.js";
import { eventually } from "./support.js";

interface Received {
  headers: Record<string, string>;
  body: Buffer;
}

let server: RealServer;
let receiver: Server;
/** By `webhook-id`: whoever delivers at least once may do so twice. */
const received = new Map<string, Received>();
let webhook: { id: string; secret: string };

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = plain(request.headers);
      received.set(headers["webhook-id"]!, { headers, body: Buffer.concat(chunks) });
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
beforeEach(() => received.clear());

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

/** What arrived of these events, once all of them did. */
async function deliveries(ids: string[]): Promise<Received[]> {
  await eventually(
    () => ids.filter((id) => !received.has(id)),
    (missing) => expect(missing).toEqual([]),
  );
  return ids.map((id) => received.get(id)!);
}

/** Data whose bytes a receiver that reads and writes JSON again would change. */
const AWKWARD = [
  `{"b":1,"a":2,"b2":1.0,"big":12345678901234567890,"exponent":1E5}`,
  `{ "spaces" :  [ 1 ,2 ] , "tab":\t"\\t" }`,
  `{"escaped":"\\u00e9\\ud83d\\ude00\\/","plain":"é😀/"}`,
  `{"":{"":[[[]]]},"html":"</script>&amp;","line":"\\u2028"}`,
];

function refused(webhook: Webhook, body: Buffer, headers: Record<string, string>): void {
  expect(() => webhook.verify(body, headers)).toThrow(WebhookVerificationError);
}

test("w1: every delivery is verified by the reference library, byte for byte as it was published", async () => {
  const sent: { id: string; data: string }[] = [];
  for (const data of AWKWARD) {
    const { event_id } = await post<{ event_id: string }>(
      "/apps/shop/events",
      `{"type":"order.paid","data":${data}}`,
    );
    sent.push({ id: event_id, data });
  }
  const events = Array.from({ length: 200 }, (_, at) => ({
    type: "order.paid",
    data: { at, text: String.fromCodePoint(0x20 + at * 37).repeat(at), wide: "𝄞".repeat(at) },
  }));
  const batch = await post<{ data: { event_id: string }[] }>("/apps/shop/events/batch", { events });
  batch.data.forEach(({ event_id }, at) =>
    sent.push({ id: event_id, data: JSON.stringify(events[at]!.data) }),
  );

  const official = new Webhook(webhook.secret);
  const arrived = await deliveries(sent.map(({ id }) => id));
  for (const [at, { headers, body }] of arrived.entries()) {
    expect(official.verify(body, headers)).toMatchObject({ type: "order.paid" });
    expect(body.includes(sent[at]!.data)).toBe(true);
    refused(official, Buffer.concat([body, Buffer.from(" ")]), headers);
    refused(official, body, { ...headers, "webhook-id": "evt_other" });
  }
});

test("w1: while a secret is rotated, the old and the new one are both good", async () => {
  const old = webhook.secret;
  const { secret } = await post<{ secret: string }>(`/apps/shop/webhooks/${webhook.id}/rotate-secret`, {});
  const { event_id } = await post<{ event_id: string }>("/apps/shop/events", {
    type: "order.paid",
    data: {},
  });
  const [delivery] = await deliveries([event_id]);
  for (const good of [old, secret]) {
    expect(new Webhook(good).verify(delivery!.body, delivery!.headers)).toMatchObject({ type: "order.paid" });
  }
  const other = new Webhook(`whsec_${Buffer.alloc(24, 7).toString("base64")}`);
  refused(other, delivery!.body, delivery!.headers);
});
