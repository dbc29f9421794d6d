// The questions about an endpoint, and the secret that is shown once.

import type { Webhook } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { fieldTemplate, selectTemplate } from "../kit/controls.js";
import type { Copier } from "../kit/copy.js";
import { dialogTemplate } from "../kit/dialog.js";
import { fill, timeAgo } from "../kit/words.js";
import type { Words } from "./view.js";

export type Question =
  | { name: "delete"; webhook: Webhook }
  | { name: "rotate"; webhook: Webhook; grace: number }
  | { name: "recover"; webhook: Webhook; since: string; time: string }
  | { name: "secret"; webhook: Webhook; secret: string };

export interface DialogsView extends Words {
  change(question: Question): void;
  confirm(question: Question): void;
  copier: Copier;
  closed(): void;
}

const HOUR = 3_600_000;
export const SPANS: Record<string, number> = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR };

/** The moment that a choice of the recovery means; null while a time of one's own is not whole. */
export function sinceOf({ webhook, since, time }: Question & { name: "recover" }): string | null {
  if (since === "failure") return webhook.health?.first_failure_at ?? null;
  const span = SPANS[since];
  if (span) return new Date(Date.now() - span).toISOString();
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

export function questionTemplate(question: Question, view: DialogsView): TemplateResult {
  if (question.name === "delete") return deleteDialog(question, view);
  if (question.name === "rotate") return rotateDialog(question, view);
  return question.name === "recover" ? recoverDialog(question, view) : secretDialog(question, view);
}

function confirmButton(kind: string, text: string, question: Question, view: DialogsView): TemplateResult {
  return html`<button
    class="button ${kind}"
    part="button button-${kind}"
    type="button"
    @click=${() => view.confirm(question)}
  >
    ${text}
  </button>`;
}

function deleteDialog(question: Question & { name: "delete" }, view: DialogsView): TemplateResult {
  const { words, closed } = view;
  return dialogTemplate({
    title: words.deleteTitle,
    body: html`<p>${fill(words.deleteBody, { url: question.webhook.url })}</p>`,
    leave: words.cancel,
    actions: confirmButton("danger", words.delete, question, view),
    closed,
  });
}

function rotateDialog(question: Question & { name: "rotate" }, view: DialogsView): TemplateResult {
  const { words, closed } = view;
  const options = [
    { value: "86400", label: words.graceDay },
    { value: "604800", label: words.graceWeek },
    { value: "3600", label: words.graceHour },
    { value: "0", label: words.graceNone },
  ];
  return dialogTemplate({
    title: words.rotateTitle,
    body: html`<p>${words.rotateBody}</p>
      ${fieldTemplate({
        id: "grace",
        label: words.rotateGrace,
        control: () =>
          selectTemplate({
            id: "grace",
            value: String(question.grace),
            options,
            choose: (grace) => view.change({ ...question, grace: Number(grace) }),
          }),
      })}`,
    leave: words.cancel,
    actions: confirmButton("primary", words.rotate, question, view),
    closed,
  });
}

function recoverDialog(question: Question & { name: "recover" }, view: DialogsView): TemplateResult {
  const { words, locale, closed } = view;
  const first = question.webhook.health?.first_failure_at;
  const options = [
    { value: "hour", label: words.sinceHour },
    { value: "day", label: words.sinceDay },
    { value: "week", label: words.sinceWeek },
    { value: "time", label: words.sinceTime },
  ];
  if (first) {
    const time = timeAgo(first, Date.now(), locale);
    options.unshift({ value: "failure", label: fill(words.sinceFailure, { time }) });
  }
  return dialogTemplate({
    title: words.recoverTitle,
    body: html`<p>${words.recoverBody}</p>
      ${fieldTemplate({
        id: "since",
        label: words.recoverSince,
        control: () =>
          selectTemplate({
            id: "since",
            value: question.since,
            options,
            choose: (since) => view.change({ ...question, since }),
          }),
      })}
      ${question.since === "time" ? timeField(question, view) : nothing}`,
    leave: words.cancel,
    actions: confirmButton("primary", words.recover, question, view),
    closed,
  });
}

function timeField(question: Question & { name: "recover" }, { words, change }: DialogsView): TemplateResult {
  return html`<input
    class="input"
    part="input"
    type="datetime-local"
    aria-label=${words.sinceTime}
    .value=${question.time}
    @input=${(event: Event) => change({ ...question, time: (event.currentTarget as HTMLInputElement).value })}
  />`;
}

/** Not left by a click beside it: it cannot be seen again. */
function secretDialog({ secret }: Question & { name: "secret" }, view: DialogsView): TemplateResult {
  const { words, closed } = view;
  return dialogTemplate({
    title: words.secretTitle,
    body: html`<p>${words.secretBody}</p>
      <div class="secret">
        <input
          class="input mono"
          part="input secret"
          type="text"
          readonly
          aria-label=${words.secret}
          .value=${secret}
          @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()}
        />
        ${view.copier.button(words, secret)}
      </div>`,
    leave: words.done,
    stays: true,
    actions: html``,
    closed,
  });
}
