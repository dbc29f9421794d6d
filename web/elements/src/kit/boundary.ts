// What stands where something asked of the server will be: its shape while it loads, why it is not there, or itself
// with a line above when the network or the session is gone.

import { ApiError, SignedOut } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { drawing } from "./drawing.js";
import { CLOUD_OFF, LOCK } from "./glyphs.js";
import type { CommonLabels } from "./labels.js";
import { noticeTemplate } from "./notice.js";
import type { Resource } from "./resource.js";

type Rendered = TemplateResult | typeof nothing;

export interface Boundary<T> {
  resource: Resource<T>;
  words: CommonLabels;
  retry(): void;
  /** Grey shapes of what will come. */
  shape?: TemplateResult;
  show(value: T): Rendered;
}

export function boundary<T>({ resource, words, retry, shape, show }: Boundary<T>): Rendered {
  const { value, error } = resource;
  if (value !== undefined && !(error instanceof SignedOut)) {
    return html`${noticeTemplate(trouble(error), words)}${show(value)}`;
  }
  return error ? failure(error, words, retry) : loadingTemplate(words, shape);
}

function trouble(error: Error | null): string {
  if (error instanceof ApiError && error.status === 401) return "expired";
  return navigator.onLine ? "" : "offline";
}

function failure(error: Error, words: CommonLabels, retry: () => void): TemplateResult {
  if (error instanceof SignedOut) {
    return html`<slot name="signed-out"
      >${stateTemplate("signed-out", LOCK, words.signedOutTitle, words.signedOutBody)}</slot
    >`;
  }
  if (error instanceof ApiError && error.status === 401) {
    return stateTemplate("signed-out", LOCK, words.signedOutTitle, words.expired);
  }
  if (error instanceof ApiError && error.status === 403) {
    return stateTemplate("forbidden", LOCK, words.forbiddenTitle, words.forbiddenBody);
  }
  const again = html`<button class="button" part="retry" type="button" @click=${retry}>
    ${words.retry}
  </button>`;
  return navigator.onLine
    ? stateTemplate("error", CLOUD_OFF, words.errorTitle, words.errorBody, again)
    : stateTemplate("offline", CLOUD_OFF, words.offlineTitle, words.offlineBody, again);
}

/** A state that fills the place: a picture, a sentence, a word more, perhaps something to do. */
export function stateTemplate(
  part: string,
  path: string,
  title: string,
  body: string,
  action: Rendered = nothing,
): TemplateResult {
  return html`<div class="state" part=${part} role=${part === "error" ? "alert" : nothing}>
    <span class="emblem">${drawing(path)}</span>
    <p class="lead">${title}</p>
    <p>${body}</p>
    ${action}
  </div>`;
}

function loadingTemplate(words: CommonLabels, shape?: TemplateResult): TemplateResult {
  return html`<div class="loading" part="loading" role="status">
    <span class="hidden">${words.loading}</span>${shape ?? shapes(3)}
  </div>`;
}

/** So many grey cards. */
export function shapes(count: number): TemplateResult {
  return html`${Array.from({ length: count }, () => html`<div class="shape"><b></b><b></b></div>`)}`;
}
