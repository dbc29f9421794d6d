// What opens under the bell: header, tabs, list, and the states a list can be in.

import type { FeedItem, FeedSnapshot } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { PATHS } from "../feed/icons.js";
import type { ItemView } from "../feed/item.js";
import { emptyTemplate, errorTemplate, ghosts, listTemplate, moreTemplate } from "../feed/states.js";
import type { Labels } from "../feed/labels.js";
import { drawing } from "../kit/drawing.js";
import { noticeTemplate } from "../kit/notice.js";
import { tabsTemplate } from "../kit/tabs.js";
import { toastTemplate, type ToastText } from "../kit/toast.js";

export interface PanelView extends ItemView {
  labels: Labels;
  snapshot: FeedSnapshot;
  items: readonly FeedItem[];
  tab: string;
  settingsHref: string | null;
  toast: ToastText | null;
  choose(tab: string): void;
  markAll(): void;
  retry(): void;
  undo(): void;
  close(): void;
  holdToast(hold: boolean): void;
}

export function panelTemplate(view: PanelView): TemplateResult {
  const { labels, snapshot, tab } = view;
  return html`<div class="head" part="header">
      <h2 id="title" part="title">${labels.notifications}</h2>
      ${headerControls(view)}
    </div>
    ${tabsTemplate({
      label: labels.notifications,
      current: tab,
      controls: "items",
      choose: (name) => view.choose(name),
      tabs: [
        { name: "all", label: labels.all },
        { name: "unread", label: labels.unreadTab, count: snapshot.counters.unread },
      ],
    })}
    ${noticeTemplate(snapshot.state, labels)}
    <div
      id="items"
      class="scroll"
      part="scroll"
      role="tabpanel"
      aria-labelledby="tab-${tab}"
      aria-busy=${snapshot.loading ? "true" : "false"}
    >
      ${contentTemplate(view)}
    </div>
    <slot name="footer"></slot>
    ${toastTemplate(view.toast, labels.undo, view)}`;
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

function contentTemplate(view: PanelView): TemplateResult {
  const { snapshot, labels, items, tab, retry } = view;
  const { loaded, loading, error } = snapshot;
  const hasMore = tab === "unread" ? snapshot.hasMoreUnread : snapshot.hasMore;
  if (items.length > 0) {
    return html`${listTemplate(items, view)}
    ${hasMore ? moreTemplate(labels, Boolean(error) && !loading, retry) : nothing}`;
  }
  if (!loaded && error) return errorTemplate(labels, retry);
  if (!loaded || hasMore) return ghosts(labels, loaded);
  if (tab === "unread") return emptyTemplate(PATHS.ticks, labels.noUnreadTitle, labels.noUnreadBody);
  return html`<slot name="empty">${emptyTemplate(PATHS.bell, labels.emptyTitle, labels.emptyBody)}</slot>`;
}
