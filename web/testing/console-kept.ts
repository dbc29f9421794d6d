// What an environment of the console's fake server keeps beside its world: keys, people of the console, channels,
// settings, the audit log. The console changes these.

import type { Invitation, PreferenceChoices, TeamMember } from "../console/src/api/coming.js";
import { makeId, pick, type Schemas, type World } from "./console-data.js";

export interface Kept {
  world: World;
  name: string;
  keys: Schemas["KeyView"][];
  appKeys: Map<string, Schemas["KeyView"][]>;
  tokenKeys: Schemas["TokenKeyView"][];
  team: TeamMember[];
  invitations: Invitation[];
  channels: Schemas["ChannelView"][];
  suppressions: Schemas["SuppressionView"][];
  configs: Schemas["ConfigView"][];
  audit: Schemas["AuditView"][];
  settings: Schemas["SettingsView"];
  preferences: Map<string, Record<string, unknown>>;
  made: number;
}

export function keep(world: World, name: string): Kept {
  const before = (seconds: number) => new Date(world.now - seconds * 1000).toISOString();
  const day = 86_400;
  const empty = world.apps.length === 0;
  const key = (
    index: number,
    kind: Schemas["KeyView"]["kind"],
    named: string,
    app: string | null,
  ): Schemas["KeyView"] => ({
    id: makeId("key", `${kind}${index}`),
    kind,
    name: named,
    hint: `${kind === "secret" ? "sk" : kind === "public" ? "pk" : "ak"}_…${makeId("h", index).slice(-4)}`,
    app_id: app,
    created_at: before((30 + index * 11) * day),
    expires_at: index === 1 ? before(-20 * day) : null,
    revoked_at: null,
  });
  const member = (
    index: number,
    person: string,
    role: TeamMember["role"],
    tenant: string | null = null,
  ): TeamMember => ({
    account_id: `acc_${index}`,
    email: `${person.split(" ")[0]!.toLowerCase()}@helpdesk.example`,
    name: person,
    role,
    tenant,
    last_seen_at: index === 4 ? null : before(index * 5_400 + 40),
  });
  return {
    world,
    name,
    keys: empty
      ? []
      : [
          key(0, "secret", "Backend", null),
          key(1, "secret", "Migration", null),
          key(2, "public", "Web app", null),
        ],
    appKeys: new Map(
      world.apps.map((app, index) => [app.id, [key(10 + index, "application", "Server", app.id)]]),
    ),
    tokenKeys: empty
      ? []
      : [
          {
            id: makeId("tk", 0),
            name: "Identity provider",
            algorithm: "EdDSA",
            public_key:
              "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
            created_at: before(70 * day),
          },
        ],
    team: [
      member(1, "Ines Okafor", "operator"),
      ...(empty
        ? []
        : [
            member(2, "Jonas Weber", "developer"),
            member(3, "Keiko Tanaka", "viewer"),
            member(4, "Ada Lindqvist", "tenant_admin", "acme"),
          ]),
    ],
    invitations: empty
      ? []
      : [
          {
            id: "inv_1",
            email: "liam@helpdesk.example",
            role: "developer",
            tenant: null,
            expires_at: before(-5 * day),
          },
        ],
    channels: empty ? [] : [emailChannel(before), sandboxChannel("slack", before)],
    suppressions: empty
      ? []
      : [
          {
            address: "old@acme.example",
            channel: "email",
            why: "bounced",
            delivery_id: makeId("dlv", 12),
            created_at: before(3 * day),
          },
          {
            address: "angry@globex.example",
            channel: "email",
            why: "complained",
            delivery_id: makeId("dlv", 30),
            created_at: before(9 * day),
          },
          {
            address: "test@initech.example",
            channel: "email",
            why: "manual",
            delivery_id: null,
            created_at: before(31 * day),
          },
        ],
    configs: empty
      ? []
      : [
          config(
            0,
            "acme",
            "slack_webhook",
            { webhook_url: "https://hooks.slack.example/services/T0/B0/x" },
            before,
          ),
          config(1, "acme", "email", { email_addresses: ["oncall@acme.example", "it@acme.example"] }, before),
        ],
    audit: empty
      ? []
      : Array.from({ length: 140 }, (_, index) => auditLine(world, index, before(index * 1_900 + 60))),
    settings: {
      limits: { title: 200, body: 1000, link: 500 },
      retention: { events: 90, notifications: 180, deliveries: 30, audit: 365 },
      rate_limits: empty
        ? {}
        : { events: { limit: 1000, window: 900 }, notifications: { limit: 500, window: 900 } },
      require_installation: false,
      require_registered_types: !empty,
      tenant_entities: empty ? [] : ["source"],
    },
    preferences: new Map([
      ["ada", { channels: { email: "off" }, digest: { email: "daily at 09:00" } }],
      ["chika", { quiet_hours: { windows: [{ during: "22:00-07:00", on: "mon-fri" }] } }],
    ]),
    made: 0,
  };
}

type Before = (seconds: number) => string;

function emailChannel(before: Before): Schemas["ChannelView"] {
  return {
    id: makeId("chn", "email"),
    channel: "email",
    settings: {
      from: { address: "noreply@helpdesk.example", name: "Help desk" },
      retry_policy: "short",
      providers: [
        {
          name: "house",
          kind: "smtp",
          host: "mail.helpdesk.example",
          port: 587,
          username: "campanile",
          password: "••••••••",
        },
        { name: "resend", kind: "resend", key: "re_••••••••", webhook_secret: "••••••••" },
      ],
    },
    callbacks: { resend: "https://campanile.helpdesk.example/api/v1/callbacks/chn_2uX/resend" },
    created_at: before(150 * 86_400),
    updated_at: before(12 * 86_400),
  };
}

function sandboxChannel(channel: string, before: Before): Schemas["ChannelView"] {
  return {
    id: makeId("chn", channel),
    channel,
    settings: { provider: "sandbox" },
    callbacks: {},
    created_at: before(30 * 86_400),
    updated_at: before(30 * 86_400),
  };
}

const EVENTS = [
  "session.escalated",
  "session.high_priority",
  "proposal.pending",
  "proposal.approved",
  "knowledge_gap.detected",
];

export function config(
  index: number,
  tenant: string,
  channel: string,
  own: Partial<Schemas["ConfigView"]>,
  before: Before,
): Schemas["ConfigView"] {
  return {
    id: makeId("chc", index),
    account_id: tenant,
    channel,
    webhook_url: null,
    email_addresses: [],
    is_active: true,
    events_enabled: Object.fromEntries(EVENTS.map((event, at) => [event, at !== 2])),
    created_at: before((20 - index) * 86_400),
    updated_at: before((10 - index) * 86_400),
    ...own,
  };
}

const ACTIONS: Array<[string, string]> = [
  ["workflow.update", "session-escalated"],
  ["key.create", "key"],
  ["webhook.update", "ep"],
  ["user.update", "ada"],
  ["notification.create", "ntf"],
  ["webhook.disable", "ep"],
  ["channel.update", "email"],
  ["team.invite", "liam@helpdesk.example"],
];

function auditLine(world: World, index: number, at: string): Schemas["AuditView"] {
  const [action, subject] = pick(ACTIONS, "audit", index);
  const kind =
    action === "webhook.disable" ? "server" : pick(["operator", "key", "user"] as const, "who", index);
  return {
    id: makeId("aud", index),
    at,
    action,
    subject: subject.length <= 3 ? makeId(subject, index) : subject,
    actor: {
      kind,
      id:
        kind === "server"
          ? null
          : kind === "operator"
            ? "ines@helpdesk.example"
            : kind === "key"
              ? makeId("key", `secret${index % 2}`)
              : pick(world.users, index).id,
    },
    origin: kind === "server" ? null : `192.0.2.${(index * 7) % 250}`,
    detail:
      action === "workflow.update"
        ? { version: { before: 3, after: 4 } }
        : action === "webhook.disable"
          ? { reason: "100 attempts in a row failed" }
          : null,
  };
}

/** What a user may choose, and what holds now. */
export function choicesOf(kept: Kept, user: string): PreferenceChoices {
  const own = (kept.preferences.get(user) ?? {}) as {
    channels?: Record<string, string>;
    workflows?: Record<string, { channels?: Record<string, string> }>;
    categories?: Record<string, string>;
    digest?: Record<string, string>;
    quiet_hours?: Record<string, unknown>;
  };
  const on = (channel: string) => own.channels?.[channel] !== "off";
  return {
    channels: [
      { channel: "in_app", label: "In-app", on: on("in_app"), fixed: false },
      { channel: "email", label: "Email", on: on("email"), fixed: false },
      { channel: "slack", label: "Slack", on: on("slack"), fixed: false },
    ],
    workflows: kept.world.workflows.map(({ key, spec }, index) => ({
      key,
      name: String(spec["name"] ?? key),
      description: String(spec["description"] ?? ""),
      categories: (spec["categories"] as string[] | undefined) ?? [],
      channels: ["in_app", "email"].map((channel) => ({
        channel,
        on: (own.workflows?.[key]?.channels?.[channel] ?? "on") !== "off" && on(channel),
        fixed: index === 0 && channel === "in_app",
      })),
    })),
    categories: ["sessions", "observations", "proposals"].map((name) => ({
      name,
      on: own.categories?.[name] !== "off",
      fixed: false,
    })),
    apps: kept.world.apps
      .slice(0, 2)
      .map(({ uid, name }) => ({ uid: uid ?? "", name, on: true, fixed: false })),
    digest: { email: own.digest?.["email"] ? "daily" : "immediately" },
    digest_channels: ["email"],
    quiet_hours: own.quiet_hours ?? null,
    time_zone: kept.world.users.find(({ id }) => id === user)?.time_zone ?? null,
  };
}
