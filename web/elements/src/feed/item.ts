// One notification in the list. Titles, bodies and names go in as text; nothing here builds markup from data.

import type { FeedItem, NotificationAction } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { drawing } from "../kit/drawing.js";
import { fill, fullTime, timeAgo } from "../kit/words.js";
import { eventIcon, type EventIcon } from "./icons.js";
import type { Labels } from "./labels.js";
import { safeLink } from "./links.js";

/** A small button at the end of a row. */
export interface Tool {
  /** Its part and class. */
  name: string;
  /** `{title}` is filled in. */
  label: string;
  path: string;
  act(): void;
}

export interface ItemView {
  labels: Labels;
  locale: string;
  now: number;
  icons: Record<string, EventIcon>;
  /** A picture the host page made for this event, as a copy to put in. */
  ownIcon(event: string | null): Node | null;
  /** The item that Tab reaches; the arrow keys move it. */
  current: string | null;
  follow(event: MouseEvent, item: FeedItem, url: string | null): void;
  act(event: MouseEvent, item: FeedItem, action: NotificationAction, url: string | null): void;
  tools(item: FeedItem): Tool[];
}

export function itemTemplate(item: FeedItem, view: ItemView): TemplateResult {
  const { locale } = view;
  const unread = item.status === "unread";
  const tab = view.current === item.id ? 0 : -1;
  const url = safeLink(item.link);
  return html`<li
    part="item ${unread ? "item-unread" : "item-read"}"
    class=${unread ? "unread" : ""}
    data-id=${item.id}
  >
    ${iconTemplate(item, view)}
    <div class="text">
      ${mainTemplate(item, view, url, tab)}
      ${item.body ? html`<p part="item-body" class="body">${item.body}</p>` : nothing}
      <p class="meta">
        ${item.app?.name ? html`<span class="app">${item.app.name}</span>` : nothing}<time
          part="item-time"
          datetime=${item.created_at}
          title=${fullTime(item.created_at, locale)}
          >${timeAgo(item.created_at, view.now, locale)}</time
        >
      </p>
      ${item.actions?.length ? actionsTemplate(item, item.actions, view, tab) : nothing}
    </div>
    <div class="tools">
      ${view
        .tools(item)
        .map(
          ({ name, label, path, act }) =>
            html`<button
              part=${name}
              class="tool ${name}"
              type="button"
              tabindex=${tab}
              aria-label=${fill(label, { title: item.title })}
              @click=${act}
            >
              ${drawing(path)}
            </button>`,
        )}
    </div>
  </li>`;
}

/** The title is the control; the stylesheet stretches what can be clicked over the whole row. */
function mainTemplate(item: FeedItem, view: ItemView, url: string | null, tab: number): TemplateResult {
  const dot =
    item.status === "unread"
      ? html`<span part="unread-dot" class="dot"
          ><span class="hidden">${view.labels.unreadItem}: </span></span
        >`
      : nothing;
  const follow = (event: MouseEvent) => view.follow(event, item, url);
  return url
    ? html`<a part="item-title" class="main" href=${url} tabindex=${tab} @click=${follow} @auxclick=${follow}
        >${dot}<span>${item.title}</span></a
      >`
    : html`<button part="item-title" class="main" type="button" tabindex=${tab} @click=${follow}>
        ${dot}<span>${item.title}</span>
      </button>`;
}

function iconTemplate(item: FeedItem, view: ItemView): TemplateResult {
  const { path, tone } = eventIcon(item.event, view.icons);
  return html`<span part="item-icon" class="icon ${tone}"
    >${guard([item.event, path], () => view.ownIcon(item.event) ?? drawing(path))}</span
  >`;
}

function actionsTemplate(
  item: FeedItem,
  actions: NotificationAction[],
  view: ItemView,
  tab: number,
): TemplateResult {
  return html`<div class="actions">
    ${actions.map((action) => {
      const url = safeLink(action.url);
      const act = (event: MouseEvent) => view.act(event, item, action, url);
      return url
        ? html`<a part="action" class="action" href=${url} tabindex=${tab} @click=${act} @auxclick=${act}
            >${action.label}</a
          >`
        : html`<button part="action" class="action" type="button" tabindex=${tab} @click=${act}>
            ${action.label}
          </button>`;
    })}
  </div>`;
}
