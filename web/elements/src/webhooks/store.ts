// What is known of an application's webhooks, asked for as it is looked at, and looked at again while it may change.

import type { CatalogueEntry, Delivery, DeliveryStatus, FullDelivery, Me, Webhook } from "@campanile/client";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { Resource, type AnyResource } from "../kit/resource.js";

export interface List {
  rows: Webhook[];
  cursor: string | null;
}
export interface Log {
  rows: Delivery[];
  cursor: string | null;
}

/** What is shown may have changed after this many milliseconds. */
const LOOKS_AGAIN = 5_000;
const UNDER_WAY: DeliveryStatus[] = ["pending", "sending", "retrying"];
const PAGE = 25;

export const isUnderWay = (status: DeliveryStatus): boolean => UNDER_WAY.includes(status);

export class WebhookStore implements ReactiveController {
  readonly list: Resource<List>;
  readonly catalogue: Resource<CatalogueEntry[]>;
  readonly endpoint: Resource<Webhook>;
  readonly log: Resource<Log>;
  readonly delivery: Resource<FullDelivery>;
  /** Of the endpoints in the list, as far as they were read one by one. */
  readonly health = new Map<string, Webhook["health"]>();
  status: DeliveryStatus | "" = "";
  readonly #host: ReactiveControllerHost;
  readonly #me: () => Me | null;
  #again: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, me: () => Me | null, made: <T>() => Resource<T>) {
    this.#host = host;
    this.#me = me;
    this.list = made();
    this.catalogue = made();
    this.endpoint = made();
    this.log = made();
    this.delivery = made();
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => {
      if (document.visibilityState === "visible" && navigator.onLine) this.#again?.();
    }, LOOKS_AGAIN);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }

  forget(): void {
    this.#again = null;
    this.health.clear();
    this.status = "";
  }

  /** Nothing of one endpoint is looked at any more. */
  leave(): void {
    this.#again = null;
    this.status = "";
    for (const one of [this.endpoint, this.log, this.delivery] as AnyResource[]) one.forget();
  }

  async loadList(): Promise<void> {
    const me = this.#me();
    if (!me) return;
    const came = await this.list.load(async () => {
      const { data, next_cursor } = await me.webhooks.list({ limit: PAGE });
      return { rows: data, cursor: next_cursor };
    });
    if (came) void this.#loadHealth(me, this.list.value?.rows ?? []);
  }

  async moreOfList(): Promise<void> {
    const me = this.#me();
    const known = this.list.value;
    if (!me || !known?.cursor) return;
    const { cursor } = known;
    await this.list.load(async () => {
      const { data, next_cursor } = await me.webhooks.list({ limit: PAGE, cursor });
      void this.#loadHealth(me, data);
      return { rows: [...known.rows, ...data], cursor: next_cursor };
    });
  }

  /** A list says nothing about health: each endpoint on show is read for it, two at a time. */
  async #loadHealth(me: Me, rows: Webhook[]): Promise<void> {
    const waiting = rows.filter(({ status }) => status === "active");
    const next = async (): Promise<void> => {
      for (let row = waiting.shift(); row && me === this.#me(); row = waiting.shift()) {
        const { id } = row;
        const whole = await me.webhooks.get(id).catch(() => null);
        if (whole && me === this.#me()) this.health.set(id, whole.health);
        this.#host.requestUpdate();
      }
    };
    await Promise.all([next(), next()]);
  }

  loadCatalogue(): void {
    const me = this.#me();
    if (me && !this.catalogue.value && !this.catalogue.loading)
      void this.catalogue.load(() => me.catalogue.all());
  }

  openEndpoint(id: string): void {
    this.leave();
    this.loadEndpoint(id);
    void this.loadLog(id);
    this.#again = () => {
      this.loadEndpoint(id);
      if (!this.log.loading) void this.loadLog(id);
    };
  }

  loadEndpoint(id: string): void {
    const me = this.#me();
    if (me) void this.endpoint.load(() => me.webhooks.get(id));
  }

  /** The newest page; older ones that were loaded stay below it. */
  async loadLog(id: string): Promise<void> {
    const me = this.#me();
    if (!me) return;
    const { status } = this;
    const known = this.log.value;
    await this.log.load(async () => {
      const page = await me.webhooks.deliveries(id, { limit: PAGE, status: status || undefined });
      const oldest = page.data.at(-1)?.id;
      const below = oldest && page.next_cursor ? (known?.rows ?? []).filter((row) => row.id < oldest) : [];
      const cursor = below.length > 0 ? (known?.cursor ?? null) : page.next_cursor;
      return { rows: [...page.data, ...below], cursor };
    });
  }

  async moreOfLog(id: string): Promise<void> {
    const me = this.#me();
    const known = this.log.value;
    if (!me || !known?.cursor) return;
    const query = { limit: PAGE, cursor: known.cursor, status: this.status || undefined };
    await this.log.load(async () => {
      const page = await me.webhooks.deliveries(id, query);
      return { rows: [...known.rows, ...page.data], cursor: page.next_cursor };
    });
  }

  filterLog(id: string, status: DeliveryStatus | ""): void {
    this.status = status;
    this.log.forget();
    void this.loadLog(id);
  }

  openDelivery(id: string, delivery: string): void {
    this.leave();
    this.loadEndpoint(id);
    void this.loadDelivery(id, delivery);
    this.#again = () => {
      const { value } = this.delivery;
      if (value && isUnderWay(value.status)) void this.loadDelivery(id, delivery);
    };
  }

  async loadDelivery(id: string, delivery: string): Promise<void> {
    const me = this.#me();
    if (me) await this.delivery.load(() => me.webhooks.delivery(id, delivery));
  }

  /** A webhook as the server has it now, wherever it is shown. */
  put(webhook: Webhook): void {
    this.list.update((list) => ({
      ...list,
      rows: list.rows.map((row) => (row.id === webhook.id ? webhook : row)),
    }));
    this.endpoint.update((shown) =>
      shown.id === webhook.id ? { ...webhook, health: webhook.health ?? shown.health ?? null } : shown,
    );
  }

  add(webhook: Webhook): void {
    this.list.update((list) => ({ ...list, rows: [webhook, ...list.rows] }));
  }

  remove(id: string): void {
    this.list.update((list) => ({ ...list, rows: list.rows.filter((row) => row.id !== id) }));
  }
}
