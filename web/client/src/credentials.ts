// Keeps the user's token: asks the host page for one, once at a time, and for a new one before it runs out.

import { readToken, type TokenClaims } from "./token.js";

/** The host page has no token to give: nobody is signed in, or the feature is not configured. */
export class SignedOut extends Error {
  constructor() {
    super("There is no user token");
    this.name = "SignedOut";
  }
}

export type AskForToken = () => Promise<string | null | undefined> | string | null | undefined;

/** A token with less time than this left is not used for another request. */
const MARGIN = 5_000;

export class Credentials {
  readonly #ask: AskForToken;
  readonly #otherUser: () => void;
  #token: string | null = null;
  #present = false;
  #claims: TokenClaims = { expiresAt: null, subject: null };
  #asking: Promise<string | null> | null = null;

  /** `otherUser` is called when a token is for somebody else than the one before, or for nobody. */
  constructor(ask: AskForToken, otherUser: () => void) {
    this.#ask = ask;
    this.#otherUser = otherUser;
  }

  /** The host page's last answer was a token, whether or not it still counts: only null signs a user out. */
  get present(): boolean {
    return this.#present;
  }

  get claims(): TokenClaims {
    return this.#claims;
  }

  /** The token at hand while it lasts, else a new one; null when the host page has none. */
  async token(fresh = false): Promise<string | null> {
    const ends = this.#claims.expiresAt;
    const usable = this.#token !== null && (ends === null || ends - MARGIN > Date.now());
    if (usable && !fresh) return this.#token;
    this.#asking ??= this.#renew().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** As `token`, for callers who cannot go on without one. */
  async require(fresh: boolean): Promise<string> {
    const token = await this.token(fresh);
    if (token === null) throw new SignedOut();
    return token;
  }

  /** The server refused this one: the next to need a token gets a new one. */
  discard(): void {
    this.#token = null;
  }

  async #renew(): Promise<string | null> {
    const token = (await this.#ask()) || null;
    this.#token = token;
    this.#present = token !== null;
    const { subject } = this.#claims;
    this.#claims = token ? readToken(token) : { expiresAt: null, subject: null };
    if (subject !== null && subject !== this.#claims.subject) this.#otherUser();
    return token;
  }
}
