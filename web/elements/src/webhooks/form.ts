// Making an endpoint, and changing one.

import type { NewWebhook, RetryPolicy, Webhook } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { fieldTemplate, selectTemplate } from "../kit/controls.js";
import { Faults } from "../kit/faults.js";
import { pickerTemplate } from "./picker.js";
import type { WebhookStore } from "./store.js";
import { backButton, type Words } from "./view.js";

export interface Draft {
  /** The webhook that is changed; null for a new one. */
  id: string | null;
  url: string;
  description: string;
  events: string[] | null;
  /** As it stands in the field. */
  rate: string;
  retry: RetryPolicy;
  search: string;
  faults: Faults;
  busy: boolean;
}

export interface FormView extends Words {
  draft: Draft;
  store: WebhookStore;
  change(changes: Partial<Draft>): void;
  submit(): void;
  cancel(): void;
}

const POLICIES: RetryPolicy[] = ["long", "five", "short", "incident"];

export function draftOf(webhook: Webhook | null): Draft {
  return {
    id: webhook?.id ?? null,
    url: webhook?.url ?? "",
    description: webhook?.description ?? "",
    events: webhook?.event_types ?? null,
    rate: webhook?.rate_limit ? String(webhook.rate_limit) : "",
    retry: webhook?.retry_policy ?? "long",
    search: "",
    faults: Faults.none(),
    busy: false,
  };
}

export function bodyOf({ url, description, events, rate, retry }: Draft): NewWebhook {
  const limit = rate.trim() ? Number(rate) : null;
  return {
    url: url.trim(),
    description: description.trim(),
    event_types: events,
    rate_limit: limit,
    retry_policy: retry,
  };
}

export function formTemplate(view: FormView): TemplateResult {
  const { draft, words, cancel, submit } = view;
  const { faults, busy, id } = draft;
  const other = faults.besides("/url", "/description", "/event_types", "/rate_limit", "/retry_policy");
  return html`<div class="top" part="header">
      <div>
        ${backButton(words.endpoints, cancel)}
        <h2 id="title" part="title" tabindex="-1">${id === null ? words.add : words.editTitle}</h2>
      </div>
    </div>
    <form
      class="card pad endpoint-form"
      part="card form"
      novalidate
      @submit=${(event: Event) => {
        event.preventDefault();
        if (!busy) submit();
      }}
    >
      ${textField(view, "url", words.url, words.urlHint, "https://example.com/webhooks")}
      ${textField(view, "description", words.description, words.descriptionHint, "")} ${events(view)}
      <div class="pair">
        ${textField(view, "rate", words.rateLimit, words.rateLimitHint, "")} ${retries(view)}
      </div>
      ${other ? html`<p class="fault" role="alert">${other}</p>` : nothing}
      <div class="row">
        <button
          class="button primary"
          part="button button-primary"
          type="submit"
          aria-busy=${busy ? "true" : "false"}
        >
          ${id === null ? words.create : words.save}
        </button>
        <button class="button" part="button" type="button" @click=${cancel}>${words.cancel}</button>
      </div>
    </form>`;
}

const POINTERS = { url: "/url", description: "/description", rate: "/rate_limit" };

function textField(
  { draft, words, change }: FormView,
  name: "url" | "description" | "rate",
  label: string,
  hint: string,
  placeholder: string,
): TemplateResult {
  return fieldTemplate({
    id: name,
    label: name === "url" ? label : `${label} (${words.optional})`,
    hint,
    fault: draft.faults.under(POINTERS[name]),
    control: (described, invalid) =>
      html`<input
        id=${name}
        class="input"
        part="input"
        type=${name === "url" ? "url" : "text"}
        inputmode=${name === "rate" ? "numeric" : nothing}
        placeholder=${placeholder || nothing}
        autocomplete="off"
        spellcheck=${name === "description" ? "true" : "false"}
        .value=${draft[name]}
        aria-describedby=${described}
        aria-invalid=${invalid}
        @input=${(event: Event) => change({ [name]: (event.currentTarget as HTMLInputElement).value })}
      />`,
  });
}

function events({ draft, words, locale, store, change }: FormView): TemplateResult {
  return pickerTemplate({
    words,
    locale,
    entries: store.catalogue.value ?? [],
    chosen: draft.events,
    search: draft.search,
    fault: draft.faults.under("/event_types"),
    choose: (chosen) => change({ events: chosen }),
    find: (search) => change({ search }),
  });
}

function retries({ draft, words, change }: FormView): TemplateResult {
  return fieldTemplate({
    id: "retry",
    label: words.retryPolicy,
    fault: draft.faults.under("/retry_policy"),
    control: () =>
      selectTemplate({
        id: "retry",
        value: draft.retry,
        options: POLICIES.map((value) => ({ value, label: words[value] })),
        choose: (retry) => change({ retry: retry as RetryPolicy }),
      }),
  });
}
