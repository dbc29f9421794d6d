// Shapes of the API that the generated schema does not hold yet. They move there, and out of here, with its next
// generation.

import type { components } from "./schema.js";
import type { Delivery } from "./types.js";

type Schemas = components["schemas"];
type Sent<Name extends keyof Schemas> = Required<Schemas[Name]>;

/** A program's way out, as `/notifications/configs` names it. */
export type ConfigChannel = "email" | "slack_webhook" | "teams_webhook";

/** A channel that a tenant's admins set up. */
export type ChannelConfig = Omit<Sent<"ConfigView">, "channel" | "events_enabled"> & {
  channel: ConfigChannel;
  events_enabled: Record<string, boolean>;
};
export interface NewChannelConfig {
  channel: ConfigChannel;
  webhook_url?: string;
  email_addresses?: string[];
  events_enabled?: Record<string, boolean>;
  is_active?: boolean;
}
export type ChannelConfigChanges = Partial<Omit<NewChannelConfig, "channel">>;
export type ChannelTested = Sent<"TestedView">;

/** What a tenant's admins can choose from. */
export interface ConfigChoices {
  channels: ConfigChannelChoice[];
  events: Array<{ event: string; label: string }>;
}
export interface ConfigChannelChoice {
  channel: ConfigChannel;
  label: string;
  available: boolean;
  /** Why it is not available. */
  reason: string | null;
}

/** `on` is what holds now, with all defaults; `fixed` means that the user has no say. */
export interface Choice {
  on: boolean;
  fixed: boolean;
}
export interface ChannelChoice extends Choice {
  channel: string;
  /** Only where channels themselves are listed. */
  label?: string;
}
export interface WorkflowChoice {
  key: string;
  name: string;
  description: string | null;
  categories: string[];
  channels: ChannelChoice[];
}
export interface PreferenceChoices {
  channels: Array<ChannelChoice & { label: string }>;
  workflows: WorkflowChoice[];
  categories: Array<Choice & { name: string }>;
  apps: Array<Choice & { uid: string; name: string | null }>;
  /** By channel: `immediate`, `5m`, `daily at 09:00`, `weekly mon at 09:00`; null where nothing is said. */
  digest: Record<string, string | null>;
  /** The channels that may be gathered. */
  digest_channels: string[];
  quiet_hours: QuietHours | null;
  time_zone: string | null;
}

export interface QuietHours {
  windows: QuietWindow[];
  /** IANA time zone; the user's own when absent. */
  zone?: string | null;
  /** What was held comes as one digest. */
  gather?: boolean;
}
export interface QuietWindow {
  /** `22:00-07:00` */
  during: string;
  /** Days it begins on: `mon-fri`, `daily` or a list of words; every day when absent. */
  on?: string | string[];
  channels?: string[];
}

/** `on`, `off`, or the long form. */
export type Setting = "on" | "off" | { send?: "on" | "off"; if?: unknown; required?: boolean };
export type TopicSetting =
  | "on"
  | "off"
  | { send?: "on" | "off"; if?: unknown; required?: boolean; channels?: Record<string, Setting> };

/** What a user prefers, as they said it; docs/workflows.md. */
export interface Preferences {
  workflows?: Record<string, TopicSetting>;
  categories?: Record<string, TopicSetting>;
  channels?: Record<string, Setting>;
  digest?: Record<string, string>;
  apps?: Record<string, Setting>;
  quiet_hours?: QuietHours;
}
/** A JSON merge patch (RFC 7396) of a document: null takes a member away, arrays are replaced whole. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Name in keyof T]?: MergePatch<NonNullable<T[Name]>> | null }
    : T;

/** An event type as it looks outside. */
export interface CatalogueEntry {
  name: string;
  title: string | null;
  category: string;
  description: string;
  version: string;
  schema: Record<string, unknown> | null;
  sample: unknown;
}

export type Attempt = Sent<"AttemptView">;
export type AttemptOutcome = Schemas["AttemptOutcome"];
/** What was sent; the signature is not shown. */
export interface DeliveryRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}
export type FullDelivery = Delivery & { attempts_log: Attempt[]; request: DeliveryRequest | null };

/** What a portal token or a tenant's admin may see. */
export interface PortalView {
  tenant: { id: string; name: string | null } | null;
  app: { id: string; uid: string | null; name: string | null } | null;
  read_only: boolean;
  expires_at: string | null;
  parts: Array<"channels" | "webhooks">;
}
