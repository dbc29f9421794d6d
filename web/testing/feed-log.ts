// The truth of one user's feed, as the contract describes it: rows with the number of their last change, marks
// with a watermark, one sequence. Small and plain, so that the client can be measured against it.

import type { Counters, FeedFrame, FeedItem, FeedMark, NotificationStatus } from "@campanile/client";

export interface ListQuery {
  status?: string | null;
  app?: string | null;
  tenant?: string | null;
  limit?: number;
  cursor?: string | null;
}

/** What each status may become. */
const BECOMES: Record<NotificationStatus, NotificationStatus[]> = {
  unread: ["read", "clicked", "dismissed", "expired"],
  read: ["unread", "clicked", "dismissed", "expired"],
  clicked: ["unread", "dismissed"],
  dismissed: ["unread", "read"],
  expired: [],
};

type Listener = (frame: FeedFrame) => void;

let made = 0;

/** An id as the server makes them: 27 characters, later ones sort later. */
export function makeId(prefix: string): string {
  made += 1;
  const tail = Array.from({ length: 18 }, () => Math.floor(Math.random() * 36).toString(36));
  return `${prefix}_3C${made.toString(36).toUpperCase().padStart(7, "0")}${tail.join("")}`;
}

export class FeedLog {
  readonly user: string;
  readonly rows = new Map<string, FeedItem>();
  readonly listeners = new Set<Listener>();
  seq = 0;
  epoch = "e1";
  /** What was asked for after a number below this is gone. */
  floor = 0;
  #marks: FeedMark[] = [];
  #clock = Date.now() - 86_400_000;

  constructor(user: string) {
    this.user = user;
  }

  add(content: Partial<FeedItem> & { title: string }): FeedItem {
    // Distinct times unless the caller says: the order of the list is then beyond doubt.
    this.#clock = Math.max(this.#clock + 1, content.created_at ? 0 : Date.now());
    const item: FeedItem = {
      id: makeId("ntf"),
      delivery_id: makeId("dlv"),
      seq: 0,
      user_id: this.user,
      app: { id: "app_0", uid: "belfry", name: "Belfry" },
      tenant: null,
      event: null,
      event_id: null,
      external_id: null,
      body: null,
      link: null,
      actions: [],
      priority: "normal",
      metadata: {},
      status: "unread",
      is_read: false,
      deleted: false,
      created_at: new Date(this.#clock).toISOString(),
      seen_at: null,
      read_at: null,
      clicked_at: null,
      dismissed_at: null,
      expires_at: null,
      expired_at: null,
      ...content,
    };
    return this.#changed(item);
  }

  /** Null: there is no such item. "refused": what it is cannot become that. */
  set(id: string, status: NotificationStatus): FeedItem | "refused" | null {
    const row = this.rows.get(id);
    if (!row || row.deleted) return null;
    if (row.status === status) return row;
    if (!BECOMES[row.status].includes(status)) return "refused";
    const now = new Date().toISOString();
    const read = status === "expired" ? row.is_read : status !== "unread";
    return this.#changed({
      ...row,
      status,
      is_read: read,
      seen_at: status === "expired" ? row.seen_at : (row.seen_at ?? now),
      read_at: read ? (row.read_at ?? now) : null,
      clicked_at: status === "clicked" ? now : row.clicked_at,
      dismissed_at: status === "dismissed" ? now : null,
      expired_at: status === "expired" ? now : row.expired_at,
    });
  }

  delete(id: string): void {
    const row = this.rows.get(id);
    if (row && !row.deleted) this.#changed({ ...row, deleted: true });
  }

  /** One change with a watermark: the rows keep their numbers. Null when there was nothing to change. */
  markAll(status: "read" | "seen", app: string | null = null, tenant: string | null = null): FeedMark | null {
    const { unread, unseen } = this.counters({ app, tenant });
    if (unseen === 0 && (status === "seen" || unread === 0)) return null;
    this.seq += 1;
    const at = new Date().toISOString();
    const mark: FeedMark = { seq: this.seq, status, app, tenant, at };
    for (const [id, row] of this.rows) {
      if (!matches(row, { app, tenant })) continue;
      const seen = { ...row, seen_at: row.seen_at ?? at };
      const read = status === "read" && row.status === "unread";
      this.rows.set(id, read ? { ...seen, status: "read", is_read: true, read_at: at } : seen);
    }
    this.#marks.push(mark);
    this.#emit({ type: "mark", ...mark, counters: this.counters() });
    return mark;
  }

  counters(filter: ListQuery = {}): Counters {
    const counted = [...this.rows.values()].filter((row) => !row.deleted && matches(row, filter));
    const waiting = counted.filter((row) => row.status === "unread");
    return { unread: waiting.length, unseen: waiting.filter((row) => !row.seen_at).length };
  }

  /** All that a client at this position missed, in order; null when it must begin anew. */
  after(seq: number, epoch: string | null): FeedFrame[] | null {
    if (epoch !== this.epoch || seq < this.floor || seq > this.seq) return null;
    const counters = this.counters();
    const changes: FeedFrame[] = [...this.rows.values()]
      .filter((row) => row.seq > seq)
      .map((item) => ({ type: "change", seq: item.seq, item, counters }));
    const marks: FeedFrame[] = this.#marks
      .filter((mark) => mark.seq > seq)
      .map((mark) => ({ type: "mark", ...mark, counters }));
    const number = (frame: FeedFrame) => ("seq" in frame ? frame.seq : 0);
    return [...changes, ...marks].sort((a, b) => number(a) - number(b));
  }

  list(query: ListQuery): { data: FeedItem[]; next_cursor: string | null } {
    const limit = query.limit ?? 20;
    const found = [...this.rows.values()]
      .filter((row) => !row.deleted && matches(row, query) && (!query.status || row.status === query.status))
      .sort(newestFirst)
      .filter((row) => !query.cursor || key(row) < query.cursor);
    const data = found.slice(0, limit);
    const last = data.at(-1);
    return { data, next_cursor: found.length > limit && last ? key(last) : null };
  }

  /** What a bell must show in the end. */
  shown(filter: ListQuery = {}): FeedItem[] {
    const rows = [...this.rows.values()].filter(
      (row) => !row.deleted && row.status !== "dismissed" && row.status !== "expired" && matches(row, filter),
    );
    const unread = rows.filter((row) => row.status === "unread");
    const others = rows.filter((row) => row.status !== "unread");
    return [...unread.sort(newestFirst), ...others.sort(newestFirst)];
  }

  /** As after a restored backup: some rows are what they were, and nobody may trust an old number. */
  restore(epoch: string, keep: (row: FeedItem) => boolean): void {
    this.epoch = epoch;
    for (const [id, row] of this.rows) if (!keep(row)) this.rows.delete(id);
    this.seq = Math.max(0, ...[...this.rows.values()].map((row) => row.seq), this.#marks.at(-1)?.seq ?? 0);
  }

  #changed(row: FeedItem): FeedItem {
    this.seq += 1;
    const item = { ...row, seq: this.seq };
    this.rows.set(item.id, item);
    this.#emit({ type: "change", seq: item.seq, item, counters: this.counters() });
    return item;
  }

  #emit(frame: FeedFrame): void {
    for (const listener of this.listeners) listener(frame);
  }
}

function key(row: FeedItem): string {
  return row.id;
}

function newestFirst(a: FeedItem, b: FeedItem): number {
  return key(a) < key(b) ? 1 : -1;
}

function matches(row: FeedItem, { app, tenant }: ListQuery): boolean {
  if (tenant && row.tenant !== tenant) return false;
  return !app || row.app?.id === app || row.app?.uid === app;
}
