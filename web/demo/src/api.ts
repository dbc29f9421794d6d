import type { Delivery } from "@campanile/client";

export type Kind = "comment" | "deploy" | "incident" | "invoice";

export interface Config {
  url: string;
  app_id: string;
  app_uid: string | null;
  user: string;
  users: Array<string | { id: string; name?: string }>;
  webhook_id: string;
  commands: Array<{ title: string; command: string }>;
}

export interface Received {
  at: string;
  webhook_id: string;
  type: string;
  verified: boolean;
  body: string;
  attempt: number;
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const init: RequestInit = { credentials: "same-origin", cache: "no-store" };
  if (body) {
    init.method = "POST";
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(path, init);
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { detail?: string; title?: string } | null;
    throw new Error(problem?.detail ?? problem?.title ?? `The server answered ${response.status}`);
  }
  return (await response.json()) as T;
}

export const api = {
  config: () => ask<Config>("config.json"),
  token: async (user: string) => (await ask<{ token: string | null }>("token", { user })).token,
  publish: (kind: Kind, user: string) =>
    ask<{ event_id: string; notification_id: string | null }>("publish", { kind, user }),
  received: async () => (await ask<{ data: Received[] }>("received")).data,
  deliveries: async () => (await ask<{ data: Delivery[] }>("deliveries")).data,
};
