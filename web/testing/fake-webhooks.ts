// An application's webhooks as the contract has them: endpoints with secrets, deliveries with attempts, a catalogue.

import type {
  Attempt,
  CatalogueEntry,
  Delivery,
  DeliveryStatus,
  FullDelivery,
  NewWebhook,
  Webhook,
} from "@campanile/client";
import { invalid, problem, type Answer, type Request } from "./answers.js";
import { makeId } from "./feed-log.js";
import { CATALOGUE } from "./catalogue.js";

const PATH = "/api/v1/apps/me";

export class FakeWebhooks {
  rows: Webhook[] = [];
  readonly deliveries = new Map<string, FullDelivery[]>();
  catalogue: CatalogueEntry[] = CATALOGUE;
  readonly recovered: unknown[] = [];
  #made = 0;

  add(webhook: NewWebhook, more: Partial<Webhook> = {}): Webhook {
    const now = new Date().toISOString();
    const row: Webhook = {
      id: makeId("ep"),
      app_id: "app_0",
      url: webhook.url,
      description: webhook.description ?? "",
      status: "active",
      disabled_at: null,
      disabled_reason: null,
      event_types: webhook.event_types ?? null,
      rate_limit: webhook.rate_limit ?? null,
      retry_policy: webhook.retry_policy ?? "long",
      created_at: now,
      updated_at: now,
      health: { failures: 0, first_failure_at: null, last_failure_at: null },
      ...more,
    };
    this.rows.unshift(row);
    this.deliveries.set(row.id, []);
    return row;
  }

  deliver(
    webhook: Webhook,
    type: string,
    status: DeliveryStatus,
    attempts: Array<Partial<Attempt>>,
  ): FullDelivery {
    const at = new Date(Date.now() - 60_000 * (this.#made += 1)).toISOString();
    const log = attempts.map((attempt, index) => attemptOf(attempt, index + 1, at));
    const last = log.at(-1);
    const event_id = makeId("evt");
    const sample = this.catalogue.find(({ name }) => name === type)?.sample ?? {};
    const delivery: FullDelivery = {
      id: makeId("dlv"),
      event_id,
      event_type: type,
      status,
      attempts: log.length,
      status_code: last?.status_code ?? null,
      duration_ms: last?.duration_ms ?? null,
      response: last?.response ?? null,
      error: last?.error ?? null,
      next_attempt_at: status === "retrying" ? new Date(Date.now() + 120_000).toISOString() : null,
      created_at: at,
      finished_at: ["pending", "sending", "retrying"].includes(status) ? null : at,
      attempts_log: log,
      request: {
        url: webhook.url,
        headers: {
          "content-type": "application/json",
          "user-agent": "Campanile/0.1",
          "webhook-id": event_id,
          "webhook-timestamp": String(Math.floor(Date.parse(at) / 1000)),
        },
        body: JSON.stringify({ id: event_id, type, timestamp: at, version: "2026-02-07", data: sample }),
      },
    };
    this.deliveries.get(webhook.id)!.unshift(delivery);
    return delivery;
  }

  answer({ method, path, query, body }: Request): Answer | null {
    if (!path.startsWith(PATH)) return null;
    const [, noun, id, verb, delivery, again] = path.slice(PATH.length).split("/");
    if (noun === "event-types") return page(this.catalogue, query);
    if (noun !== "webhooks") return null;
    if (!id)
      return method === "GET" ? page(this.rows.map(withoutHealth), query) : this.#create(body as NewWebhook);
    const row = this.rows.find((one) => one.id === id);
    if (!row) return problem(404, "not_found");
    if (verb === "deliveries") return this.#log(row, query, delivery, again);
    if (verb) return this.#verb(row, verb, body);
    if (method === "GET") return { body: row };
    if (method === "DELETE") {
      this.rows = this.rows.filter((one) => one !== row);
      return { status: 204 };
    }
    return this.#change(row, body as Partial<Webhook>);
  }

  #create(webhook: NewWebhook): Answer {
    const wrong = faults(webhook);
    if (wrong) return wrong;
    return { status: 201, body: { ...this.add(webhook), secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" } };
  }

  #change(row: Webhook, changes: Partial<Webhook>): Answer {
    const wrong = changes.url === undefined ? null : faults(changes as NewWebhook);
    if (wrong) return wrong;
    const enabled = changes.status === "active" ? { disabled_at: null, disabled_reason: null } : {};
    Object.assign(row, changes, enabled, { updated_at: new Date().toISOString() });
    return { body: row };
  }

  #verb(row: Webhook, verb: string, body: unknown): Answer {
    if (verb === "rotate-secret") return { body: { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } };
    if (verb === "recover") {
      this.recovered.push(body);
      return { status: 202, body: { ok: true } };
    }
    if (verb !== "test") return problem(404, "not_found");
    const sent = this.deliver(row, "webhook.test", "sent", [{}]);
    return { status: 202, body: { delivery_id: sent.id } };
  }

  #log(row: Webhook, query: URLSearchParams, id: string | undefined, again: string | undefined): Answer {
    const all = this.deliveries.get(row.id) ?? [];
    if (!id) {
      const status = query.get("status");
      return page(all.filter((one) => !status || one.status === status).map(short), query);
    }
    const found = all.find((one) => one.id === id);
    if (!found) return problem(404, "not_found");
    if (again !== "retry") return { body: found };
    const attempt = attemptOf({}, found.attempts_log.length + 1, new Date().toISOString());
    found.attempts_log.push(attempt);
    Object.assign(found, { status: "sent", status_code: 200, error: null, attempts: attempt.number });
    return { status: 202, body: { ok: true } };
  }
}

function attemptOf(attempt: Partial<Attempt>, number: number, at: string): Attempt {
  const code = attempt.status_code === undefined ? 200 : attempt.status_code;
  return {
    id: makeId("atm"),
    number,
    started_at: at,
    duration_ms: 84,
    outcome: code !== null && code < 300 ? "sent" : "error",
    status_code: code,
    response: code === null ? null : '{"ok":true}',
    error: null,
    ...attempt,
  };
}

function faults({ url }: NewWebhook): Answer | null {
  if (!url) return invalid({ "/url": "must not be empty" });
  return /^https?:\/\/\S+$/.test(url) ? null : invalid({ "/url": "must be an http or https URL" });
}

function withoutHealth(row: Webhook): Webhook {
  return { ...row, health: null };
}

function short({ attempts_log: _log, request: _request, ...delivery }: FullDelivery): Delivery {
  return delivery;
}

function page(rows: unknown[], query: URLSearchParams): Answer {
  const limit = Number(query.get("limit") ?? 50);
  const start = Number(query.get("cursor") ?? 0);
  const end = start + limit;
  return { body: { data: rows.slice(start, end), next_cursor: end < rows.length ? String(end) : null } };
}
