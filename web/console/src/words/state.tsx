// How the words of the API look: one tone and one spelling for each.

import type { Schemas } from "../api/client.js";
import { Badge, type Tone } from "../kit/badge.js";

export type DeliveryStatus = Schemas["DeliveryStatus"];

export const DELIVERY_STATUSES: DeliveryStatus[] = [
  "pending",
  "sending",
  "retrying",
  "sent",
  "delivered",
  "failed",
  "exhausted",
  "cancelled",
  "skipped",
];

const DELIVERY: Record<DeliveryStatus, Tone> = {
  pending: "quiet",
  sending: "info",
  retrying: "wait",
  sent: "good",
  delivered: "good",
  failed: "bad",
  exhausted: "bad",
  cancelled: "quiet",
  skipped: "quiet",
};

export function title(word: string): string {
  const spaced = word.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function StatusBadge({ status }: { status: DeliveryStatus }) {
  return <Badge tone={DELIVERY[status]}>{title(status)}</Badge>;
}

const ATTEMPT: Record<Schemas["AttemptOutcome"], Tone> = {
  sent: "good",
  error: "wait",
  failed: "bad",
  unknown: "wait",
};
export function AttemptBadge({ outcome }: { outcome: Schemas["AttemptOutcome"] }) {
  return <Badge tone={ATTEMPT[outcome]}>{title(outcome)}</Badge>;
}

const RUN: Record<Schemas["RunStatus"], Tone> = {
  waiting: "wait",
  completed: "good",
  batched: "info",
  cancelled: "quiet",
  failed: "bad",
};
export function RunBadge({ status }: { status: Schemas["RunStatus"] }) {
  return <Badge tone={RUN[status]}>{title(status)}</Badge>;
}

export const STEP: Record<Schemas["StepOutcome"], Tone> = {
  done: "good",
  skipped: "quiet",
  waiting: "wait",
  batched: "info",
  held: "wait",
  failed: "bad",
};

const WEBHOOK: Record<Schemas["WebhookStatus"], Tone> = { active: "good", paused: "wait", disabled: "bad" };
export function WebhookBadge({ status }: { status: Schemas["WebhookStatus"] }) {
  return <Badge tone={WEBHOOK[status]}>{title(status)}</Badge>;
}

const FEED: Record<Schemas["NotificationStatus"], Tone> = {
  unread: "info",
  read: "quiet",
  clicked: "good",
  dismissed: "quiet",
  expired: "quiet",
};
export function FeedBadge({ status }: { status: Schemas["NotificationStatus"] }) {
  return <Badge tone={FEED[status]}>{title(status)}</Badge>;
}
