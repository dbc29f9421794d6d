// What came out at the other end: the receiver's list and the delivery log, looked at once a second.

import type { Delivery } from "@campanile/client";
import { shortId } from "./actions.js";
import { api, type Received } from "./api.js";
import { clock, h } from "../../page/dom.js";

const EVERY = 1_000;
const SHOWN = 50;

/** Polls both lists while the page is seen. Returns what makes it look at once. */
export function watchPanels(received: HTMLElement, deliveries: HTMLElement): () => void {
  const rows = new Rows(received, "Nothing has arrived yet. Press a button.");
  const log = new Rows(deliveries, "No deliveries yet.");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking || document.hidden) return;
    looking = true;
    clearTimeout(timer);
    const [arrived, sent] = await Promise.allSettled([api.received(), api.deliveries()]);
    if (arrived.status === "fulfilled") rows.show(arrived.value.map(receivedRow));
    if (sent.status === "fulfilled") log.show(sent.value.map(deliveryRow));
    looking = false;
    timer = setTimeout(() => void look(), EVERY);
  };
  document.addEventListener("visibilitychange", () => void look());
  void look();
  return () => void look();
}

interface Row {
  key: string;
  /** When this differs, the row is made again. */
  version: string;
  make(): HTMLElement;
}

/** A list that keeps the rows it has: an opened one stays open while others come in above it. */
class Rows {
  readonly #place: HTMLElement;
  readonly #empty: HTMLElement;
  #shown = new Map<string, { version: string; element: HTMLElement }>();
  #first = true;

  constructor(place: HTMLElement, empty: string) {
    this.#place = place;
    this.#empty = h("p", { class: "empty" }, empty);
    place.replaceChildren(this.#empty);
  }

  show(rows: Row[]): void {
    const next = new Map<string, { version: string; element: HTMLElement }>();
    for (const row of rows.slice(0, SHOWN)) {
      const known = this.#shown.get(row.key);
      const kept = known?.version === row.version ? known : { version: row.version, element: row.make() };
      if (!known && !this.#first) kept.element.classList.add("fresh");
      next.set(row.key, kept);
    }
    this.#shown = next;
    this.#first = false;
    const wanted = next.size > 0 ? [...next.values()].map((row) => row.element) : [this.#empty];
    const present = [...this.#place.children];
    if (wanted.length === present.length && wanted.every((element, at) => element === present[at])) return;
    this.#place.replaceChildren(...wanted);
  }
}

function receivedRow(entry: Received): Row {
  const id = `${entry.webhook_id} ${entry.at} ${entry.attempt}`;
  return {
    key: id,
    version: "",
    make: () =>
      h(
        "details",
        { class: "row" },
        h(
          "summary",
          {},
          h("code", { class: "name" }, entry.type),
          h("span", { class: "about" }, about(entry.body)),
          entry.attempt > 1 && h("span", { class: "extra" }, `attempt ${entry.attempt}`),
          h(
            "span",
            { class: `tag ${entry.verified ? "good" : "bad"}` },
            entry.verified ? "verified" : "not verified",
          ),
          h("time", { datetime: entry.at }, clock(entry.at)),
        ),
        h("pre", { tabindex: "0" }, `webhook-id: ${entry.webhook_id}\n\n${pretty(entry.body)}`),
      ),
  };
}

const TONES: Partial<Record<Delivery["status"], string>> = {
  sent: "good",
  delivered: "good",
  failed: "bad",
  exhausted: "bad",
  retrying: "wait",
};

function deliveryRow(delivery: Delivery): Row {
  const { status, attempts, duration_ms: ms, status_code: code } = delivery;
  return {
    key: delivery.id,
    version: `${status} ${attempts} ${ms} ${code}`,
    make: () =>
      h(
        "div",
        { class: "row plain", title: delivery.error ?? delivery.id },
        h("code", { class: "name" }, delivery.event_type ?? shortId(delivery.id)),
        h("span", { class: "about" }),
        h("span", { class: "extra" }, attempts === 1 ? "1 attempt" : `${attempts} attempts`),
        h("span", { class: "extra number" }, ms === null ? "–" : `${ms} ms`),
        h("span", { class: `tag ${TONES[status] ?? ""}` }, code ? `${status} ${code}` : status),
        h("time", { datetime: delivery.created_at }, clock(delivery.created_at)),
      ),
  };
}

/** What a webhook is about in a few words: the title of a notification, where it speaks of one. */
function about(body: string): string {
  try {
    const { data } = JSON.parse(body) as { data?: { title?: unknown } };
    return typeof data?.title === "string" ? data.title : "";
  } catch {
    return "";
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
