// Examples to copy: a request that would work against this server, with the key in $KEY.

import { media, resolve, type OpenApi, type Operation, type Schema } from "./document.js";

/** Names in paths stand for something of this kind. */
const PATH_VALUES: Record<string, string> = {
  app: "shop",
  user: "ada",
  tenant: "acme",
  topic: "releases",
  name: "order.paid",
};

/** What reads better than what the document alone says, by the name of the schema. */
const BODIES: Record<string, unknown> = {
  AppBody: { uid: "shop", name: "Shop" },
  EventBody: { type: "order.paid", data: { order: 118 } },
  BatchBody: { events: [{ type: "order.paid", data: { order: 118 } }] },
  NotificationBody: { users: ["ada"], title: "Order 118 was paid", link: "/orders/118" },
  WebhookBody: { url: "https://example.com/hooks", event_types: ["order.paid"] },
  EventTypeBody: { name: "order.paid", category: "orders" },
  UserBody: { name: "Ada Lovelace", email: "ada@example.com" },
  TenantBody: { name: "Acme" },
  StatusBody: { status: "read" },
  TokenBody: { expires_in: 3600 },
  SubscribersBody: { users: ["ada"] },
  EnvironmentChanges: { settings: { retention: { events: 30 } } },
  RecoverBody: { since: "2026-01-01T00:00:00Z" },
  AppChanges: { name: "The shop" },
  EventTypeChanges: { description: "Somebody paid" },
  WebhookChanges: { status: "paused" },
  AppKeyBody: { name: "backend" },
  MemberBody: { role: "admin" },
  RotateBody: { grace_seconds: 3600 },
  TokenKeyBody: { algorithm: "EdDSA", public_key: "-----BEGIN PUBLIC KEY-----\n…" },
};

export function curl(document: OpenApi, operation: Operation, origin: string): string {
  const path = operation.path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => PATH_VALUES[name] ?? `$${name.toUpperCase()}`,
  );
  const query = operation.parameters
    .filter((one) => one.in === "query" && one.required)
    .map((one) => `${one.name}=…`);
  const url = `${origin}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const body = requestExample(document, operation);
  // What has a body is a POST unless said otherwise, and what has none a GET.
  const usual = body === undefined ? "get" : "post";
  const method = operation.method === usual ? "" : `-X ${operation.method.toUpperCase()} `;
  const lines = [`curl ${method}"${url}"`, `-H "Authorization: Bearer $KEY"`];
  const stream = Object.values(operation.responses ?? {}).some(
    (answer) => answer.content?.["text/event-stream"],
  );
  if (stream) lines.push(`-N -H "Accept: text/event-stream"`);
  if (body !== undefined) {
    lines.push(`-H "Content-Type: application/json"`);
    lines.push(`-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`);
  }
  return lines.join(" \\\n  ");
}

function requestExample(document: OpenApi, operation: Operation): unknown {
  const body = media(operation.requestBody?.content);
  if (!body?.schema) return undefined;
  if (body.example !== undefined) return body.example;
  const schema = resolve(document, body.schema);
  return schema.examples?.[0] ?? schema.example ?? BODIES[schema.title ?? ""] ?? valueOf(document, schema, 0);
}

/** A value that the schema allows: what is required, and no more. */
function valueOf(document: OpenApi, given: Schema, depth: number): unknown {
  const schema = resolve(document, given);
  const said = schema.const ?? schema.examples?.[0] ?? schema.example ?? schema.enum?.[0] ?? schema.default;
  if (said !== undefined) return said;
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "array") return schema.items && depth < 4 ? [valueOf(document, schema.items, depth + 1)] : [];
  if (type === "string") return schema.format === "date-time" ? "2026-01-01T00:00:00Z" : "…";
  const needed = depth < 4 ? (schema.required ?? []) : [];
  return Object.fromEntries(
    needed.map((name) => [name, valueOf(document, schema.properties?.[name] ?? {}, depth + 1)]),
  );
}
