// <campanile-inbox>: the whole feed as a page: all, unread and archived, by application, live, at the keyboard's reach.

import { ApiError, Me, type FeedItem, type FeedSnapshot } from "@campanile/client";
import { html, nothing, unsafeCSS, type PropertyDeclarations, type TemplateResult } from "lit";
import { FeedElement } from "../feed/element.js";
import { PATHS } from "../feed/icons.js";
import type { ItemView, Tool } from "../feed/item.js";
import { moveTo, neighbour } from "../feed/keys.js";
import listStyles from "../feed/list.css?inline";
import { emptyTemplate, errorTemplate, ghosts, listTemplate, moreTemplate } from "../feed/states.js";
import { stateTemplate } from "../kit/boundary.js";
import { selectTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { AGAIN, ARCHIVE, DOT, LOCK, RING } from "../kit/glyphs.js";
import { noticeTemplate } from "../kit/notice.js";
import { PAGE_STYLES } from "../kit/styles.js";
import { tabsTemplate } from "../kit/tabs.js";
import { toastTemplate } from "../kit/toast.js";
import inboxStyles from "./inbox.css?inline";
import { ENGLISH, type InboxLabels } from "./labels.js";

type Rendered = TemplateResult | typeof nothing;

/** What letters mean beside the keys that move anyway. */
const LETTERS: Record<string, string> = { j: "ArrowDown", k: "ArrowUp" };

export class CampanileInbox extends FeedElement<InboxLabels> {
  static override styles = [...PAGE_STYLES, unsafeCSS(listStyles), unsafeCSS(inboxStyles)];
  static override properties: PropertyDeclarations = { chosenApp: { state: true } };

  /** The application that the user looks at alone. */
  declare private chosenApp: string | null;
  /** Applications by uid: those that may notify, and those that did. */
  readonly #apps = new Map<string, string>();
  #unseen = 0;
  #learned = false;

  constructor() {
    super();
    this.chosenApp = null;
  }

  protected get english(): InboxLabels {
    return ENGLISH;
  }

  protected get list(): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>("#items") ?? null;
  }

  protected get shown(): readonly FeedItem[] {
    const { snapshot, tab } = this;
    if (!snapshot) return [];
    if (tab === "archived") return snapshot.archive.items;
    return tab === "unread" ? snapshot.items.slice(0, snapshot.fresh) : snapshot.items;
  }

  protected override get restartedBy(): readonly string[] {
    return [...super.restartedBy, "chosenApp"];
  }

  protected override get appFilter(): string | null {
    return this.app || this.chosenApp;
  }

  protected override begin(): void {
    super.begin();
    this.look(null, () => this.#more());
    void this.feed?.load();
    if (this.tab === "archived") void this.feed?.loadArchive();
  }

  protected override end(): void {
    this.lookAway();
    this.toast.clear();
    this.roving.forget();
    this.#unseen = 0;
    super.end();
  }

  protected override heard(snapshot: FeedSnapshot): void {
    super.heard(snapshot);
    if (!snapshot.ready) return;
    const { loaded, loading, error, items } = snapshot;
    if (!loaded && !loading && !error) void this.feed?.load();
    for (const { app } of items) if (app?.uid && app.name) this.#apps.set(app.uid, app.name);
    if (!this.#learned) void this.#learnApps();
    this.#learned = true;
    // Once for each number: a refusal is not asked again until something came in.
    const { unseen } = snapshot.counters;
    const more = unseen > this.#unseen;
    this.#unseen = unseen;
    if (more && document.visibilityState === "visible") void this.feed?.markAllSeen();
  }

  protected signedOut(): void {
    this.toast.clear();
    this.roving.forget();
  }

  protected otherUser(): void {
    this.signedOut();
    this.chosenApp = null;
    this.#learned = false;
    this.#apps.clear();
  }

  protected override updated(): void {
    const { snapshot, tab } = this;
    this.watchEnd((tab === "archived" ? snapshot?.archive.loading : snapshot?.loading) ?? false);
  }

  /** Which applications there are; without an answer those whose notifications are here. */
  async #learnApps(): Promise<void> {
    if (this.app) return;
    const { tenant, feed } = this;
    const me = new Me({
      url: this.url || location.origin,
      token: () => this.token?.() ?? null,
      tenant: tenant ?? undefined,
      retries: 0,
    });
    const choices = await me.preferences.choices().catch(() => null);
    if (feed !== this.feed) return;
    for (const { uid, name } of choices?.apps ?? []) this.#apps.set(uid, name ?? uid);
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const { words } = this;
    return html`<div class="frame" part="frame" @keydown=${this.#keydown}>
        <div class="top" part="header">
          <div><h2 id="title" part="title">${words.notifications}</h2></div>
          ${this.#filter()} ${this.#markAll()}
        </div>
        ${this.#content()}
        <p class="keys hint" part="keys">${words.keys}</p>
        <div class="hidden" role="status" aria-live="polite">${this.announcement.text}</div>
      </div>
      ${toastTemplate(this.toast.shown, words.undo, {
        undo: () => this.undo(),
        holdToast: (hold) => this.toast.hold(hold),
      })}`;
  }

  #filter(): Rendered {
    if (this.app || (this.#apps.size < 2 && !this.chosenApp)) return nothing;
    const { words } = this;
    const apps = [...this.#apps].map(([value, label]) => ({ value, label }));
    return selectTemplate({
      label: words.filter,
      value: this.chosenApp ?? "",
      options: [{ value: "", label: words.allApps }, ...apps],
      choose: (uid) => (this.chosenApp = uid || null),
    });
  }

  #markAll(): TemplateResult {
    const none = this.counters.unread === 0;
    return html`<button
      class="button"
      part=${none ? "mark-all mark-all-done" : "mark-all"}
      type="button"
      aria-disabled=${none ? "true" : "false"}
      @click=${() => !none && void this.done(this.feed?.markAllRead())}
    >
      ${drawing(PATHS.ticks)}${this.words.markAllRead}
    </button>`;
  }

  #content(): TemplateResult {
    const { words, snapshot, tab } = this;
    const gone = this.departed || (snapshot && !snapshot.signedIn && snapshot.state !== "connecting");
    if (gone) {
      const out = stateTemplate("signed-out", LOCK, words.signedOutTitle, words.signedOutBody);
      return html`<div class="card"><slot name="signed-out">${out}</slot></div>`;
    }
    return html`<div class="card" part="card">
      ${tabsTemplate({
        label: words.notifications,
        current: tab,
        controls: "items",
        choose: (name) => this.#choose(name),
        tabs: [
          { name: "all", label: words.all },
          { name: "unread", label: words.unreadTab, count: this.counters.unread },
          { name: "archived", label: words.archived },
        ],
      })}
      ${noticeTemplate(snapshot?.state ?? "", words)}
      <div
        id="items"
        part="items"
        role="tabpanel"
        aria-labelledby="tab-${tab}"
        tabindex="-1"
        aria-busy=${snapshot?.loading ? "true" : "false"}
      >
        ${snapshot ? this.#items(snapshot) : ghosts(words)}
      </div>
    </div>`;
  }

  #items(snapshot: FeedSnapshot): TemplateResult {
    const { words, tab, shown } = this;
    const archived = tab === "archived";
    const { loaded, loading, error } = archived ? snapshot.archive : snapshot;
    const hasMore = archived
      ? snapshot.archive.hasMore
      : tab === "unread"
        ? snapshot.hasMoreUnread
        : snapshot.hasMore;
    const retry = () => this.#more();
    if (shown.length > 0) {
      return html`${listTemplate(shown, this.#view())}
      ${hasMore ? moreTemplate(words, Boolean(error) && !loading, retry) : nothing}`;
    }
    if (!loaded && error instanceof ApiError && error.status === 403) {
      return stateTemplate("forbidden", LOCK, words.forbiddenTitle, words.forbiddenBody);
    }
    if (!loaded && error) return errorTemplate(words, retry);
    if (!loaded || hasMore) return ghosts(words, loaded);
    return this.#empty();
  }

  #empty(): TemplateResult {
    const { words, tab } = this;
    if (tab === "archived") return emptyTemplate(ARCHIVE, words.noArchivedTitle, words.noArchivedBody);
    if (tab === "unread") return emptyTemplate(PATHS.ticks, words.noUnreadTitle, words.noUnreadBody);
    return html`<slot name="empty">${emptyTemplate(PATHS.bell, words.emptyTitle, words.emptyBody)}</slot>`;
  }

  #view(): ItemView {
    return { ...this.itemView(), tools: (item) => this.#tools(item) };
  }

  #tools(item: FeedItem): Tool[] {
    const { words } = this;
    if (this.tab === "archived") {
      return [{ name: "restore", label: words.restore, path: AGAIN, act: () => this.#restore(item.id) }];
    }
    const unread = item.status === "unread";
    return [
      {
        name: unread ? "mark mark-read" : "mark mark-unread",
        label: unread ? words.markRead : words.markUnread,
        path: unread ? RING : DOT,
        act: () => this.#toggleRead(item),
      },
      { name: "dismiss", label: words.dismiss, path: PATHS.cross, act: () => this.dismiss(item.id) },
    ];
  }

  #choose(tab: string): void {
    if (tab === this.tab) return;
    this.tab = tab;
    this.roving.forget();
    this.feed?.settle();
    if (tab === "archived") void this.feed?.loadArchive();
    this.tell("campanile-tab", { tab });
  }

  #more(): void {
    const { feed, snapshot, tab } = this;
    if (tab === "archived") void feed?.loadArchive();
    else if (tab !== "unread" || snapshot?.hasMoreUnread) void feed?.loadMore();
  }

  #toggleRead(item: FeedItem): void {
    const { feed } = this;
    void this.done(item.status === "unread" ? feed?.markRead(item.id) : feed?.markUnread(item.id));
  }

  #restore(id: string): void {
    const hadFocus = this.shadowRoot?.activeElement?.closest("li")?.dataset["id"] === id;
    const next = neighbour(this.ids, id);
    void this.done(this.feed?.undo(id));
    if (hadFocus) this.roving.give(next);
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    const target = event.target as Element;
    if (target.closest("select, input, [role=tablist]")) return;
    const undoes = event.key === "z" && (event.ctrlKey || event.metaKey);
    if (undoes && this.toast.shown?.undo) return this.#took(event, () => this.undo());
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = target.closest<HTMLElement>("li[data-id]")?.dataset["id"] ?? null;
    const to = moveTo(LETTERS[event.key] ?? event.key, this.ids, id);
    if (to !== null) return this.#took(event, () => this.roving.give(to));
    const item = this.shown.find((one) => one.id === id);
    if (!item) return;
    if (["e", "Delete", "Backspace"].includes(event.key) && this.tab !== "archived")
      this.#took(event, () => this.dismiss(item.id));
    else if (event.key === "u") this.#took(event, () => this.#unread(item));
  };

  #took(event: KeyboardEvent, act: () => void): void {
    event.preventDefault();
    act();
  }

  /** From the archive this brings it back as well. */
  #unread(item: FeedItem): void {
    if (item.status === "unread") return;
    if (this.tab === "archived") this.roving.give(neighbour(this.ids, item.id));
    void this.done(this.feed?.markUnread(item.id));
  }
}
