// A list of notifications, and what stands in its place while there is none to show.

import type { FeedItem } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { drawing } from "../kit/drawing.js";
import { itemTemplate, type ItemView } from "./item.js";
import { PATHS } from "./icons.js";
import type { Labels } from "./labels.js";

export function listTemplate(items: readonly FeedItem[], view: ItemView): TemplateResult {
  return html`<ul part="list" role="list" aria-labelledby="title">
    ${repeat(
      items,
      (item) => item.id,
      (item) => itemTemplate(item, view),
    )}
  </ul>`;
}

export function emptyTemplate(path: string, title: string, body: string): TemplateResult {
  return html`<div class="state" part="empty">
    <span class="emblem">${drawing(path)}</span>
    <p class="lead">${title}</p>
    <p>${body}</p>
  </div>`;
}

export function errorTemplate(labels: Labels, retry: () => void): TemplateResult {
  return html`<div class="state" part="error" role="alert">
    <span class="emblem">${drawing(PATHS.cloudOff)}</span>
    <p class="lead">${labels.errorTitle}</p>
    <p>${labels.errorBody}</p>
    <button class="action" part="retry" type="button" @click=${retry}>${labels.retry}</button>
  </div>`;
}

/** Rows of the size that items have, so that nothing jumps when they come. */
export function ghosts(labels: Labels, more = false): TemplateResult {
  return html`<div class="loading" part="loading" role="status">
    <span class="hidden">${labels.loading}</span>
    ${[1, 2, 3, 4].map(() => html`<div class="ghost"><i></i><b></b><b></b><b></b></div>`)}
    ${more ? html`<div class="sentinel"></div>` : nothing}
  </div>`;
}

/** Seen by an observer when it scrolls near: the next page is loaded. After a failure a button asks first. */
export function moreTemplate(labels: Labels, failed: boolean, retry: () => void): TemplateResult {
  if (failed) {
    return html`<p class="more">
      <button class="action" type="button" @click=${retry}>${labels.retry}</button>
    </p>`;
  }
  return html`<div class="more sentinel" role="status">
    <span class="spinner"></span><span class="hidden">${labels.loading}</span>
  </div>`;
}
