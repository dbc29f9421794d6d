// What this client knows of one user's feed. Pure state: no clock, no network. Three rules make it safe to apply
// frames, pages and answers in whatever order they come in:
//
// 1. An item's `seq` is its version: the higher one stays, so a late page cannot undo a change.
// 2. A mark ("all read") is kept as a rule and applied when looking: it also holds for items that come in later.
// 3. `seq`, the position to resume at, moves only over numbers that were all seen, or that the server says it
//    has told (`synced`). A drop in the middle of a catch-up asks for everything again.

import {
  concerns,
  overlay,
  pendingCounters,
  withStatus,
  type ItemChange,
  type MarkAll,
  type Pending,
} from "./pending.js";
import { listKey, Stretch } from "./stretch.js";
import type { Counters, FeedDelta, FeedItem, FeedMark, FeedPage } from "./types.js";

export interface FeedFilter {
  /** Only this application, by id or uid. */
  app?: string | undefined;
  tenant?: string | undefined;
}

/** What the caller must do after a frame: nothing, or ask for what is missing. */
export type Verdict = "applied" | "known" | "gap";

const KEEP_HIDDEN = 1000;

export class FeedModel {
  readonly filter: FeedFilter;
  seq = 0;
  epoch: string | null = null;
  /** Where this history was entered: what changed up to here is known from pages alone. */
  since = 0;
  /** Counts the histories: each reset and each other user begins another, also within one epoch. */
  history = 0;
  /** Counts the unread items that came in and were seen nowhere yet: not what is loaded, nor what only changed. */
  arrived = 0;
  /** Between asking for what was missed and the server's `synced`. */
  catchingUp = false;
  unread = new Stretch();
  all = new Stretch();
  /** What was put away; loaded only where somebody looks at it. */
  dismissed = new Stretch();
  #records = new Map<string, FeedItem>();
  #marks = new Map<string, FeedMark>();
  #counters: Counters = { unread: 0, unseen: 0 };
  #countersSeq = -1;
  /** Numbers above `seq` that were seen, with others missing between. */
  #ahead = new Set<number>();
  #pending: Pending[] = [];
  /** Unread when last looked at: they keep their place above the others until `settle`. */
  #pinned = new Set<string>();
  /** What to show while the list is loaded again after a reset. */
  #before: FeedItem[] | null = null;

  constructor(filter: FeedFilter) {
    this.filter = filter;
  }

  get known(): boolean {
    return this.epoch !== null;
  }

  get loaded(): boolean {
    return this.unread.begun && (!this.unread.done || this.all.begun);
  }

  get complete(): boolean {
    return this.unread.done && this.all.done;
  }

  /** A number below one that was seen is missing. */
  get gap(): boolean {
    return this.#ahead.size > 0;
  }

  get filtered(): boolean {
    return Boolean(this.filter.app || this.filter.tenant);
  }

  get counters(): Counters {
    return pendingCounters(this.#counters, this.#pending, (id) => this.#record(id));
  }

  /** Begins a history: the first one, or another than the one known. Nothing known before holds any more. */
  adopt(seq: number, epoch: string, counters: Counters): void {
    if (this.loaded) this.#before = this.items();
    // What is loading while nothing is known belongs to the history that begins.
    if (this.known) this.#forget();
    this.seq = this.since = seq;
    this.epoch = epoch;
    this.setCounters(counters, seq);
  }

  /** Forgets everything, also what was shown: another user, or none. */
  clear(): void {
    this.#forget();
    this.#before = null;
    this.epoch = null;
    this.seq = 0;
    this.#pending = [];
    this.#counters = { unread: 0, unseen: 0 };
  }

  change(seq: number, item: FeedItem, counters: Counters): Verdict {
    this.#hear({ ...item, seq: Math.max(seq, item.seq ?? 0) });
    if (!this.filtered) this.setCounters(counters, seq);
    return this.#advance(seq);
  }

  mark(mark: FeedMark, counters: Counters): Verdict {
    this.#keepMark(mark);
    if (!this.filtered) this.setCounters(counters, mark.seq);
    return this.#advance(mark.seq);
  }

  /** What is asked for from here on also shows every change that the server has acknowledged by now. */
  beginCatchUp(): void {
    this.catchingUp = true;
    for (const change of this.#pending) change.covered = change.acknowledged;
  }

  /** The server has told everything up to `through`; a gap means that something above it is still missing. */
  caughtUp(through: number): Verdict {
    this.catchingUp = false;
    this.seq = Math.max(this.seq, through);
    this.#drop((change) => change.covered);
    return this.#closeAhead();
  }

  /** The answer to a poll. */
  delta(delta: FeedDelta): Verdict {
    for (const item of delta.items) this.#hear(item);
    for (const mark of delta.marks) this.#keepMark(mark);
    if (!this.filtered) this.setCounters(delta.counters, delta.through);
    return this.caughtUp(delta.through);
  }

  addPage(stretch: Stretch, page: FeedPage): void {
    for (const item of page.data) this.#merge(item);
    stretch.add(page);
    this.setCounters(page.counters, page.seq);
    if (this.loaded) this.#before = null;
  }

  setCounters(counters: Counters, seq: number): void {
    if (seq < this.#countersSeq) return;
    this.#counters = counters;
    this.#countersSeq = seq;
    this.#drop((change) => change.acknowledged && change.seq !== null && change.seq <= seq);
  }

  /** The items to show: unread first, then newest first. */
  items(): FeedItem[] {
    return this.shown().items;
  }

  /** The items, and how many come first because they are unread or were when last looked at. */
  shown(): { items: FeedItem[]; fresh: number } {
    if (this.#before && !this.loaded) {
      const fresh = this.#before.filter(({ status }) => status === "unread").length;
      return { items: this.#before, fresh };
    }
    const { above, below } = this.#sorted();
    return { items: [...above, ...below], fresh: above.length };
  }

  /** What was put away, newest first. */
  archived(): FeedItem[] {
    const found: FeedItem[] = [];
    for (const id of this.#records.keys()) {
      const item = this.item(id);
      if (item?.status === "dismissed" && !item.deleted && this.dismissed.holds(item)) found.push(item);
    }
    return found.sort(newest);
  }

  #sorted(): { above: FeedItem[]; below: FeedItem[] } {
    const above: FeedItem[] = [];
    const below: FeedItem[] = [];
    for (const id of this.#records.keys()) {
      const item = this.item(id);
      if (!item || item.deleted || item.status === "dismissed" || item.status === "expired") continue;
      const pinned = item.status === "unread" || this.#pinned.has(id);
      if (!(pinned ? this.unread : this.all).holds(item)) continue;
      if (pinned) this.#pinned.add(id);
      (pinned ? above : below).push(item);
    }
    return { above: above.sort(newest), below: below.sort(newest) };
  }

  /** One item as the user must see it. */
  item(id: string): FeedItem | undefined {
    const item = this.#record(id);
    return item && overlay(item, this.#pending);
  }

  /** Lets read items sink to their place: not while somebody is looking at them. */
  settle(loading: boolean): void {
    this.#pinned.clear();
    // A page on its way could bring back what is forgotten here.
    if (!loading && !this.dismissed.begun && this.#records.size > KEEP_HIDDEN) this.#trim();
  }

  changing(id: string, status: ItemChange["status"]): ItemChange {
    const change: ItemChange = {
      kind: "item",
      id,
      status,
      history: this.history,
      acknowledged: false,
      seq: null,
      covered: false,
      answer: null,
    };
    this.#pending.push(change);
    return change;
  }

  markingAll(status: MarkAll["status"]): MarkAll {
    const base = { ...this.#counters };
    const change: MarkAll = {
      kind: "all",
      status,
      upTo: Math.max(this.seq, this.#countersSeq),
      base,
      history: this.history,
      acknowledged: false,
      seq: null,
      covered: false,
    };
    this.#pending.push(change);
    return change;
  }

  /** The server said yes; the layer stays until its frames show the same. */
  acknowledge(change: Pending, answer: Partial<FeedItem> | undefined): void {
    if (change.history !== this.history) return this.withdraw(change);
    change.acknowledged = true;
    change.seq = typeof answer?.seq === "number" ? answer.seq : null;
    if (change.kind === "item" && answer?.id === change.id) change.answer = answer as FeedItem;
    this.#drop((other) => other === change && change.seq !== null && change.seq <= this.#countersSeq);
  }

  /** The server said no, or nothing: the layer goes away. */
  withdraw(change: Pending): void {
    this.#pending = this.#pending.filter((other) => other !== change);
  }

  #forget(): void {
    this.history += 1;
    this.#records.clear();
    this.#marks.clear();
    this.#ahead.clear();
    this.#pinned.clear();
    this.#countersSeq = -1;
    this.catchingUp = false;
    this.#pending = this.#pending.filter((change) => !change.acknowledged);
    this.unread = new Stretch();
    this.all = new Stretch();
    this.dismissed = new Stretch();
  }

  #hear(item: FeedItem): void {
    const known = this.#records.has(item.id);
    this.#merge(item);
    const unseen = item.status === "unread" && !item.seen_at && !item.deleted;
    if (unseen && !known && this.#records.has(item.id)) this.arrived += 1;
  }

  #merge(item: FeedItem): void {
    const { app, tenant } = this.filter;
    if (tenant && item.tenant !== tenant) return;
    if (app && item.app?.id !== app && item.app?.uid !== app) return;
    const record = this.#records.get(item.id);
    // Of two with one number the read one is the later: a mark changes items without taking numbers of theirs.
    const later = !record || item.seq > record.seq || (item.seq === record.seq && record.status === "unread");
    if (later) this.#records.set(item.id, item);
  }

  #keepMark(mark: FeedMark): void {
    const scope = `${mark.status} ${mark.app ?? ""} ${mark.tenant ?? ""}`;
    const last = this.#marks.get(scope);
    if (!last || mark.seq > last.seq) this.#marks.set(scope, mark);
    this.#drop((change) => change.kind === "all" && change.status === mark.status && mark.seq > change.upTo);
  }

  #record(id: string): FeedItem | undefined {
    const item = this.#records.get(id);
    if (!item || item.status !== "unread") return item;
    for (const mark of this.#marks.values()) {
      if (mark.status === "read" && concerns(mark, item)) return withStatus(item, "read");
    }
    return item;
  }

  #advance(seq: number): Verdict {
    if (seq <= this.seq) return "known";
    this.#ahead.add(seq);
    return this.catchingUp ? "applied" : this.#closeAhead();
  }

  #closeAhead(): Verdict {
    while (this.#ahead.delete(this.seq + 1)) this.seq += 1;
    for (const seq of this.#ahead) if (seq <= this.seq) this.#ahead.delete(seq);
    return this.gap ? "gap" : "applied";
  }

  #drop(done: (change: Pending) => boolean): void {
    this.#pending = this.#pending.filter((change) => {
      if (!done(change)) return true;
      if (change.kind === "item" && change.answer) this.#merge(change.answer);
      return false;
    });
  }

  #trim(): void {
    const busy = new Set(this.#pending.map((change) => (change.kind === "item" ? change.id : "")));
    for (const [id, item] of this.#records) {
      const gone = item.deleted || item.status === "dismissed" || item.status === "expired";
      if (gone && !busy.has(id)) this.#records.delete(id);
    }
  }
}

function newest(a: FeedItem, b: FeedItem): number {
  return listKey(a) < listKey(b) ? 1 : -1;
}
