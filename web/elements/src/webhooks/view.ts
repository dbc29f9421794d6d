// Where in the webhooks somebody is, and the small pieces that several views show.

import type { AttemptOutcome, DeliveryStatus, Webhook } from "@campanile/client";
import { html, type TemplateResult } from "lit";
import { badgeTemplate, type BadgeTone } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { BACK } from "../kit/glyphs.js";
import { fullTime, plural, timeAgo } from "../kit/words.js";
import type { WebhookLabels } from "./labels.js";

export type View =
  | { name: "list" | "catalogue" | "new" }
  | { name: "endpoint" | "edit"; webhook: string }
  | { name: "delivery"; webhook: string; delivery: string };

export interface Words {
  words: WebhookLabels;
  locale: string;
}

const TONES: Record<DeliveryStatus, BadgeTone> = {
  pending: "neutral",
  sending: "info",
  retrying: "warn",
  sent: "good",
  delivered: "good",
  failed: "bad",
  exhausted: "bad",
  cancelled: "neutral",
  skipped: "neutral",
};

export const STATUSES = Object.keys(TONES) as DeliveryStatus[];

export function deliveryBadge(status: DeliveryStatus, { words }: Words): TemplateResult {
  return badgeTemplate(TONES[status], words[status] ?? status);
}

export function webhookBadge(
  webhook: Webhook,
  health: Webhook["health"] | undefined,
  { words }: Words,
): TemplateResult {
  if (webhook.status === "disabled") return badgeTemplate("bad", words.disabled, webhook.disabled_reason);
  if (webhook.status === "paused") return badgeTemplate("neutral", words.paused);
  return health && health.failures > 0
    ? badgeTemplate("warn", words.failing)
    : badgeTemplate("good", words.active);
}

export function outcomeBadge(outcome: AttemptOutcome, code: number | null, { words }: Words): TemplateResult {
  const tone: BadgeTone = outcome === "sent" ? "good" : outcome === "unknown" ? "warn" : "bad";
  const text =
    code ?? (outcome === "unknown" ? words.unknownOutcome : outcome === "sent" ? words.sent : words.failed);
  return badgeTemplate(tone, String(text));
}

export function eventsText({ event_types: types }: Webhook, { words, locale }: Words): string {
  return types ? plural(words.eventCount, types.length, locale) : words.allEvents;
}

/** A time as people say it, and whole for whoever stays on it. */
export function ago(iso: string, { locale }: Words): TemplateResult {
  const text = timeAgo(iso, Date.now(), locale);
  return html`<time datetime=${iso} title=${fullTime(iso, locale)}>${text}</time>`;
}

export function backButton(text: string, back: () => void): TemplateResult {
  return html`<button class="quiet back" part="back" type="button" @click=${back}>
    ${drawing(BACK)}<span>${text}</span>
  </button>`;
}

/** Names and values, one below the other. */
export function facts(rows: Array<[string, unknown]>): TemplateResult {
  return html`<dl class="facts" part="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
