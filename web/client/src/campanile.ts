// The server side: what a product's backend says to Campanile. One small group of calls per noun.

import type { FullDelivery } from "./coming.js";
import { freshKey, Http, segment, type HttpOptions, type RequestOptions } from "./http.js";
import type {
  Application,
  ApplicationChanges,
  ApplicationKey,
  Delivery,
  EventRecord,
  FeedItem,
  FeedPage,
  FreshApplicationKey,
  FreshWebhook,
  NewApplication,
  NewApplicationKey,
  NewEvent,
  NewNotification,
  NewUserToken,
  NewWebhook,
  NotificationSent,
  NotificationStatus,
  Page,
  PageQuery,
  Published,
  PublishedBatch,
  User,
  UserProfile,
  UserToken,
  Webhook,
  WebhookChanges,
} from "./types.js";

export interface CampanileOptions extends Pick<
  HttpOptions,
  "url" | "retries" | "timeout" | "fetch" | "backoff"
> {
  /** An environment's key (`sk_…`) or one application's (`ak_…`). Never in a browser. */
  key: string;
  /** The application that `events`, `notifications` and `webhooks` speak for, where a call names none. */
  app?: string;
}

/** Options of one call. */
export interface CallOptions {
  app?: string;
  /** Repeats of the call with the same key give the same answer; made up when not given. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** The largest batch the server takes; longer ones are cut by `publishBatch`. */
const LARGEST_BATCH = 1000;

export class Campanile {
  readonly http: Http;
  readonly events: Events;
  readonly notifications: Notifications;
  readonly apps: Apps;
  readonly webhooks: Webhooks;
  readonly users: Users;
  readonly tokens: Tokens;

  constructor(options: CampanileOptions) {
    const { key, app, ...http } = options;
    this.http = new Http({ ...http, credentials: async () => key });
    const scope = new AppScope(app);
    this.events = new Events(this.http, scope);
    this.notifications = new Notifications(this.http, scope);
    this.apps = new Apps(this.http);
    this.webhooks = new Webhooks(this.http, scope);
    this.users = new Users(this.http);
    this.tokens = new Tokens(this.http);
  }
}

/** Which application a call is for: the one it names, else the client's own. */
export class AppScope {
  constructor(private readonly own: string | undefined) {}

  path(rest: string, options: CallOptions): string {
    const app = options.app ?? this.own;
    if (!app) throw new TypeError("Name an application: new Campanile({ app }) or the call's { app }");
    return `/apps/${segment(app)}${rest}`;
  }
}

function request(options: CallOptions): RequestOptions {
  const result: RequestOptions = { signal: options.signal };
  if (options.idempotencyKey) result.idempotencyKey = options.idempotencyKey;
  return result;
}

export class Events {
  constructor(
    private readonly http: Http,
    private readonly scope: AppScope,
  ) {}

  publish(event: NewEvent, options: CallOptions = {}): Promise<Published> {
    return this.http.create(this.scope.path("/events", options), event, request(options));
  }

  /** Publishes any number of events, a thousand a request, in order. Indexes are those of `events`. */
  async publishBatch(events: NewEvent[], options: CallOptions = {}): Promise<PublishedBatch> {
    const path = this.scope.path("/events/batch", options);
    const all: PublishedBatch = { data: [], errors: [] };
    for (let start = 0; start < events.length; start += LARGEST_BATCH) {
      const call = request(options);
      // One key per slice: the same key with another body would be refused.
      if (call.idempotencyKey && start > 0) call.idempotencyKey += `-${start}`;
      const slice = { events: events.slice(start, start + LARGEST_BATCH) };
      const answer = await this.http.create<PublishedBatch>(path, slice, call);
      all.data.push(...answer.data.map((row) => ({ ...row, index: row.index + start })));
      all.errors.push(...answer.errors.map((row) => ({ ...row, index: row.index + start })));
    }
    return all;
  }

  list(
    query: PageQuery & { type?: string; tenant?: string; user?: string; from?: string; to?: string } = {},
    options: CallOptions = {},
  ): Promise<Page<EventRecord>> {
    return this.http.get(this.scope.path("/events", options), query, request(options));
  }

  get(id: string, options: CallOptions = {}): Promise<EventRecord> {
    return this.http.get(this.scope.path(`/events/${segment(id)}`, options), undefined, request(options));
  }
}

export class Notifications {
  constructor(
    private readonly http: Http,
    private readonly scope: AppScope,
  ) {}

  send(notification: NewNotification, options: CallOptions = {}): Promise<NotificationSent> {
    return this.http.create(this.scope.path("/notifications", options), notification, request(options));
  }

  list(
    user: string,
    query: PageQuery & { status?: NotificationStatus; app?: string; tenant?: string } = {},
  ): Promise<FeedPage> {
    return this.http.get(`/users/${segment(user)}/notifications`, query);
  }

  /** Sets one user's state of one notification. */
  mark(
    user: string,
    id: string,
    status: Exclude<NotificationStatus, "expired">,
    action?: string,
  ): Promise<FeedItem> {
    return this.http
      .request<FeedItem>("PATCH", `/notifications/${segment(id)}`, {
        query: { user },
        body: { status, action },
        ...(status === "clicked" && { idempotencyKey: freshKey() }),
      })
      .then((answer) => answer.body);
  }
}

export class Apps {
  constructor(private readonly http: Http) {}

  /** Makes the application; the same `uid` gives back the one there is. */
  create(app: NewApplication, options: CallOptions = {}): Promise<Application> {
    return this.http.create("/apps", app, request(options));
  }

  list(query: PageQuery = {}): Promise<Page<Application>> {
    return this.http.get("/apps", query);
  }

  get(app: string): Promise<Application> {
    return this.http.get(`/apps/${segment(app)}`);
  }

  update(app: string, patch: ApplicationChanges): Promise<Application> {
    return this.http.send("PATCH", `/apps/${segment(app)}`, patch);
  }

  delete(app: string): Promise<void> {
    return this.http.send("DELETE", `/apps/${segment(app)}`);
  }

  createKey(app: string, key: NewApplicationKey = {}): Promise<FreshApplicationKey> {
    return this.http.create(`/apps/${segment(app)}/keys`, key);
  }

  listKeys(app: string, query: PageQuery = {}): Promise<Page<ApplicationKey>> {
    return this.http.get(`/apps/${segment(app)}/keys`, query);
  }

  deleteKey(app: string, id: string): Promise<void> {
    return this.http.send("DELETE", `/apps/${segment(app)}/keys/${segment(id)}`);
  }
}

export class Webhooks {
  constructor(
    private readonly http: Http,
    private readonly scope: AppScope,
  ) {}

  create(webhook: NewWebhook, options: CallOptions = {}): Promise<FreshWebhook> {
    return this.http.create(this.scope.path("/webhooks", options), webhook, request(options));
  }

  list(query: PageQuery = {}, options: CallOptions = {}): Promise<Page<Webhook>> {
    return this.http.get(this.scope.path("/webhooks", options), query, request(options));
  }

  get(id: string, options: CallOptions = {}): Promise<Webhook> {
    return this.http.get(this.#path(id, "", options), undefined, request(options));
  }

  update(id: string, patch: WebhookChanges, options: CallOptions = {}): Promise<Webhook> {
    return this.http.send("PATCH", this.#path(id, "", options), patch, request(options));
  }

  delete(id: string, options: CallOptions = {}): Promise<void> {
    return this.http.send("DELETE", this.#path(id, "", options), undefined, request(options));
  }

  rotateSecret(id: string, graceSeconds?: number, options: CallOptions = {}): Promise<{ secret: string }> {
    const body = { grace_seconds: graceSeconds };
    return this.http.create(this.#path(id, "/rotate-secret", options), body, request(options));
  }

  test(id: string, options: CallOptions = {}): Promise<{ delivery_id: string }> {
    return this.http.create(this.#path(id, "/test", options), {}, request(options));
  }

  /** Sends again what this endpoint did not get since then. */
  recover(
    id: string,
    span: { since: string; until?: string },
    options: CallOptions = {},
  ): Promise<{ ok: boolean }> {
    return this.http.create(this.#path(id, "/recover", options), span, request(options));
  }

  deliveries(
    id: string,
    query: PageQuery & { status?: Delivery["status"] | undefined; event?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<Page<Delivery>> {
    return this.http.get(this.#path(id, "/deliveries", options), query, request(options));
  }

  /** One delivery with what was sent and each answer. */
  delivery(id: string, delivery: string, options: CallOptions = {}): Promise<FullDelivery> {
    const path = `/deliveries/${segment(delivery)}`;
    return this.http.get(this.#path(id, path, options), undefined, request(options));
  }

  /** Sends it again, at once and with a fresh set of retries. */
  retry(id: string, delivery: string, options: CallOptions = {}): Promise<{ ok: boolean }> {
    const path = `/deliveries/${segment(delivery)}/retry`;
    return this.http.create(this.#path(id, path, options), {}, request(options));
  }

  #path(id: string, rest: string, options: CallOptions): string {
    return this.scope.path(`/webhooks/${segment(id)}${rest}`, options);
  }
}

export class Users {
  constructor(private readonly http: Http) {}

  put(user: string, profile: UserProfile): Promise<User> {
    return this.http.send("PUT", `/users/${segment(user)}`, profile);
  }

  get(user: string): Promise<User> {
    return this.http.get(`/users/${segment(user)}`);
  }

  list(query: PageQuery = {}): Promise<Page<User>> {
    return this.http.get("/users", query);
  }

  delete(user: string): Promise<void> {
    return this.http.send("DELETE", `/users/${segment(user)}`);
  }
}

export class Tokens {
  constructor(private readonly http: Http) {}

  /** A token for one user's browser. Hand it out only to the user it is for. */
  create(user: string, options: NewUserToken = {}): Promise<UserToken> {
    return this.http.create(`/users/${segment(user)}/token`, options);
  }
}
