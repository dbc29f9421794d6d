// What opens under the bell: header, list, and the states a list can be in.

import type { FeedSnapshot } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { drawing, PATHS } from "./icons.js";
import { itemTemplate, type ItemView } from "./item.js";
import type { ToastText } from "./toast.js";

export interface PanelView extends ItemView {
  snapshot: FeedSnapshot;
  settingsHref: string | null;
  toast: ToastText | null;
  markAll(): void;
  retry(): void;
  undo(): void;
  close(): void;
  holdToast(hold: boolean): void;
}

export function panelTemplate(view: PanelView): TemplateResult {
  return html`<div class="head" part="header">
      <h2 id="title" part="title">${view.labels.notifications}</h2>
      ${headerControls(view)}
    </div>
    ${noticeTemplate(view)}
    <div class="scroll" part="scroll" aria-busy=${view.snapshot.loading ? "true" : "false"}>
      ${contentTemplate(view)}
    </div>
    <slot name="footer"></slot>
    ${toastTemplate(view)}`;
}

function headerControls(view: PanelView): TemplateResult {
  const { labels, snapshot, settingsHref } = view;
  const allRead = snapshot.counters.unread === 0;
  // Not `disabled`: that would take the keyboard away from whoever has just pressed it.
  return html`<button
      part=${allRead ? "mark-all mark-all-done" : "mark-all"}
      class="quiet"
      type="button"
      aria-disabled=${allRead ? "true" : "false"}
      @click=${allRead ? nothing : view.markAll}
    >
      ${drawing(PATHS.ticks)}<span>${labels.markAllRead}</span>
    </button>
    ${
      settingsHref
        ? html`<a
            part="settings"
            class="quiet square"
            href=${settingsHref}
            aria-label=${labels.settings}
            title=${labels.settings}
            >${drawing(PATHS.gear)}</a
          >`
        : nothing
    }
    <button
      class="quiet square close"
      part="close"
      type="button"
      aria-label=${labels.close}
      @click=${view.close}
    >
      ${drawing(PATHS.cross)}
    </button>`;
}

function noticeTemplate({ snapshot, labels }: PanelView): TemplateResult | typeof nothing {
  const text =
    snapshot.state === "offline" ? labels.offline : snapshot.state === "expired" ? labels.expired : null;
  return text
    ? html`<p part="notice" class="notice" role="status">${drawing(PATHS.cloudOff)}${text}</p>`
    : nothing;
}

function contentTemplate(view: PanelView): TemplateResult {
  const { snapshot, labels } = view;
  const { items, loaded, error } = snapshot;
  if (items.length > 0) {
    return html`<ul part="list" role="list" aria-labelledby="title">
        ${repeat(
          items,
          (item) => item.id,
          (item) => itemTemplate(item, view),
        )}
      </ul>
      ${snapshot.hasMore ? moreTemplate(view) : nothing}`;
  }
  if (!loaded && error) {
    return html`<div class="state" part="error" role="alert">
      <span class="emblem">${drawing(PATHS.cloudOff)}</span>
      <p class="lead">${labels.errorTitle}</p>
      <p>${labels.errorBody}</p>
      <button class="action" part="retry" type="button" @click=${view.retry}>${labels.retry}</button>
    </div>`;
  }
  if (!loaded || snapshot.hasMore) return loadingTemplate(view);
  return html`<slot name="empty"
    ><div class="state" part="empty">
      <span class="emblem">${drawing(PATHS.bell)}</span>
      <p class="lead">${labels.emptyTitle}</p>
      <p>${labels.emptyBody}</p>
    </div></slot
  >`;
}

/** Rows of the size that items have, so that nothing jumps when they come. */
function loadingTemplate({ labels, snapshot }: PanelView): TemplateResult {
  return html`<div class="loading" part="loading" role="status">
    <span class="hidden">${labels.loading}</span>
    ${[1, 2, 3, 4].map(() => html`<div class="ghost"><i></i><b></b><b></b><b></b></div>`)}
    ${snapshot.loaded ? html`<div class="sentinel"></div>` : nothing}
  </div>`;
}

/** Seen by an observer when it scrolls near: the next page is loaded. After a failure a button asks first. */
function moreTemplate({ snapshot, labels, retry }: PanelView): TemplateResult {
  if (snapshot.error && !snapshot.loading) {
    return html`<p class="more">
      <button class="action" type="button" @click=${retry}>${labels.retry}</button>
    </p>`;
  }
  return html`<div class="more sentinel" role="status">
    <span class="spinner"></span><span class="hidden">${labels.loading}</span>
  </div>`;
}

function toastTemplate({ toast, labels, undo, holdToast }: PanelView): TemplateResult {
  const hold = () => holdToast(true);
  const release = () => holdToast(false);
  return html`<div class="toast-place" role="status">
    ${
      toast
        ? html`<div
            part="toast"
            class="toast"
            @pointerenter=${hold}
            @pointerleave=${release}
            @focusin=${hold}
            @focusout=${release}
          >
            <span>${toast.text}</span>
            ${toast.undo ? html`<button part="undo" type="button" @click=${undo}>${labels.undo}</button>` : nothing}
          </div>`
        : nothing
    }
  </div>`;
}
