// One endpoint: how it is doing, how it is set up, and what was delivered to it.

import type { Delivery, DeliveryStatus, Webhook } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { boundary, shapes, stateTemplate } from "../kit/boundary.js";
import { selectTemplate } from "../kit/controls.js";
import type { Copier } from "../kit/copy.js";
import { drawing } from "../kit/drawing.js";
import { AGAIN, BIN, FORTH, HOOK, KEY, MORE, PAUSE, PENCIL, PLAY, SEND, WARNING } from "../kit/glyphs.js";
import type { Menu, MenuItem } from "../kit/menu.js";
import { fill, plural, timeAgo } from "../kit/words.js";
import { moreButton } from "./list.js";
import type { Log, WebhookStore } from "./store.js";
import { ago, backButton, deliveryBadge, facts, STATUSES, webhookBadge, type Words } from "./view.js";

export interface EndpointView extends Words {
  store: WebhookStore;
  menu: Menu;
  readonly: boolean;
  back(): void;
  test(): void;
  edit(): void;
  setStatus(status: "active" | "paused"): void;
  ask(dialog: "rotate" | "recover" | "delete"): void;
  copier: Copier;
  openDelivery(delivery: Delivery): void;
}

export function endpointTemplate(webhook: Webhook, view: EndpointView): TemplateResult {
  const { words } = view;
  return html`<div class="top" part="header">
      <div>
        ${backButton(words.endpoints, () => view.back())}
        <div class="heading">
          <h2 id="title" class="mono" part="title" tabindex="-1">${webhook.url}</h2>
          ${view.copier.button(words, webhook.url)} ${webhookBadge(webhook, webhook.health, view)}
        </div>
        ${webhook.description ? html`<p class="muted">${webhook.description}</p>` : nothing}
      </div>
      ${view.readonly ? nothing : actions(webhook, view)}
    </div>
    ${trouble(webhook, view)}
    <div class="card pad" part="card">${setup(webhook, view)}</div>
    ${deliveriesSection(webhook, view)}`;
}

function actions(webhook: Webhook, view: EndpointView): TemplateResult {
  const { words, menu } = view;
  const items: MenuItem[] = [
    webhook.status === "active"
      ? { label: words.pause, icon: PAUSE, choose: () => view.setStatus("paused") }
      : { label: words.resume, icon: PLAY, choose: () => view.setStatus("active") },
    { label: words.recover, icon: AGAIN, choose: () => view.ask("recover") },
    { label: words.rotate, icon: KEY, choose: () => view.ask("rotate") },
    { label: words.delete, icon: BIN, danger: true, choose: () => view.ask("delete") },
  ];
  return html`<div class="row" part="actions">
    <button class="button" part="button test" type="button" @click=${() => view.test()}>
      ${drawing(SEND)}${words.sendTest}
    </button>
    <button id="edit" class="button" part="button edit" type="button" @click=${() => view.edit()}>
      ${drawing(PENCIL)}${words.edit}
    </button>
    ${menu.template({ id: "endpoint", label: words.actions, face: drawing(MORE), kind: "button only", items })}
  </div>`;
}

function trouble(webhook: Webhook, view: EndpointView): TemplateResult | typeof nothing {
  const { words, locale, readonly } = view;
  const { status, health, disabled_at: since, disabled_reason: reason } = webhook;
  if (status === "disabled") {
    const text = fill(words.disabledBody, {
      time: since ? timeAgo(since, Date.now(), locale) : "",
      reason: reason ?? "",
    });
    return callout("bad", text, readonly ? nothing : linkTo(words.enable, () => view.setStatus("active")));
  }
  if (status === "paused") return callout("", words.isPaused, nothing);
  if (!health?.failures) return nothing;
  const last = health.last_failure_at;
  const when = last ? ` ${fill(words.lastFailure, { time: timeAgo(last, Date.now(), locale) })}` : "";
  const recover = readonly ? nothing : linkTo(words.recover, () => view.ask("recover"));
  return callout("warn", plural(words.failures, health.failures, locale) + when, recover);
}

function callout(tone: string, text: string, action: TemplateResult | typeof nothing): TemplateResult {
  return html`<div class="callout ${tone}" part="callout">
    ${drawing(WARNING)}<span>${text} ${action}</span>
  </div>`;
}

function linkTo(text: string, act: () => void): TemplateResult {
  return html`<button class="link" part="link" type="button" @click=${act}>${text}</button>`;
}

function setup(webhook: Webhook, view: EndpointView): TemplateResult {
  const { words, locale } = view;
  const { event_types: types, rate_limit: limit } = webhook;
  const count = new Intl.NumberFormat(locale).format(limit ?? 0);
  return facts([
    [words.retryPolicy, words[webhook.retry_policy]],
    [words.rateLimit, limit === null ? words.unlimited : fill(words.perSecond, { count })],
    [words.created, ago(webhook.created_at, view)],
    [
      words.events,
      types
        ? html`<ul class="chips" role="list">
            ${types.map((type) => html`<li class="chip mono">${type}</li>`)}
          </ul>`
        : words.allEvents,
    ],
  ]);
}

function deliveriesSection(webhook: Webhook, view: EndpointView): TemplateResult {
  const { words, store } = view;
  return html`<section class="section" aria-labelledby="deliveries-title">
    <div class="section-head">
      <h3 id="deliveries-title">${words.deliveries}</h3>
      <div class="row">
        ${selectTemplate({
          label: words.filter,
          value: store.status,
          options: [
            { value: "", label: words.everyStatus },
            ...STATUSES.map((value) => ({ value, label: words[value] })),
          ],
          choose: (status) => store.filterLog(webhook.id, status as DeliveryStatus | ""),
        })}
        <button
          class="button only"
          part="button refresh"
          type="button"
          aria-label=${words.refresh}
          title=${words.refresh}
          @click=${() => void store.loadLog(webhook.id)}
        >
          ${drawing(AGAIN)}
        </button>
      </div>
    </div>
    ${boundary({
      resource: store.log,
      words,
      retry: () => void store.loadLog(webhook.id),
      shape: shapes(2),
      show: (log) => logTemplate(webhook, log, view),
    })}
  </section>`;
}

function logTemplate(webhook: Webhook, { rows, cursor }: Log, view: EndpointView): TemplateResult {
  const { words, store } = view;
  if (rows.length === 0) {
    return store.status
      ? html`<p class="card pad muted" part="empty">${words.noneOfStatus}</p>`
      : html`<div class="card">
          ${stateTemplate("empty", HOOK, words.noDeliveriesTitle, words.noDeliveriesBody)}
        </div>`;
  }
  return html`<ul class="card rows" part="card log" role="list">
      ${repeat(
        rows,
        ({ id }) => id,
        (delivery) => deliveryRow(delivery, view),
      )}
    </ul>
    ${cursor ? moreButton(words.more, store.log.loading, () => void store.moreOfLog(webhook.id)) : nothing}`;
}

function deliveryRow(delivery: Delivery, view: EndpointView): TemplateResult {
  const { words, locale } = view;
  const { status_code: code, duration_ms: took, error } = delivery;
  const count = took === null ? "" : new Intl.NumberFormat(locale).format(took);
  const tries = delivery.attempts > 1 ? plural(words.attemptCount, delivery.attempts, locale) : "";
  const note = [code ?? error, count && fill(words.milliseconds, { count }), tries]
    .filter(Boolean)
    .join(" · ");
  return html`<li class="line" part="row" data-id=${delivery.id}>
    <button class="line-main" type="button" @click=${() => view.openDelivery(delivery)}>
      <span class="line-title mono">${delivery.event_type ?? words.unknownType}</span>
    </button>
    <span class="line-note">${ago(delivery.created_at, view)}${note ? ` · ${note}` : nothing}</span>
    <span class="line-end">${deliveryBadge(delivery.status, view)} ${drawing(FORTH)}</span>
  </li>`;
}
