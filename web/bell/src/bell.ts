// <campanile-bell>: the button with its number, the panel it opens, and the feed behind both.

import {
  Feed,
  type Counters,
  type FeedItem,
  type FeedSnapshot,
  type NotificationAction,
} from "@campanile/client";
import { html, LitElement, nothing, unsafeCSS, type PropertyValues, type TemplateResult } from "lit";
import { Announcement } from "./announcement.js";
import baseStyles from "./base.css?inline";
import { Floating } from "./floating.js";
import { drawing, ownIcon, PATHS, type EventIcon } from "./icons.js";
import { moveTo, neighbour, Roving } from "./keys.js";
import { ENGLISH, plural, usableLocale, type Labels } from "./labels.js";
import listStyles from "./list.css?inline";
import panelStyles from "./panel.css?inline";
import { panelTemplate, type PanelView } from "./panel.js";
import type { Placement } from "./placement.js";
import { Toast } from "./toast.js";

export type TokenSource = () => Promise<string | null | undefined> | string | null | undefined;

/** How often "3 min ago" is looked at again while the panel is open. */
const TIME_PASSES = 30_000;

export class CampanileBell extends LitElement {
  static override styles = [baseStyles, panelStyles, listStyles].map((css) => unsafeCSS(css));
  static override properties = {
    url: {},
    token: { attribute: false },
    tenant: {},
    app: {},
    placement: {},
    theme: { reflect: true },
    settingsHref: { attribute: "settings-href" },
    locale: {},
    labels: { type: Object },
    icons: { type: Object },
    pollInterval: { type: Number, attribute: "poll-interval" },
    snapshot: { state: true },
    expanded: { state: true },
    now: { state: true },
  };

  /** Where the Campanile server is. Without it: the page's own origin. */
  declare url: string;
  declare tenant: string | null;
  declare app: string | null;
  declare placement: Placement;
  declare theme: "auto" | "light" | "dark";
  declare settingsHref: string | null;
  declare locale: string | null;
  declare labels: Partial<Labels>;
  /** Pictures by event name, by its first word, or `*` for all others. */
  declare icons: Record<string, EventIcon>;
  declare pollInterval: number | null;

  declare private snapshot: FeedSnapshot | null;
  declare private expanded: boolean;
  declare private now: number;

  #token: TokenSource | null = null;
  /** The token was null since the last update, though the next user's may have come in the same turn. */
  #takenAway = false;
  #feed: Feed | null = null;
  #unsubscribe: (() => void) | null = null;
  readonly #toast = new Toast(this);
  readonly #announcement = new Announcement(this, (count) =>
    plural(this.#labels.arrived, count, this.#locale),
  );
  readonly #floating = new Floating({
    host: this,
    button: () => this.#button,
    panel: () => this.#panel,
    placement: () => this.placement,
    leave: (how) => (how === "escape" ? this.#closeToButton() : this.#leftByPointer()),
  });
  #clock: ReturnType<typeof setInterval> | undefined;
  #observer: IntersectionObserver | null = null;
  #lastCounters: Counters | null = null;
  /** The keyboard was here when the feed was changed for another: it comes back with the button. */
  #focusDue = false;
  readonly #roving = new Roving(this, () => this.#panel);

  constructor() {
    super();
    this.url = "";
    this.token = this.tenant = this.app = this.settingsHref = this.locale = null;
    this.placement = "bottom-end";
    this.theme = "auto";
    this.labels = {};
    this.icons = {};
    this.pollInterval = null;
    this.snapshot = null;
    this.expanded = false;
    this.#roving.forget();
    this.now = Date.now();
  }

  /** Gives the signed user token; null while nobody is signed in. */
  get token(): TokenSource | null {
    return this.#token;
  }

  set token(token: TokenSource | null) {
    this.#token = token;
    this.#takenAway ||= !token;
  }

  /** The feed behind the bell, for a host page that shows more of it. */
  get feed(): Feed | null {
    return this.#feed;
  }

  get counters(): Counters {
    return this.snapshot?.counters ?? { unread: 0, unseen: 0 };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // After a move in the document nothing need have changed, and the feed was ended all the same.
    if (this.hasUpdated) this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unfollow();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const other = ["url", "tenant", "app", "pollInterval"].some((name) => changed.has(name));
    if (other || this.#takenAway) this.#unfollow();
    this.#takenAway = false;
    // A page may give a new function at every render: the feed asks whichever there is, and is not begun again.
    const waiting = !this.snapshot?.signedIn || this.snapshot.state === "expired";
    if (!this.#feed || (changed.has("token") && waiting)) this.#follow();
  }

  protected override updated(): void {
    if (this.#focusDue && this.#button) {
      this.#focusDue = false;
      this.#takeLostFocus();
    }
    const panel = this.#panel;
    if (!panel) return;
    const sentinel = panel.querySelector(".sentinel");
    this.#observer?.disconnect();
    if (sentinel && this.expanded && !this.snapshot?.loading) this.#observer?.observe(sentinel);
  }

  show(): void {
    if (this.expanded || !this.snapshot?.signedIn) return;
    this.expanded = true;
    this.now = Date.now();
    void this.#feed?.load();
    void this.#feed?.markAllSeen();
    void this.updateComplete.then(() => this.#opened());
  }

  close(): void {
    if (!this.expanded) return;
    this.expanded = false;
    this.#roving.forget();
    this.#toast.clear();
    clearInterval(this.#clock);
    this.#observer?.disconnect();
    this.#floating.hide();
    this.#feed?.settle();
    this.#tell("campanile-close", {});
  }

  protected override render(): TemplateResult | typeof nothing {
    const { snapshot } = this;
    if (!snapshot?.signedIn) return nothing;
    const { unread } = snapshot.counters;
    const texts = this.#labels;
    const count = unread > 0 ? `, ${plural(texts.unread, unread, this.#locale)}` : "";
    return html`<button
        id="bell"
        part="button"
        type="button"
        aria-haspopup="dialog"
        aria-expanded=${this.expanded ? "true" : "false"}
        aria-controls="panel"
        aria-label="${texts.notifications}${count}"
        @click=${this.#toggle}
        @keydown=${this.#openByArrow}
      >
        <slot name="icon">${drawing(PATHS.bell)}</slot>
        ${
          unread > 0
            ? html`<span part="badge" class="badge" aria-hidden="true">${unread > 99 ? "99+" : unread}</span>`
            : nothing
        }
      </button>
      <div
        id="panel"
        part="panel"
        role="dialog"
        aria-labelledby="title"
        popover="manual"
        tabindex="-1"
        @keydown=${this.#keydown}
        @focusout=${this.#focusLeft}
      >
        ${this.expanded ? panelTemplate(this.#view(snapshot)) : nothing}
      </div>
      <div class="hidden" role="status" aria-live="polite">${this.#announcement.text}</div>`;
  }

  #view(snapshot: FeedSnapshot): PanelView {
    const ids = this.#ids;
    const { current } = this.#roving;
    return {
      snapshot,
      labels: this.#labels,
      locale: this.#locale,
      now: this.now,
      icons: this.icons,
      toast: this.#toast.shown,
      settingsHref: this.settingsHref,
      current: current && ids.includes(current) ? current : (ids[0] ?? null),
      ownIcon: (event) => ownIcon(this, event),
      follow: (event, item, url) => this.#followItem(event, item, url),
      act: (event, item, action, url) => this.#act(event, item, action, url),
      dismiss: (item) => this.#dismiss(item.id),
      markAll: () => void this.#done(this.#feed?.markAllRead()),
      retry: () => void this.#feed?.loadMore(),
      undo: () => this.#undo(),
      close: () => this.#closeToButton(),
      holdToast: (hold) => this.#toast.hold(hold),
    };
  }

  get #labels(): Labels {
    return { ...ENGLISH, ...this.labels };
  }

  get #locale(): string {
    return usableLocale(this.locale, this.closest<HTMLElement>("[lang]")?.lang, navigator.language);
  }

  get #panel(): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>("#panel") ?? null;
  }

  get #button(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>("#bell");
  }

  get #hasFocus(): boolean {
    return this.contains((this.getRootNode() as Document | ShadowRoot).activeElement);
  }

  #follow(): void {
    if (!this.isConnected || !this.token) return;
    this.#feed ??= new Feed({
      url: this.url || location.origin,
      token: () => this.token?.() ?? null,
      tenant: this.tenant ?? undefined,
      app: this.app ?? undefined,
      ...(this.pollInterval && { pollInterval: this.pollInterval }),
    });
    this.#unsubscribe ??= this.#feed.subscribe((snapshot) => this.#heard(snapshot));
    this.#feed.start();
  }

  #unfollow(): void {
    this.#focusDue = Boolean(this.token) && (this.#focusDue || this.#hasFocus);
    this.close();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#feed?.stop();
    this.#feed = null;
    this.#lastCounters = null;
    this.#announcement.forget();
    this.snapshot = null;
  }

  #heard(snapshot: FeedSnapshot): void {
    const before = this.snapshot;
    this.snapshot = snapshot;
    if (!snapshot.signedIn) {
      // Whoever signs in later has the keyboard where they need it.
      if (snapshot.state !== "connecting") this.#focusDue = false;
      return this.close();
    }
    if (!snapshot.ready) {
      if (before?.ready) this.#closeOnOtherUser();
      return;
    }
    this.#announcement.arrived(snapshot.arrived);
    const told = this.#lastCounters;
    const { unread, unseen } = snapshot.counters;
    if (told?.unread === unread && told.unseen === unseen) return;
    this.#lastCounters = snapshot.counters;
    this.#tell("campanile-count", { unread, unseen });
  }

  #toggle(event: MouseEvent): void {
    if (this.expanded) this.close();
    else {
      this.show();
      // A click made by a key has no place on the screen: whoever uses keys wants the first item.
      if (event.detail === 0) this.#roving.give("first");
    }
  }

  #openByArrow(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.show();
    this.#roving.give("first");
  }

  #opened(): void {
    const panel = this.#panel;
    if (!panel || !this.expanded) return;
    this.#floating.show();
    panel.focus({ preventScroll: true });
    const root = panel.querySelector(".scroll");
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void this.#feed?.loadMore();
      },
      { root, rootMargin: "240px" },
    );
    this.requestUpdate();
    this.#clock = setInterval(() => (this.now = Date.now()), TIME_PASSES);
    this.#tell("campanile-open", {});
  }

  #leftByPointer(): void {
    this.close();
    // The click gives the focus to what was clicked. Where that takes none, it goes back to the bell.
    setTimeout(() => this.#takeLostFocus());
  }

  #takeLostFocus(): void {
    if (!document.activeElement || document.activeElement === document.body) this.#button?.focus();
  }

  #closeToButton(): void {
    this.close();
    this.#button?.focus();
  }

  #closeOnOtherUser(): void {
    if (this.#hasFocus) this.#closeToButton();
    else this.close();
  }

  /** Tabbing out of the panel leaves it, as clicking outside does. */
  #focusLeft(event: FocusEvent): void {
    const to = event.relatedTarget;
    if (to instanceof Node && to !== this && !this.renderRoot.contains(to) && !this.contains(to))
      this.close();
  }

  get #ids(): string[] {
    return (this.snapshot?.items ?? []).map((item) => item.id);
  }

  #keydown(event: KeyboardEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("li[data-id]");
    const id = row?.dataset["id"] ?? null;
    const to = moveTo(event.key, this.#ids, id);
    if (to !== null) {
      event.preventDefault();
      this.#roving.give(to);
    } else if (id !== null && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      this.#dismiss(id);
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && this.#toast.shown?.undo) {
      event.preventDefault();
      this.#undo();
    }
  }

  #followItem(event: MouseEvent, item: FeedItem, url: string | null): void {
    if (event.type === "auxclick" && event.button !== 1) return;
    void this.#done(url ? this.#feed?.click(item.id) : this.#feed?.markRead(item.id));
    if (url) this.#navigate(event, { item, url });
  }

  #act(event: MouseEvent, item: FeedItem, action: NotificationAction, url: string | null): void {
    if (event.type === "auxclick" && event.button !== 1) return;
    void this.#done(this.#feed?.click(item.id, action.id));
    if (url) this.#navigate(event, { item, action, url });
    else this.#tell("campanile-action", { item, action });
  }

  /** The link itself does the going; the host page may take it over, as a single-page application does. */
  #navigate(event: MouseEvent, detail: object): void {
    const plain =
      event.type === "click" && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!this.#tell("campanile-navigate", detail, true)) event.preventDefault();
    if (plain) this.close();
  }

  #dismiss(id: string): void {
    const hadFocus = this.shadowRoot?.activeElement?.closest("li")?.dataset["id"] === id;
    const next = neighbour(this.#ids, id);
    void this.#done(this.#feed?.dismiss(id));
    this.#toast.say(this.#labels.dismissed, id);
    if (hadFocus) this.#roving.give(next);
  }

  #undo(): void {
    const id = this.#toast.clear();
    if (id === null) return;
    void this.#done(this.#feed?.undo(id));
    this.#roving.give(id);
  }

  /** Says so when the server refused what the panel already showed. */
  async #done(change: Promise<boolean> | undefined): Promise<void> {
    const ok = await change;
    if (ok === false && this.#feed?.snapshot.changeError) this.#toast.say(this.#labels.changeFailed);
  }

  /** Dispatches an event; false when the host page said that it takes over. */
  #tell(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }));
  }
}
