// S10: what is posted to Teams, read by the library that renders Adaptive Cards.

import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as Cards from "adaptivecards";
import { RealServer } from "../testing/real-server.js";
import { eventually } from "./support.js";

// Its ES modules cannot be loaded outside of a bundler.
const { AdaptiveCard, SerializationContext, Versions }: typeof Cards = createRequire(import.meta.url)(
  "adaptivecards/dist/adaptivecards.js",
);

interface Post {
  type: string;
  attachments: { contentType: string; contentUrl: null; content: Record<string, unknown> }[];
}

let server: RealServer;
let teams: Server;
const posts: Post[] = [];

beforeAll(async () => {
  teams = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posts.push(JSON.parse(Buffer.concat(chunks).toString()) as Post);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => teams.listen(0, "127.0.0.1", resolve));
  server = await RealServer.start();
  await call("PUT", "/tenants/acme", { name: "Acme" });
});
afterAll(async () => {
  await server?.dispose();
  teams?.closeAllConnections();
  teams?.close();
});

async function call(method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** What the library finds wrong with a card: while it reads it, and in what it read. */
function faults(content: Record<string, unknown>): string[] {
  const card = new AdaptiveCard();
  const context = new SerializationContext(Versions.v1_4);
  card.parse(content, context);
  const found: string[] = [];
  for (let index = 0; index < context.eventCount; index++) found.push(context.getEventAt(index).message);
  for (const failed of card.validateProperties().validationEvents) found.push(failed.message);
  return found;
}

/** What a workflow's step posts for these data. */
async function posted(key: string, step: unknown, data: unknown): Promise<Record<string, unknown>> {
  const { length } = posts;
  await call("PUT", `/workflows/${key}`, { tenant_steps: [{ name: "teams", teams: step }] });
  const { port } = teams.address() as AddressInfo;
  const config = {
    channel: "teams_webhook",
    webhook_url: `http://127.0.0.1:${port}/`,
    events_enabled: { [key]: true },
  };
  await call("POST", "/notifications/configs?tenant=acme", config);
  await call("POST", `/workflows/${key}/trigger`, { tenant: "acme", data });
  await eventually(
    () => posts.length,
    (now) => expect(now).toBe(length + 1),
  );
  const post = posts[length]!;
  expect(post.type).toBe("message");
  const [attachment] = post.attachments;
  expect(post.attachments).toHaveLength(1);
  expect(attachment).toMatchObject({
    contentType: "application/vnd.microsoft.card.adaptive",
    contentUrl: null,
  });
  return attachment!.content;
}

test("s10: title, body and button are a card of version 1.4", async () => {
  const step = {
    title: "{{ data.title }}",
    body: "{{ data.body }}",
    link: "https://example.com/{{ data.id }}",
    link_label: "Open in ResolutionFlow",
  };
  const data = {
    title: 'Session "7" <escalated>',
    body: "Reason: *none*\n\n- one\n- [two](https://x.example)",
    id: 7,
  };
  const card = await posted("simple", step, data);
  expect(faults(card)).toEqual([]);
  expect(card).toMatchObject({
    version: "1.4",
    body: [
      { type: "TextBlock", weight: "Bolder", size: "Medium", wrap: true },
      { type: "TextBlock", wrap: true },
    ],
    actions: [{ type: "Action.OpenUrl", title: "Open in ResolutionFlow", url: "https://example.com/7" }],
  });
});

test("s10: without a link there is no button", async () => {
  const card = await posted("bare", { title: "{{ data.title }}" }, { title: "x".repeat(5_000) });
  expect(faults(card)).toEqual([]);
  expect(card["actions"]).toBeUndefined();
});

test("s10: a card of one's own is posted as it is declared", async () => {
  const blocks = {
    type: "AdaptiveCard",
    version: "1.4",
    body: [{ type: "FactSet", facts: [{ title: "Score", value: "{{ data.score }}" }] }],
    actions: [{ type: "Action.OpenUrl", title: "Open", url: "https://example.com/{{ data.id }}" }],
  };
  const card = await posted("own", { title: "A score", blocks }, { score: 85, id: "a b" });
  expect(faults(card)).toEqual([]);
  expect(JSON.stringify(card)).toContain('"85"');
});

test("the library tells a card that is none", () => {
  const wrong = {
    type: "AdaptiveCard",
    version: "1.4",
    body: [{ type: "Text" }],
    actions: [{ type: "Action.OpenUrl" }],
  };
  expect(faults(wrong).length).toBeGreaterThanOrEqual(2);
});
