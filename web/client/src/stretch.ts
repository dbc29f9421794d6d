// How much of one of the server's lists is loaded. Items older than the last loaded one are not shown even when a
// change of theirs came in: there may be others between, and a list with a hole would look complete.

import type { FeedItem, Page } from "./types.js";

/** The order of the lists, newest first: ids are made from the time, to the millisecond. */
export function listKey(item: FeedItem): string {
  return item.id;
}

export class Stretch {
  begun = false;
  /** Where the next page starts; null before the first and after the last. */
  cursor: string | null = null;
  #oldest = "";

  get done(): boolean {
    return this.begun && this.cursor === null;
  }

  add(page: Page<FeedItem>): void {
    const last = page.data.at(-1);
    if (last) this.#oldest = listKey(last);
    this.begun = true;
    this.cursor = page.next_cursor;
  }

  holds(item: FeedItem): boolean {
    return this.begun && (this.cursor === null || listKey(item) >= this.#oldest);
  }
}
