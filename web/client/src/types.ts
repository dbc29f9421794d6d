// The shapes of the wire under the names this package uses: those of the OpenAPI document by way of the generated
// `schema.ts`, and those that it does not describe, which are the frames of the live line.

import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** A shape that the server sends: it writes every field, null where there is nothing. */
type Sent<Name extends keyof Schemas> = Required<Schemas[Name]>;
/** A shape with some of its fields said more exactly than the document can. */
type With<Shape, Fields> = Omit<Shape, keyof Fields> & Fields;

export type NotificationStatus = Schemas["NotificationStatus"];
export type Priority = Schemas["Priority"];
export type Metadata = Record<string, unknown>;

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export type Counters = Sent<"CountersView">;
export type NotificationAction = Schemas["ActionView"];

/** A notification as one user sees it: the unchanging content and that user's state beside it. */
export type FeedItem = With<
  Sent<"ItemView">,
  {
    app: Sent<"ItemApp">;
    actions: NotificationAction[];
    metadata: Metadata;
  }
>;

export type FeedPage = With<Sent<"FeedView">, { data: FeedItem[] }>;

/** A change of every item below `seq`: all read, or all seen; within one application or tenant if named. */
export type FeedMark = Sent<"MarkView">;

export type FeedDelta = With<Sent<"SyncView">, { items: FeedItem[]; marks: FeedMark[] }>;

/** What the server says on a user's live line; docs/live.md. */
export type FeedFrame =
  | { type: "hello"; seq: number; epoch: string; counters: Counters; heartbeat?: number }
  | { type: "change"; seq: number; item: FeedItem; counters: Counters }
  | ({ type: "mark"; counters: Counters } & FeedMark)
  | { type: "synced"; through: number }
  | { type: "reset"; seq: number; epoch: string; counters: Counters }
  | { type: "token_ok"; expires_at?: string }
  | { type: "pong" };

export type NewApplication = Schemas["AppBody"];
export type ApplicationChanges = Schemas["AppChanges"];
export type Application = With<Sent<"AppView">, { metadata: Metadata | null }>;

export type NewApplicationKey = Schemas["AppKeyBody"];
export type ApplicationKey = Sent<"KeyView">;
/** The answer to the call that made it, the only one with the key itself. */
export type FreshApplicationKey = ApplicationKey & Pick<Schemas["FreshKeyView"], "key">;

export type NewEvent = With<Schemas["EventBody"], { data: unknown }>;
export type Published = Sent<"PublishedView">;
export type PublishedBatch = Sent<"BatchView">;
export type EventRecord = With<Sent<"EventView">, { data: unknown }>;

export type NewNotification = With<Schemas["NotificationBody"], { metadata?: Metadata }>;
export type NotificationSent = Sent<"CreatedView">;
export type Role = Schemas["RoleView"];

export type RetryPolicy = Schemas["RetryPolicy"];
export type NewWebhook = Schemas["WebhookBody"];
export type WebhookChanges = Schemas["WebhookChanges"];
export type Webhook = With<
  Sent<"WebhookView">,
  {
    /** Only where one webhook is read. */
    health?: Sent<"HealthView"> | null;
  }
>;
/** The answer to the call that made it, the only one with the signing secret. */
export type FreshWebhook = Webhook & Pick<Schemas["FreshWebhookView"], "secret">;

export type DeliveryStatus = Schemas["DeliveryStatus"];
export type Delivery = Sent<"DeliveryView">;

export type UserProfile = Schemas["UserBody"];
export type User = With<Sent<"UserView">, { metadata: Metadata | null }>;
export type NewUserToken = Schemas["TokenBody"];
export type UserToken = Sent<"TokenView">;

export type ProblemField = Partial<Schemas["FaultView"]>;
/** The body of an error answer: `application/problem+json`. Of what a proxy answered, only the status is known. */
export type Problem = Partial<Schemas["ProblemView"]> & { status: number };
