// What the bell and the inbox share: a feed that is followed, and what the user does with its items.

import {
  Feed,
  type Counters,
  type FeedItem,
  type FeedSnapshot,
  type NotificationAction,
} from "@campanile/client";
import type { PropertyDeclarations } from "lit";
import { CampanileElement } from "../kit/element.js";
import { Toast } from "../kit/toast.js";
import { plural } from "../kit/words.js";
import { Announcement } from "./announcement.js";
import { ownIcon, type EventIcon } from "./icons.js";
import type { ItemView } from "./item.js";
import { neighbour, Roving } from "./keys.js";
import type { Labels } from "./labels.js";

/** How often "3 min ago" is looked at again while somebody may look. */
const TIME_PASSES = 30_000;

export abstract class FeedElement<Words extends Labels> extends CampanileElement<Words> {
  static override properties: PropertyDeclarations = {
    app: {},
    icons: { type: Object },
    pollInterval: { type: Number, attribute: "poll-interval" },
    snapshot: { state: true },
    tab: { state: true },
    now: { state: true },
  };

  declare app: string | null;
  /** Pictures by event name, by its first word, or `*` for all others. */
  declare icons: Record<string, EventIcon>;
  declare pollInterval: number | null;

  declare protected snapshot: FeedSnapshot | null;
  declare protected tab: string;
  declare protected now: number;

  protected readonly toast = new Toast(this);
  protected readonly announcement = new Announcement(this, (count) =>
    plural(this.words.arrived, count, this.language),
  );
  protected readonly roving = new Roving(this, () => this.list);
  #feed: Feed | null = null;
  #unsubscribe: (() => void) | null = null;
  #lastCounters: Counters | null = null;
  #clock: ReturnType<typeof setInterval> | undefined;
  #observer: IntersectionObserver | null = null;

  constructor() {
    super();
    this.app = null;
    this.icons = {};
    this.pollInterval = null;
    this.snapshot = null;
    this.tab = "all";
    this.now = Date.now();
  }

  /** The feed behind the element, for a host page that shows more of it. */
  get feed(): Feed | null {
    return this.#feed;
  }

  get counters(): Counters {
    return this.snapshot?.counters ?? { unread: 0, unseen: 0 };
  }

  /** What holds the list, and the keyboard while no item does. */
  protected abstract get list(): HTMLElement | null;
  /** The items on show, in their order. */
  protected abstract get shown(): readonly FeedItem[];
  /** Somebody else's notifications are about to be here. */
  protected abstract otherUser(): void;
  protected abstract signedOut(snapshot: FeedSnapshot): void;

  protected get restartedBy(): readonly string[] {
    return ["url", "tenant", "app", "pollInterval"];
  }

  protected get appFilter(): string | null {
    return this.app;
  }

  protected get running(): boolean {
    return this.#feed !== null;
  }

  protected get waiting(): boolean {
    return !this.snapshot?.signedIn || this.snapshot.state === "expired";
  }

  protected begin(): void {
    this.#feed ??= new Feed({
      url: this.url || location.origin,
      token: () => this.token?.() ?? null,
      tenant: this.tenant ?? undefined,
      app: this.appFilter ?? undefined,
      ...(this.pollInterval && { pollInterval: this.pollInterval }),
    });
    this.#unsubscribe ??= this.#feed.subscribe((snapshot) => this.heard(snapshot));
    this.#feed.start();
  }

  protected end(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#feed?.stop();
    this.#feed = null;
    this.#lastCounters = null;
    this.announcement.forget();
    this.snapshot = null;
  }

  protected heard(snapshot: FeedSnapshot): void {
    const before = this.snapshot;
    this.snapshot = snapshot;
    if (!snapshot.signedIn) return this.signedOut(snapshot);
    if (!snapshot.ready) {
      if (before?.ready) this.otherUser();
      return;
    }
    this.announcement.arrived(snapshot.arrived);
    const told = this.#lastCounters;
    const { unread, unseen } = snapshot.counters;
    if (told?.unread === unread && told.unseen === unseen) return;
    this.#lastCounters = snapshot.counters;
    this.tell("campanile-count", { unread, unseen });
  }

  /** Looks at the clock and at the list's end from now on, or no longer. */
  protected look(root: Element | null | undefined, more: () => void): void {
    this.now = Date.now();
    this.#clock ??= setInterval(() => (this.now = Date.now()), TIME_PASSES);
    this.#observer ??= new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) more();
      },
      { root: root ?? null, rootMargin: "240px" },
    );
  }

  protected lookAway(): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#observer?.disconnect();
    this.#observer = null;
  }

  /** Watches the mark at the end of the list, which is another one after each page. */
  protected watchEnd(busy: boolean): void {
    const sentinel = this.list?.querySelector(".sentinel");
    this.#observer?.disconnect();
    if (sentinel && !busy) this.#observer?.observe(sentinel);
  }

  protected get ids(): string[] {
    return this.shown.map((item) => item.id);
  }

  protected itemView(): Omit<ItemView, "tools"> {
    const { ids } = this;
    const { current } = this.roving;
    return {
      labels: this.words,
      locale: this.language,
      now: this.now,
      icons: this.icons,
      current: current && ids.includes(current) ? current : (ids[0] ?? null),
      ownIcon: (event) => ownIcon(this, event),
      follow: (event, item, url) => this.#followItem(event, item, url),
      act: (event, item, action, url) => this.#act(event, item, action, url),
    };
  }

  protected followed(): void {}

  #followItem(event: MouseEvent, item: FeedItem, url: string | null): void {
    if (event.type === "auxclick" && event.button !== 1) return;
    void this.done(url ? this.#feed?.click(item.id) : this.#feed?.markRead(item.id));
    if (url) this.#navigate(event, { item, url });
  }

  #act(event: MouseEvent, item: FeedItem, action: NotificationAction, url: string | null): void {
    if (event.type === "auxclick" && event.button !== 1) return;
    void this.done(this.#feed?.click(item.id, action.id));
    if (url) this.#navigate(event, { item, action, url });
    else this.tell("campanile-action", { item, action });
  }

  /** The link itself does the going; the host page may take it over, as a single-page application does. */
  #navigate(event: MouseEvent, detail: object): void {
    const plain =
      event.type === "click" && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!this.tell("campanile-navigate", detail, true)) event.preventDefault();
    if (plain) this.followed();
  }

  protected dismiss(id: string): void {
    const hadFocus = this.shadowRoot?.activeElement?.closest("li")?.dataset["id"] === id;
    const next = neighbour(this.ids, id);
    void this.done(this.#feed?.dismiss(id));
    this.toast.say(this.words.dismissed, id);
    if (hadFocus) this.roving.give(next);
  }

  protected undo(): void {
    const id = this.toast.clear();
    if (id === null) return;
    void this.done(this.#feed?.undo(id));
    this.roving.give(id);
  }

  /** Says so when the server refused what was already shown. */
  protected async done(change: Promise<boolean> | undefined): Promise<void> {
    const ok = await change;
    if (ok === false && this.#feed?.snapshot.changeError) this.toast.say(this.words.changeFailed);
  }
}
