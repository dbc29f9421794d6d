// What the user did that the server's frames do not show yet. It lies over the server's state as a second layer:
// the item looks changed at once, a refusal takes the layer away, and nothing of the server's state was touched.

import type { Counters, FeedItem, FeedMark, NotificationStatus } from "./types.js";

export type MarkStatus = Exclude<NotificationStatus, "expired">;

interface Common {
  /** Which of this client's histories it was made in: its answer says nothing about the next one. */
  history: number;
  /** The server said yes. */
  acknowledged: boolean;
  /** The sequence number at which the server's frames will show it, where its answer said so. */
  seq: number | null;
  /** A catch-up that began after the yes is under way: when it ends, the frames have shown it. */
  covered: boolean;
}

export interface ItemChange extends Common {
  kind: "item";
  id: string;
  status: MarkStatus;
  /** The item as the server answered it. */
  answer: FeedItem | null;
}

export interface MarkAll extends Common {
  kind: "all";
  status: "read" | "seen";
  /** Items that changed after this number were not there when the user asked. */
  upTo: number;
  /** The server's counters when the user asked: what is taken off them while it is pending. */
  base: Counters;
}

export type Pending = ItemChange | MarkAll;

export function withStatus(item: FeedItem, status: MarkStatus): FeedItem {
  return {
    ...item,
    status,
    is_read: status === "unread" ? false : status === "dismissed" ? item.is_read : true,
  };
}

/** Whether a mark speaks of this item: one below the mark's number, in its application and tenant. */
export function concerns(mark: FeedMark, item: FeedItem): boolean {
  if (item.seq >= mark.seq) return false;
  if (mark.tenant && mark.tenant !== item.tenant) return false;
  return !mark.app || mark.app === item.app?.id || mark.app === item.app?.uid;
}

export function overlay(item: FeedItem, pending: readonly Pending[]): FeedItem {
  let shown = item;
  for (const change of pending) {
    if (change.kind === "item" && change.id === item.id) shown = withStatus(shown, change.status);
    else if (change.kind === "all" && change.status === "read" && item.seq <= change.upTo)
      shown = shown.status === "unread" ? withStatus(shown, "read") : shown;
  }
  return shown;
}

/** The counters as the user must see them: the server's, and what is pending. */
export function pendingCounters(
  server: Counters,
  pending: readonly Pending[],
  known: (id: string) => FeedItem | undefined,
): Counters {
  let { unread, unseen } = server;
  const touched = new Set<string>();
  for (const change of pending) {
    if (change.kind === "all") {
      unseen = Math.max(0, server.unseen - change.base.unseen);
      if (change.status === "read") {
        unread = Math.max(0, server.unread - change.base.unread);
        touched.clear();
      }
    } else if (!touched.has(change.id)) {
      touched.add(change.id);
      unread += unreadDifference(known(change.id), pending);
    }
  }
  return { unread: Math.max(0, unread), unseen: Math.max(0, unseen) };
}

/** By how much the changes since the last mark-all move the count for this item: -1, 0 or 1. */
function unreadDifference(item: FeedItem | undefined, pending: readonly Pending[]): number {
  if (!item) return 0;
  const lastAll = pending.findLastIndex((change) => change.kind === "all" && change.status === "read");
  const all = pending[lastAll];
  const counted = all?.kind === "all" && item.seq <= all.upTo ? false : item.status === "unread";
  const shown = overlay(item, pending).status === "unread";
  return Number(shown) - Number(counted);
}
