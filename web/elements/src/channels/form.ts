// The form of a channel: where it leads, and for a new one which events it is for.

import type { ConfigChannel } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { checkTemplate, fieldTemplate } from "../kit/controls.js";
import { Faults } from "../kit/faults.js";
import type { ChannelLabels } from "./labels.js";

export interface Draft {
  /** The config that is changed; null for a new one. */
  id: string | null;
  channel: ConfigChannel;
  /** Addresses separated by commas, or the URL: as it stands in the field. */
  text: string;
  events: Record<string, boolean>;
  faults: Faults;
  busy: boolean;
}

export interface FormView {
  draft: Draft;
  events: ReadonlyArray<{ event: string; label: string }>;
  words: ChannelLabels;
  change(changes: Partial<Draft>): void;
  submit(): void;
  cancel(): void;
}

export const isEmail = (channel: ConfigChannel): boolean => channel === "email";

/** The part of the body that the field stands for. */
export function destination(channel: ConfigChannel, text: string): object {
  if (!isEmail(channel)) return { webhook_url: text.trim() };
  return { email_addresses: text.split(/[\s,;]+/).filter(Boolean) };
}

export function formTemplate(view: FormView): TemplateResult {
  const { draft, words, submit, cancel } = view;
  const pointer = isEmail(draft.channel) ? "/email_addresses" : "/webhook_url";
  const other = draft.faults.besides(pointer);
  return html`<form
    class="form"
    part="form"
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      if (!draft.busy) submit();
    }}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      cancel();
    }}
  >
    ${fieldOf(view, draft.faults.under(pointer))} ${draft.id === null ? eventsOf(view) : nothing}
    ${other ? html`<p class="fault" role="alert">${other}</p>` : nothing}
    <div class="row">
      <button
        class="button primary"
        part="button button-primary"
        type="submit"
        aria-busy=${draft.busy ? "true" : "false"}
      >
        ${draft.id === null ? words.create : words.save}
      </button>
      <button class="button" part="button" type="button" @click=${cancel}>${words.cancel}</button>
    </div>
  </form>`;
}

function fieldOf({ draft, words, change }: FormView, fault: string | null): TemplateResult {
  const email = isEmail(draft.channel);
  return fieldTemplate({
    id: "destination",
    label: email ? words.addresses : words.url,
    hint: email ? words.addressesHint : words.urlHint,
    fault,
    control: (described, invalid) =>
      html`<input
        id="destination"
        class="input"
        part="input"
        type=${email ? "text" : "url"}
        inputmode=${email ? "email" : "url"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${email ? "ops@example.com, oncall@example.com" : placeholder(draft.channel)}
        .value=${draft.text}
        aria-describedby=${described}
        aria-invalid=${invalid}
        @input=${(event: Event) => change({ text: (event.currentTarget as HTMLInputElement).value })}
      />`,
  });
}

function placeholder(channel: ConfigChannel): string {
  return channel === "slack_webhook" ? "https://hooks.slack.com/services/…" : "https://…";
}

function eventsOf({ draft, events, words, change }: FormView): TemplateResult | typeof nothing {
  if (events.length === 0) return nothing;
  return html`<fieldset class="events">
    <legend class="section-label" part="section-label">${words.events}</legend>
    ${events.map(({ event, label }) =>
      checkTemplate({
        label,
        checked: draft.events[event] ?? true,
        toggle: (on) => change({ events: { ...draft.events, [event]: on } }),
      }),
    )}
  </fieldset>`;
}
