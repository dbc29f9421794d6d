// The browser's side beside the feed: what a signed-in user, or the holder of a portal token, may ask and change.

import { AppScope, Webhooks, type CallOptions } from "./campanile.js";
import { Credentials, type AskForToken } from "./credentials.js";
import { Http, segment, type HttpOptions } from "./http.js";
import type {
  CatalogueEntry,
  ChannelConfig,
  ChannelConfigChanges,
  ChannelTested,
  ConfigChoices,
  MergePatch,
  NewChannelConfig,
  PortalView,
  PreferenceChoices,
  Preferences,
} from "./coming.js";
import type { Page, PageQuery } from "./types.js";

export interface MeOptions extends Pick<HttpOptions, "retries" | "timeout" | "fetch" | "backoff"> {
  url: string;
  /** Gives the user's token or a portal token; null while there is none. Asked again before it ends. */
  token: AskForToken;
  /** The tenant spoken of, where a user has several. */
  tenant?: string | undefined;
  /** The webhook application; `me` is the one that the token opens. */
  app?: string | undefined;
  /** Called when a token is for somebody else than the one before, or for nobody. */
  otherUser?: () => void;
}

export class Me {
  readonly http: Http;
  readonly configs: Configs;
  readonly preferences: PreferenceCalls;
  readonly webhooks: Webhooks;
  readonly catalogue: Catalogue;

  constructor({ token, tenant, app, otherUser, ...http }: MeOptions) {
    let session = 0;
    const credentials = new Credentials(token, () => {
      session += 1;
      otherUser?.();
    });
    // Somebody waits for the answer: give up sooner than a backend would.
    this.http = new Http({
      retries: 1,
      ...http,
      credentials: (fresh) => credentials.require(fresh),
      session: () => session,
    });
    const scope = { tenant: tenant || undefined };
    this.configs = new Configs(this.http, scope);
    this.preferences = new PreferenceCalls(this.http, scope);
    this.webhooks = new Webhooks(this.http, new AppScope(app || "me"));
    this.catalogue = new Catalogue(this.http, new AppScope(app || "me"));
  }

  /** What the token opens. */
  portal(): Promise<PortalView> {
    return this.http.get("/portal");
  }
}

interface Scope {
  tenant?: string | undefined;
}

/** The channels that a tenant's admins set up. */
export class Configs {
  constructor(
    private readonly http: Http,
    private readonly scope: Scope,
  ) {}

  list(): Promise<ChannelConfig[]> {
    return this.http.get("/notifications/configs", this.scope);
  }

  choices(): Promise<ConfigChoices> {
    return this.http.get("/notifications/configs/choices", this.scope);
  }

  create(config: NewChannelConfig): Promise<ChannelConfig> {
    return this.http.create("/notifications/configs", config, { query: this.scope });
  }

  update(id: string, changes: ChannelConfigChanges): Promise<ChannelConfig> {
    const path = `/notifications/configs/${segment(id)}`;
    return this.http.send("PATCH", path, changes, { query: this.scope });
  }

  delete(id: string): Promise<void> {
    const path = `/notifications/configs/${segment(id)}`;
    return this.http.send("DELETE", path, undefined, { query: this.scope });
  }

  /** Sends a test message where the config leads. Not tried again: it may have arrived. */
  test(id: string): Promise<ChannelTested> {
    const options = { query: this.scope, retries: 0 };
    return this.http.send("POST", "/notifications/configs/test", { config_id: id }, options);
  }
}

/** What the user prefers. */
export class PreferenceCalls {
  constructor(
    private readonly http: Http,
    private readonly scope: Scope,
  ) {}

  get(): Promise<Preferences> {
    return this.http.get("/users/me/preferences", this.scope);
  }

  choices(): Promise<PreferenceChoices> {
    return this.http.get("/users/me/preferences/choices", this.scope);
  }

  patch(patch: MergePatch<Preferences>): Promise<Preferences> {
    return this.http.send("PATCH", "/users/me/preferences", patch, { query: this.scope });
  }
}

/** The event types that an application's webhooks can ask for, as they look outside. */
export class Catalogue {
  constructor(
    private readonly http: Http,
    private readonly scope: AppScope,
  ) {}

  list(query: PageQuery = {}, options: CallOptions = {}): Promise<Page<CatalogueEntry>> {
    return this.http.get(this.scope.path("/event-types", options), query);
  }

  /** All of them, page after page. */
  async all(): Promise<CatalogueEntry[]> {
    const all: CatalogueEntry[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<CatalogueEntry> = await this.list({ limit: 100, cursor });
      all.push(...page.data);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return all;
  }
}
