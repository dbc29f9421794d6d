// Routes whose shapes the console says itself, in the form of the generated `paths`: closer than the OpenAPI document does.

import type { components } from "../../../client/src/schema.js";

type Schemas = components["schemas"];

export type Role = "operator" | "developer" | "viewer" | "tenant_admin";

export interface SessionView {
  account: { id: string; email: string; name: string | null };
  operator: boolean;
  csrf: string;
  environments: SessionEnvironment[];
  oidc: boolean;
}
export interface SessionEnvironment {
  id: string;
  name: string;
  role: Role;
  tenant: string | null;
}
export interface TeamMember {
  account_id: string;
  email: string;
  name: string | null;
  role: Role;
  tenant: string | null;
  last_seen_at: string | null;
}
export interface Invitation {
  id: string;
  email: string;
  role: Role;
  tenant: string | null;
  expires_at: string;
  link?: string | null;
}
export interface CatalogueEntry {
  name: string;
  title: string | null;
  category: string;
  description: string;
  version: string;
  schema: Record<string, unknown> | null;
  sample: unknown;
}
export interface ConfigChoices {
  channels: Array<{
    channel: "email" | "slack_webhook" | "teams_webhook";
    label: string;
    available: boolean;
    reason: string | null;
  }>;
  events: Array<{ event: string; label: string }>;
}
export interface ChannelChoice {
  channel: string;
  label?: string;
  on: boolean;
  fixed: boolean;
}
export type Frequency = "immediately" | "hourly" | "daily" | Record<string, unknown>;
export interface PreferenceChoices {
  channels: ChannelChoice[];
  workflows: Array<{
    key: string;
    name: string;
    description: string;
    categories: string[];
    channels: ChannelChoice[];
  }>;
  categories: Array<{ name: string; on: boolean; fixed: boolean }>;
  apps: Array<{ uid: string; name: string; on: boolean; fixed: boolean }>;
  digest: Record<string, Frequency | null>;
  digest_channels: string[];
  quiet_hours: Record<string, unknown> | null;
  time_zone: string | null;
}
export interface PortalLink {
  id: string;
  url: string;
  token: string;
  expires_at: string;
  read_only: boolean;
}
export type SeriesName =
  "events" | "notifications" | "deliveries.sent" | "deliveries.failed" | "attempts.failed";
export interface StatsView {
  step_seconds: number;
  from: string;
  series: Array<{ name: SeriesName; channel: string | null; points: number[] }>;
  latency: Array<{ channel: string; p50_ms: number | null; p99_ms: number | null }>;
  health: {
    database: string;
    nodes: unknown[];
    backlog: number;
    outbox_lag_s: number | null;
    channels: Array<{ channel: string; status: string; detail: string | null }>;
  };
}
export interface RetryMany {
  status: string[];
  channel?: string;
  workflow?: string;
  from?: string;
  to?: string;
  dry_run: boolean;
}
export interface Retried {
  matched: number;
  retried: number;
}
export interface WorkflowVersion {
  version: number;
  created_at: string;
  active: boolean;
}
/** What a delivery to a webhook carried; its signature is not shown. */
export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}
export type FullWebhookDelivery = Schemas["FullDeliveryView"] & { request?: WebhookRequest | null };

export interface PageOf<T> {
  data: T[];
  next_cursor?: string | null;
}

interface Params {
  path?: never;
  query?: never;
}
interface Answer<Body, P = Params> {
  parameters: P;
  responses: { 200: { content: { "application/json": Body } } };
}
interface Taking<Sent, Body, P = Params> extends Answer<Body, P> {
  requestBody: { content: { "application/json": Sent } };
}
interface Silent<P = Params> {
  parameters: P;
  responses: { 204: { content?: never } };
}
type Page = { limit?: number; cursor?: string | null };

export interface Coming {
  "/api/v1/session": { get: Answer<SessionView>; delete: Silent };
  "/api/v1/session/code": { post: Taking<{ code: string }, SessionView> };
  "/api/v1/session/mail": {
    post: {
      parameters: Params;
      requestBody: { content: { "application/json": { email: string } } };
      responses: { 202: object };
    };
  };
  "/api/v1/team": { get: Answer<PageOf<TeamMember>, { query?: Page }> };
  "/api/v1/team/{account}": {
    patch: Taking<{ role: Role }, TeamMember, { path: { account: string } }>;
    delete: Silent<{ path: { account: string } }>;
  };
  "/api/v1/team/invitations": {
    get: Answer<PageOf<Invitation>, { query?: Page }>;
    post: Taking<{ email: string; role: Role; tenant?: string }, Invitation>;
  };
  "/api/v1/team/invitations/{id}": { delete: Silent<{ path: { id: string } }> };
  "/api/v1/events": {
    get: Answer<
      PageOf<Schemas["EventView"]>,
      {
        query?: Page & {
          type?: string;
          category?: string;
          entity_type?: string;
          entity_id?: string;
          tenant?: string;
          user?: string;
          app?: string;
          from?: string;
          to?: string;
        };
      }
    >;
  };
  "/api/v1/statistics": { get: Answer<StatsView, { query: { from: string; to: string; step: number } }> };
  "/api/v1/deliveries/retry": { post: Taking<RetryMany, Retried> };
  "/api/v1/workflows/{key}/versions": { get: Answer<PageOf<WorkflowVersion>, { path: { key: string } }> };
  "/api/v1/workflows/{key}/versions/{n}": {
    get: Answer<Record<string, unknown>, { path: { key: string; n: string } }>;
  };
  "/api/v1/apps/{app}/event-types": {
    get: Answer<PageOf<CatalogueEntry>, { path: { app: string }; query?: Page }>;
  };
  "/api/v1/notifications/configs/choices": { get: Answer<ConfigChoices, { query: { tenant: string } }> };
  "/api/v1/users/{user}/preferences/choices": {
    get: Answer<PreferenceChoices, { path: { user: string }; query?: { tenant?: string } }>;
  };
  "/api/v1/tenants/{tenant}/portal": {
    post: Taking<{ read_only?: boolean; expires_in?: number }, PortalLink, { path: { tenant: string } }>;
  };
  "/api/v1/apps/{app}/portal": {
    post: Taking<{ read_only?: boolean; expires_in?: number }, PortalLink, { path: { app: string } }>;
  };
  "/api/v1/portal-tokens/{id}": { delete: Silent<{ path: { id: string } }> };
}

/** Paths the document does list, with methods that it does not. */
export interface ComingMethods {
  "/api/v1/users/{user}/preferences": {
    patch: Taking<
      Record<string, unknown>,
      Record<string, unknown>,
      { path: { user: string }; query?: { tenant?: string } }
    >;
  };
}
