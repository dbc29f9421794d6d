// Keeps the model in step with the server: over the live line, or by polling while no line can be had.
// One loop, one thing at a time: get a token, open a line, follow it until it ends, decide what is next.

import { backoffDelay, type Backoff } from "./backoff.js";
import { type Credentials } from "./credentials.js";
import { ApiError } from "./errors.js";
import { queryString, type Http } from "./http.js";
import { CloseCode, Line, lineUrl, type SocketFactory } from "./line.js";
import type { FeedModel, Verdict } from "./model.js";
import { renewalDelay } from "./token.js";
import type { FeedDelta, FeedFrame, FeedPage } from "./types.js";
import { mayBeOnline, onWake } from "./wake.js";

export type FeedState = "idle" | "connecting" | "live" | "polling" | "offline" | "expired";

export interface FollowerOptions {
  http: Http;
  credentials: Credentials;
  model: FeedModel;
  openSocket: SocketFactory;
  pollInterval: number;
  /** This many lines in a row that never opened: poll. */
  linesBeforePolling: number;
  backoff: Backoff;
  /** While polling, the line is tried again after this long, then ever more rarely. */
  retryLine: Backoff;
  random: () => number;
  changed(): void;
  /** The history is another one: what was loaded must be loaded again. */
  reset(): void;
}

/** A line that held this long was a good one. */
const STEADY = 5_000;
const GAP_PATIENCE = 40;
/** An answer to a poll with this many changes may not be all of them. */
const FULL_POLL = 50;

export class Follower {
  state: FeedState = "idle";
  readonly #options: FollowerOptions;
  #running = false;
  #line: Line | null = null;
  #wakeUp: (() => void) | null = null;
  #stopWatching: (() => void) | null = null;
  /** The last poll's tag, and the position it belongs to. */
  #etag = { value: "", after: -1 };
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  /** A catch-up was asked for while another was under way. */
  #again = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return this.#wake();
    this.#running = true;
    this.#stopWatching = onWake({
      reconnect: () => this.reconnect(),
      probe: () => (this.#line ? this.#line.probe(3_000) : this.#wake()),
      offline: () => {
        this.#line?.close();
        this.#wake();
      },
    });
    void this.#run();
  }

  stop(): void {
    this.#running = false;
    this.#stopWatching?.();
    this.#line?.close();
    this.#wake();
    this.#become("idle");
  }

  /** Leaves the line there is and opens another at once, or ends a wait. */
  reconnect(): void {
    this.#line?.close();
    this.#wake();
  }

  /** Asks for everything after the last known number: over the line, or by a poll now. */
  catchUp(): void {
    const { model } = this.#options;
    if (this.#line && model.catchingUp) {
      this.#again = true;
      return;
    }
    if (!this.#line || this.state !== "live") return this.#wake();
    model.beginCatchUp();
    this.#line.send({ type: "after", seq: model.seq, epoch: model.epoch });
  }

  async #run(): Promise<void> {
    let failures = 0;
    let refusals = 0;
    let polledRounds = 0;
    const { credentials, backoff, random, linesBeforePolling, retryLine } = this.#options;
    while (this.#running) {
      if (!mayBeOnline()) {
        this.#become("offline");
        await this.#wait(60_000);
        continue;
      }
      if (this.state !== "polling") this.#become("connecting");
      const token = await credentials.token().catch(() => undefined);
      if (!this.#running) return;
      if (token === null) {
        await this.#rest("idle");
        continue;
      }
      if (token !== undefined) {
        const opened = Date.now();
        const { code, greeted } = await this.#follow(token);
        if (!this.#running) return;
        if (code === CloseCode.refused) {
          refusals += 1;
          credentials.discard();
          if (refusals > 1) {
            await this.#rest("expired");
            refusals = 0;
            continue;
          }
        }
        if (code === CloseCode.tokenExpired) credentials.discard();
        if (greeted && code !== CloseCode.refused) refusals = 0;
        // A line that is greeted and dropped at once is no line: count it, or this would become a busy loop.
        if (greeted && Date.now() - opened >= STEADY) failures = polledRounds = 0;
      }
      if (!mayBeOnline()) continue;
      failures += 1;
      if (token !== undefined && failures > linesBeforePolling) {
        const refused = await this.#poll(backoffDelay(polledRounds++, retryLine, random));
        if (refused) {
          credentials.discard();
          await this.#rest("expired");
          failures = polledRounds = 0;
        }
      } else {
        if (failures > linesBeforePolling) this.#become("offline");
        await this.#wait(
          failures === 1 ? random() * backoff.first : backoffDelay(failures - 2, backoff, random),
        );
      }
    }
  }

  /** Follows one line from its opening to its end. */
  #follow(token: string): Promise<{ code: number; greeted: boolean }> {
    const { model, http, openSocket } = this.#options;
    const resume = model.known ? { after: model.seq, epoch: model.epoch } : {};
    // The line tells the whole feed, whatever is shown of it: the model lets through what its filter wants.
    const url = lineUrl(http.base, queryString({ token, ...resume }));
    return new Promise((resolve) => {
      let greeted = false;
      let renewal: ReturnType<typeof setTimeout> | undefined;
      const closed = (code: number) => {
        clearTimeout(renewal);
        this.#line = null;
        model.catchingUp = false;
        this.#again = false;
        clearTimeout(this.#gapTimer);
        this.#gapTimer = undefined;
        if (this.state === "live") this.#become("connecting");
        resolve({ code, greeted });
      };
      const frame = (frame: FeedFrame) => {
        if (frame.type === "hello" && !greeted) {
          greeted = true;
          this.#greet(frame, "after" in resume);
        } else if (greeted) {
          this.#take(frame);
        }
      };
      const renew = (wait: number) => {
        renewal = setTimeout(() => void this.#renew(renew), wait);
      };
      try {
        if (model.known) model.beginCatchUp();
        this.#line = new Line(url, openSocket, { frame, closed });
      } catch {
        return closed(CloseCode.abnormal);
      }
      const ends = this.#options.credentials.claims.expiresAt;
      if (ends !== null) renew(renewalDelay(ends, Date.now()));
    });
  }

  /** Gives the open line a new token before the old one ends. */
  async #renew(again: (wait: number) => void): Promise<void> {
    const line = this.#line;
    const { credentials } = this.#options;
    const token = await credentials.token(true).catch(() => undefined);
    if (!line || line !== this.#line) return;
    if (token === null) return line.close();
    if (token === undefined) return again(5_000);
    line.send({ type: "token", token });
    const ends = credentials.claims.expiresAt;
    if (ends !== null) again(Math.max(1_000, renewalDelay(ends, Date.now())));
  }

  #greet(hello: FeedFrame & { type: "hello" }, resuming: boolean): void {
    const { model } = this.#options;
    if (!resuming) {
      // The list may have come in while the line was opening: then its position is the one to go on from.
      if (model.known) {
        this.#become("live");
        this.catchUp();
      } else {
        model.adopt(hello.seq, hello.epoch, hello.counters);
        if (model.filtered) this.#options.reset();
        this.#become("live");
      }
    } else if (hello.epoch === model.epoch && !model.filtered) {
      model.setCounters(hello.counters, hello.seq);
    }
    this.#options.changed();
  }

  #take(frame: FeedFrame): void {
    const { model } = this.#options;
    let verdict: Verdict = "applied";
    if (frame.type === "change") verdict = model.change(frame.seq, frame.item, frame.counters);
    else if (frame.type === "mark") verdict = model.mark(frame, frame.counters);
    else if (frame.type === "synced") verdict = this.#synced(frame.through);
    else if (frame.type === "reset") {
      this.#again = false;
      model.adopt(frame.seq, frame.epoch, frame.counters);
      this.#become("live");
      this.#options.reset();
    } else return;
    if (verdict === "gap") this.#missing();
    this.#options.changed();
  }

  /** Numbers are missing. The server may have put several changes into one, and say in a moment how far it told. */
  #missing(): void {
    this.#gapTimer ??= setTimeout(() => {
      this.#gapTimer = undefined;
      if (this.#line && this.#options.model.gap) this.catchUp();
    }, GAP_PATIENCE);
  }

  #synced(through: number): Verdict {
    const verdict = this.#options.model.caughtUp(through);
    this.#become("live");
    if (this.#again) {
      this.#again = false;
      this.catchUp();
    }
    return verdict;
  }

  /** Polls until it is time to try the line again; true when the credentials are refused here too. */
  async #poll(duration: number): Promise<boolean> {
    const until = Date.now() + duration;
    while (this.#running && mayBeOnline()) {
      try {
        while (await this.#pollOnce());
        this.#become("polling");
      } catch (error) {
        if (error instanceof ApiError && error.refused) return true;
        this.#become("offline");
      }
      this.#options.changed();
      const left = until - Date.now();
      if (left <= 0) return false;
      await this.#wait(Math.min(this.#options.pollInterval, left));
    }
    return false;
  }

  /** Asks once for what changed; true when there may be more. */
  async #pollOnce(): Promise<boolean> {
    const { http, model } = this.#options;
    const { seq: after, epoch, history } = model;
    if (!model.known) {
      const page = await http.get<FeedPage>(
        "/users/me/notifications",
        { limit: 1, ...model.filter },
        { retries: 0 },
      );
      // Meanwhile the list may have come in, or another user.
      if (!model.known && history === model.history) model.adopt(page.seq, page.epoch, page.counters);
      return false;
    }
    model.beginCatchUp();
    try {
      const headers: Record<string, string> = {};
      if (this.#etag.after === after) headers["if-none-match"] = this.#etag.value;
      const query = { after, epoch };
      const answer = await http.request<FeedDelta>("GET", "/users/me/feed", { query, headers, retries: 0 });
      if (history !== model.history) return false;
      const tag = answer.headers.get("etag");
      if (tag) this.#etag = { value: tag, after };
      if (answer.status === 304) {
        model.caughtUp(after);
        return false;
      }
      const delta = answer.body;
      if (delta.reset) {
        model.adopt(delta.through, delta.epoch, delta.counters);
        this.#options.reset();
        return false;
      }
      model.delta(delta);
      return delta.through > after && delta.items.length + delta.marks.length >= FULL_POLL;
    } finally {
      model.catchingUp = false;
    }
  }

  /** Nothing to be done until somebody starts it again or looks at the page. */
  async #rest(state: "idle" | "expired"): Promise<void> {
    this.#become(state);
    await this.#wait(null);
  }

  #become(state: FeedState): void {
    if (state === this.state) return;
    this.state = state;
    this.#options.changed();
  }

  /** Waits this long, or until something wakes the loop; null waits for that alone. */
  #wait(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(() => this.#wake(), ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wake(): void {
    const wake = this.#wakeUp;
    this.#wakeUp = null;
    wake?.();
  }
}
