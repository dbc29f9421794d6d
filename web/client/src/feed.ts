// A user's feed as a small observable store: what to show, and what the user can do about it.

import { type Backoff, sleep } from "./backoff.js";
import { Credentials, SignedOut, type AskForToken } from "./credentials.js";
import { ApiError, ConnectionError } from "./errors.js";
import { Follower, type FeedState } from "./follower.js";
import { freshKey, Http, segment, type RequestOptions } from "./http.js";
import type { SocketFactory, SocketLike } from "./line.js";
import { FeedModel, type FeedFilter } from "./model.js";
import type { MarkStatus, Pending } from "./pending.js";
import type { Stretch } from "./stretch.js";
import type { Counters, FeedItem, FeedPage } from "./types.js";

export interface FeedOptions extends FeedFilter {
  url: string;
  /** Gives the signed user token; null while there is none. Asked again before the token ends. */
  token: AskForToken;
  /** Milliseconds between polls while no live line can be had. Default 30,000. */
  pollInterval?: number;
  /** Items a page. Default 20. */
  pageSize?: number;
  linesBeforePolling?: number;
  backoff?: Backoff;
  retryLine?: Backoff;
  fetch?: typeof fetch;
  /** Opens a WebSocket, where the global one is missing (Node 20) or not the one to use. */
  openSocket?: SocketFactory;
  random?: () => number;
}

export interface FeedSnapshot {
  state: FeedState;
  /** Somebody is signed in, even while the token has ended and another one cannot be had. */
  signedIn: boolean;
  /** The server was heard for this user: before that the counters say nothing. */
  ready: boolean;
  items: readonly FeedItem[];
  /** So many of the items come first because they are unread, or were when `settle` was last called. */
  fresh: number;
  counters: Counters;
  /** How many new items came in since the feed was made; what was there before is not counted. */
  arrived: number;
  /** The first part of the list is there. */
  loaded: boolean;
  loading: boolean;
  hasMore: boolean;
  /** There are unread ones that are not loaded. */
  hasMoreUnread: boolean;
  /** What was put away; loaded by `loadArchive`. */
  archive: Archive;
  /** Why the last load failed; null after the next that succeeds. */
  error: Error | null;
  /** Why the last change was refused; null after the next that is not. */
  changeError: Error | null;
}

export interface Archive {
  items: readonly FeedItem[];
  loaded: boolean;
  loading: boolean;
  hasMore: boolean;
  error: Error | null;
}

/** One `loadMore` reads at most this many pages in search of something that shows. */
const PAGES_A_LOAD = 5;

export class Feed {
  readonly #options: FeedOptions;
  readonly #model: FeedModel;
  readonly #http: Http;
  readonly #credentials: Credentials;
  readonly #subscribers = new Set<(snapshot: FeedSnapshot) => void>();
  readonly #pageSize: number;
  /** What an item was before it was dismissed, for `undo`. */
  readonly #before = new Map<string, MarkStatus>();
  /** Changes of one item go to the server one after the other, in the order they were made. */
  readonly #queues = new Map<string, Promise<unknown>>();
  #follower: Follower | null = null;
  #snapshot: FeedSnapshot | null = null;
  #notifying = false;
  #wanted = false;
  #loading: Promise<void> | null = null;
  #archiveWanted = false;
  #archiving: Promise<void> | null = null;
  #archiveError: Error | null = null;
  #error: Error | null = null;
  #changeError: Error | null = null;
  /** Counts the users: what was asked for one of them is not shown to the next. */
  #session = 0;
  #countedAt = -1;
  #lastState: FeedState = "idle";
  #counting = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#pageSize = options.pageSize ?? 20;
    // A template with nothing to fill in leaves an empty text, which means all.
    this.#model = new FeedModel({ app: options.app || undefined, tenant: options.tenant || undefined });
    this.#credentials = new Credentials(options.token, () => this.#signedOut());
    this.#http = new Http({
      url: options.url,
      credentials: (fresh) => this.#credentials.require(fresh),
      ...(options.fetch && { fetch: options.fetch }),
      ...(options.backoff && { backoff: options.backoff }),
      ...(options.random && { random: options.random }),
    });
  }

  /** The present state; the same object until something changes. */
  get snapshot(): FeedSnapshot {
    this.#snapshot ??= {
      state: this.#follower?.state ?? "idle",
      signedIn: this.#credentials.present,
      ready: this.#model.known,
      ...this.#model.shown(),
      counters: this.#model.counters,
      arrived: this.#model.arrived,
      loaded: this.#model.loaded,
      loading: this.#loading !== null,
      hasMore: !this.#model.complete,
      hasMoreUnread: !this.#model.unread.done,
      archive: this.#archive(),
      error: this.#error,
      changeError: this.#changeError,
    };
    return this.#snapshot;
  }

  get items(): readonly FeedItem[] {
    return this.snapshot.items;
  }

  get counters(): Counters {
    return this.snapshot.counters;
  }

  get state(): FeedState {
    return this.snapshot.state;
  }

  /** Calls back after every change, never during one. Returns what ends it. */
  subscribe(callback: (snapshot: FeedSnapshot) => void): () => void {
    this.#subscribers.add(callback);
    return () => this.#subscribers.delete(callback);
  }

  /** Begins to follow; once more asks again where it gave up. */
  start(): void {
    this.#follower ??= new Follower({
      http: this.#http,
      credentials: this.#credentials,
      model: this.#model,
      openSocket: this.#options.openSocket ?? ((url) => new WebSocket(url) as SocketLike),
      pollInterval: this.#options.pollInterval ?? 30_000,
      linesBeforePolling: this.#options.linesBeforePolling ?? 3,
      backoff: this.#options.backoff ?? { first: 1_000, most: 30_000 },
      retryLine: this.#options.retryLine ?? { first: 60_000, most: 300_000 },
      random: this.#options.random ?? Math.random,
      changed: () => this.#changed(),
      reset: () => this.#reload(),
    });
    this.#follower.start();
  }

  stop(): void {
    this.#follower?.stop();
    this.#follower = null;
    this.#changed();
  }

  /** Loads the first part of the list if it is not there yet. */
  load(): Promise<void> {
    this.#wanted = true;
    if (this.#model.loaded) return Promise.resolve();
    return this.loadMore();
  }

  loadMore(): Promise<void> {
    this.#wanted = true;
    if (this.#model.complete && this.#model.loaded) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      this.#changed();
    });
    this.#changed();
    return this.#loading;
  }

  /** Loads the next part of what was put away. */
  loadArchive(): Promise<void> {
    this.#archiveWanted = true;
    if (this.#model.dismissed.done) return Promise.resolve();
    this.#archiving ??= this.#loadArchive().finally(() => {
      this.#archiving = null;
      this.#changed();
    });
    this.#changed();
    return this.#archiving;
  }

  markRead(id: string): Promise<boolean> {
    return this.#set(id, "read");
  }

  markUnread(id: string): Promise<boolean> {
    return this.#set(id, "unread");
  }

  /** Says that the user followed the notification, or one of its actions. */
  click(id: string, action?: string): Promise<boolean> {
    return this.#set(id, "clicked", action);
  }

  dismiss(id: string): Promise<boolean> {
    const status = this.#model.item(id)?.status;
    // What was clicked comes back as read: a second "clicked" would count a click nobody made.
    if (status && status !== "dismissed") this.#before.set(id, status === "unread" ? "unread" : "read");
    return this.#set(id, "dismissed");
  }

  /** Takes a dismissal back. */
  undo(id: string): Promise<boolean> {
    const before = this.#before.get(id) ?? "read";
    this.#before.delete(id);
    return this.#set(id, before);
  }

  markAllRead(): Promise<boolean> {
    return this.#setAll("read", "/notifications/mark-all-read");
  }

  markAllSeen(): Promise<boolean> {
    if (this.counters.unseen === 0) return Promise.resolve(true);
    return this.#setAll("seen", "/notifications/mark-all-seen");
  }

  /** Nobody looks any more: read items may take their place below the unread ones. */
  settle(): void {
    this.#model.settle(this.#loading !== null);
    this.#changed();
  }

  async #load(): Promise<void> {
    const model = this.#model;
    const shown = model.items().length;
    const enough = shown === 0 ? this.#pageSize / 2 : shown + 1;
    try {
      for (let pages = 0; pages < PAGES_A_LOAD && !model.complete; pages += 1) {
        const fit = await this.#loadPage(model.unread.done ? model.all : model.unread);
        if (fit === "foreign") return;
        if (model.loaded && model.items().length >= enough) break;
      }
      if (!model.loaded) throw new ConnectionError("The list did not come to rest");
      this.#error = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  #archive(): Archive {
    const { dismissed } = this.#model;
    return {
      items: dismissed.begun ? this.#model.archived() : [],
      loaded: dismissed.begun,
      loading: this.#archiving !== null,
      hasMore: !dismissed.done,
      error: this.#archiveError,
    };
  }

  async #loadArchive(): Promise<void> {
    try {
      for (let tries = 0; tries < PAGES_A_LOAD; tries += 1) {
        if ((await this.#loadPage(this.#model.dismissed)) !== "dropped") break;
      }
      this.#archiveError = null;
    } catch (error) {
      if (!(error instanceof SignedOut)) this.#archiveError = asError(error);
    }
  }

  /** Loads the next page of this list. A page that no longer belongs to anything is dropped. */
  async #loadPage(stretch: Stretch): Promise<"taken" | "dropped" | "foreign"> {
    const model = this.#model;
    const { epoch } = model;
    const session = this.#session;
    const page = await this.#http.get<FeedPage>("/users/me/notifications", {
      limit: this.#pageSize,
      cursor: stretch.cursor ?? undefined,
      status: stretch === model.unread ? "unread" : stretch === model.dismissed ? "dismissed" : undefined,
      ...model.filter,
    });
    if (session !== this.#session) return this.#wanted ? "dropped" : "foreign";
    if (!model.known) model.adopt(page.seq, page.epoch, page.counters);
    if (page.epoch !== model.epoch) {
      // A reset came while the page was on its way: the page is of the history before.
      if (epoch !== model.epoch) return "dropped";
      // The server's history is another one than ours. The follower, asked to go on, will hear so and reset.
      this.#follower?.reconnect();
      return "foreign";
    }
    if (![model.unread, model.all, model.dismissed].includes(stretch)) return "dropped";
    // Read before the line told where it begins: what changed between the two would never be heard of.
    if (page.seq < model.since) return "dropped";
    model.addPage(stretch, page);
    return "taken";
  }

  async #set(id: string, status: MarkStatus, action?: string): Promise<boolean> {
    const now = this.#model.item(id)?.status;
    // What was clicked is read already, and the server would say that it cannot become less.
    const done = status !== "clicked" && (now === status || (status === "read" && now === "clicked"));
    if (done && !this.#queues.has(id)) return true;
    const change = this.#model.changing(id, status);
    this.#changed();
    const session = this.#session;
    const before = this.#queues.get(id) ?? Promise.resolve();
    const performed = before.then(() =>
      this.#perform(change, session, async (options) => {
        const body = action === undefined ? { status } : { status, action };
        // A click counts each time the server hears of it, any other status once.
        if (status === "clicked") options.idempotencyKey = freshKey();
        return this.#http.send<FeedItem>("PATCH", `/notifications/${segment(id)}`, body, options);
      }),
    );
    this.#queues.set(id, performed);
    const ok = await performed;
    if (this.#queues.get(id) === performed) this.#queues.delete(id);
    return ok;
  }

  #setAll(status: "read" | "seen", path: string): Promise<boolean> {
    const change = this.#model.markingAll(status);
    this.#changed();
    const { app, tenant } = this.#model.filter;
    return this.#perform(change, this.#session, (options) =>
      this.#http.send("POST", path, { app, tenant }, options),
    );
  }

  /** Sends a change that already shows, as the user of the session it was made in or not at all. */
  async #perform(
    change: Pending,
    session: number,
    send: (options: RequestOptions) => Promise<Partial<FeedItem> | undefined>,
  ): Promise<boolean> {
    const same = () => session === this.#session;
    try {
      const answer = await send({ while: same });
      if (same()) this.#accepted(change, answer);
      return true;
    } catch (error) {
      if (same()) this.#refused(change, error);
      return false;
    }
  }

  #accepted(change: Pending, answer: Partial<FeedItem> | undefined): void {
    this.#model.acknowledge(change, answer);
    this.#changeError = null;
    // Where frames come in by themselves they will confirm a numbered answer; else ask.
    if (this.state !== "live" || change.seq === null) this.#follower?.catchUp();
    this.#countAgain();
    this.#changed();
  }

  #refused(change: Pending, error: unknown): void {
    this.#model.withdraw(change);
    this.#changeError = null;
    // Gone for this user: another window was first, and its change is on its way.
    if (error instanceof ApiError && error.status === 404) this.#follower?.catchUp();
    else if (!(error instanceof SignedOut)) this.#changeError = asError(error);
    this.#changed();
  }

  #reload(): void {
    this.#countAgain();
    if (this.#wanted) void this.loadMore();
    if (this.#archiveWanted) void this.loadArchive();
  }

  /** Nobody is signed in any more, or somebody else is: nothing of the one before may stay. */
  #signedOut(): void {
    this.#session += 1;
    this.#countedAt = -1;
    this.#model.clear();
    this.#follower?.reconnect();
    this.#before.clear();
    // The next user's changes do not wait for this one's.
    this.#queues.clear();
    this.#wanted = this.#archiveWanted = false;
    this.#error = this.#archiveError = this.#changeError = null;
    this.#changed();
  }

  #fail(error: unknown): void {
    if (error instanceof SignedOut) return;
    this.#error = asError(error);
  }

  /** Frames count the whole feed; with a filter the count of what it lets through is asked for, a moment later. */
  #countAgain(): void {
    const model = this.#model;
    if (!model.filtered || !model.known || this.#counting || !this.#follower) return;
    this.#counting = true;
    void (async () => {
      try {
        await sleep(150);
        this.#countedAt = model.seq;
        const session = this.#session;
        const page = await this.#http.get<FeedPage>("/users/me/notifications", { limit: 1, ...model.filter });
        if (session === this.#session && page.epoch === model.epoch)
          model.setCounters(page.counters, page.seq);
      } catch {
        // The next frame, or the next line, asks again.
      } finally {
        this.#counting = false;
        this.#changed();
      }
    })();
  }

  #changed(): void {
    this.#snapshot = null;
    const state = this.#follower?.state ?? "idle";
    const turned = state !== this.#lastState;
    this.#lastState = state;
    if (turned || this.#model.seq !== this.#countedAt) this.#countAgain();
    // The server is there again: what could not be loaded before may be now.
    const back = turned && (state === "live" || state === "polling");
    if (back && this.#error && this.#wanted) void this.loadMore();
    if (back && this.#archiveError && this.#archiveWanted) void this.loadArchive();
    if (this.#notifying) return;
    this.#notifying = true;
    queueMicrotask(() => {
      this.#notifying = false;
      const { snapshot } = this;
      for (const callback of this.#subscribers) callback(snapshot);
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
