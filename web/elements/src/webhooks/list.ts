// All endpoints, each with how it is doing.

import type { Webhook } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { stateTemplate } from "../kit/boundary.js";
import { drawing } from "../kit/drawing.js";
import { FORTH, HOOK, PLUS } from "../kit/glyphs.js";
import type { List, WebhookStore } from "./store.js";
import { eventsText, webhookBadge, type Words } from "./view.js";

export interface ListView extends Words {
  store: WebhookStore;
  readonly: boolean;
  open(webhook: Webhook): void;
  add(): void;
}

export function addButton({ words, add }: Pick<ListView, "words" | "add">): TemplateResult {
  return html`<button
    id="add"
    class="button primary"
    part="button button-primary add"
    type="button"
    @click=${add}
  >
    ${drawing(PLUS)}${words.add}
  </button>`;
}

export function listTemplate({ rows, cursor }: List, view: ListView): TemplateResult {
  const { words, readonly, store } = view;
  if (rows.length === 0) {
    return html`<slot name="empty"
      >${stateTemplate(
        "empty",
        HOOK,
        words.emptyTitle,
        words.emptyBody,
        readonly ? nothing : addButton(view),
      )}</slot
    >`;
  }
  return html`<ul class="card rows" part="card list" role="list">
      ${repeat(
        rows,
        ({ id }) => id,
        (webhook) => row(webhook, view),
      )}
    </ul>
    ${cursor ? moreButton(words.more, store.list.loading, () => void store.moreOfList()) : nothing}`;
}

function row(webhook: Webhook, view: ListView): TemplateResult {
  const { id, url, description } = webhook;
  return html`<li class="line" part="row" data-id=${id}>
    <button class="line-main" type="button" @click=${() => view.open(webhook)}>
      <span class="line-title mono">${url}</span>
    </button>
    <span class="line-note">${[description, eventsText(webhook, view)].filter(Boolean).join(" · ")}</span>
    <span class="line-end">${webhookBadge(webhook, view.store.health.get(id), view)} ${drawing(FORTH)}</span>
  </li>`;
}

export function moreButton(text: string, busy: boolean, more: () => void): TemplateResult {
  return html`<p class="more-row">
    <button
      class="button"
      part="button more"
      type="button"
      aria-busy=${busy ? "true" : "false"}
      @click=${() => !busy && more()}
    >
      ${text}
    </button>
  </p>`;
}
