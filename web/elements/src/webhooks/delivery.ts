// One delivery: what was sent, and what came back each time.

import type { Attempt, DeliveryRequest, FullDelivery, Webhook } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import type { Copier } from "../kit/copy.js";
import { drawing } from "../kit/drawing.js";
import { AGAIN } from "../kit/glyphs.js";
import { codeTemplate } from "../kit/json.js";
import { fill, timeAgo } from "../kit/words.js";
import { isUnderWay } from "./store.js";
import { ago, backButton, deliveryBadge, facts, outcomeBadge, type Words } from "./view.js";

export interface DeliveryView extends Words {
  webhook: Webhook | undefined;
  readonly: boolean;
  busy: boolean;
  back(): void;
  retry(): void;
  copier: Copier;
}

export function deliveryTemplate(delivery: FullDelivery, view: DeliveryView): TemplateResult {
  const { words, webhook, readonly } = view;
  return html`<div class="top" part="header">
      <div>
        ${backButton(webhook?.url ?? words.deliveries, () => view.back())}
        <div class="heading">
          <h2 id="title" class="mono" part="title" tabindex="-1">
            ${delivery.event_type ?? words.unknownType}
          </h2>
          ${deliveryBadge(delivery.status, view)}
        </div>
      </div>
      ${readonly || isUnderWay(delivery.status) ? nothing : retryButton(view)}
    </div>
    <div class="card pad" part="card">${summary(delivery, view)}</div>
    <section class="section" aria-labelledby="attempts-title">
      <h3 id="attempts-title">${words.attempts}</h3>
      ${
        delivery.attempts_log.length === 0
          ? html`<p class="card pad muted">${words.noAttempts}</p>`
          : html`<ol class="card rows" part="card attempts" role="list">
              ${delivery.attempts_log.toReversed().map((attempt) => attemptTemplate(attempt, view))}
            </ol>`
      }
    </section>
    <section class="section" aria-labelledby="request-title">
      <h3 id="request-title">${words.request}</h3>
      ${
        delivery.request
          ? requestTemplate(delivery.request, view)
          : html`<p class="card pad muted">${words.noRequest}</p>`
      }
    </section>`;
}

function retryButton({ words, busy, retry }: DeliveryView): TemplateResult {
  return html`<button
    class="button"
    part="button retry-delivery"
    type="button"
    aria-busy=${busy ? "true" : "false"}
    @click=${() => !busy && retry()}
  >
    ${drawing(AGAIN)}${words.sendAgain}
  </button>`;
}

function summary(delivery: FullDelivery, view: DeliveryView): TemplateResult {
  const { words, locale } = view;
  const next = delivery.next_attempt_at;
  const id = (text: string) =>
    html`<span class="id"><code>${text}</code>${view.copier.button(words, text)}</span>`;
  return html`${facts([
    [words.deliveryId, id(delivery.id)],
    [words.eventId, id(delivery.event_id)],
    [words.created, ago(delivery.created_at, view)],
  ])}
  ${next ? html`<p class="hint next">${fill(words.nextAttempt, { time: until(next, locale) })}</p>` : nothing}
  ${
    delivery.error && delivery.attempts_log.length === 0
      ? html`<p class="fault">${delivery.error}</p>`
      : nothing
  }`;
}

function until(iso: string, locale: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(iso) - Date.now()) / 1000));
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (seconds < 90) return format.format(seconds, "second");
  return seconds < 5400
    ? format.format(Math.round(seconds / 60), "minute")
    : format.format(Math.round(seconds / 3600), "hour");
}

function attemptTemplate(attempt: Attempt, view: DeliveryView): TemplateResult {
  const { words, locale } = view;
  const count = new Intl.NumberFormat(locale).format(attempt.duration_ms);
  const time = timeAgo(attempt.started_at, Date.now(), locale);
  return html`<li class="attempt" part="attempt">
    <div class="attempt-head">
      <strong>${fill(words.attempt, { number: attempt.number })}</strong>
      <span class="muted">${time} · ${fill(words.milliseconds, { count })}</span>
      <span class="spring"></span>
      ${outcomeBadge(attempt.outcome, attempt.status_code, view)}
    </div>
    ${tellsMore(attempt) ? html`<p class="fault">${attempt.error}</p>` : nothing}
    ${
      attempt.response
        ? codeTemplate(
            attempt.response,
            `${words.response}, ${fill(words.attempt, { number: attempt.number })}`,
          )
        : html`<p class="hint">${words.noResponse}</p>`
    }
  </li>`;
}

/** An error that only repeats the status is on the badge already. */
function tellsMore({ error, status_code: code }: Attempt): boolean {
  return Boolean(error) && (code === null || !new RegExp(`^\\D*${code}\\D{0,3}$`).test(error!));
}

function requestTemplate({ url, headers, body }: DeliveryRequest, view: DeliveryView): TemplateResult {
  const { words } = view;
  return html`<div class="card pad stack" part="card request">
    <p class="mono wrap"><strong>POST</strong> ${url}</p>
    <div>
      <h4 class="section-label">${words.headers}</h4>
      <dl class="headers mono">
        ${Object.entries(headers).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </div>
    <div>
      <div class="code-head">
        <h4 class="section-label">${words.body}</h4>
        ${view.copier.button(words, body)}
      </div>
      ${codeTemplate(body, words.body)}
    </div>
  </div>`;
}
