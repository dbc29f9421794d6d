// What all elements have in common: where the server is, who is signed in, which words and colours; and when to
// begin and to end following that.

import { LitElement, type PropertyDeclarations, type PropertyValues } from "lit";
import { usableLocale } from "./words.js";

export type TokenSource = () => Promise<string | null | undefined> | string | null | undefined;

export abstract class CampanileElement<Words extends object> extends LitElement {
  static override properties: PropertyDeclarations = {
    url: {},
    token: { attribute: false },
    tenant: {},
    theme: { reflect: true },
    locale: {},
    labels: { type: Object },
  };

  /** Where the Campanile server is. Without it: the page's own origin. */
  declare url: string;
  declare tenant: string | null;
  declare theme: "auto" | "light" | "dark";
  declare locale: string | null;
  declare labels: Partial<Words>;

  #token: TokenSource | null = null;
  /** The token was null since the last update, though the next user's may have come in the same turn. */
  #takenAway = false;
  #hadOne = false;

  constructor() {
    super();
    this.url = "";
    this.token = this.tenant = this.locale = null;
    this.theme = "auto";
    this.labels = {};
  }

  /** Gives the signed user token; null while nobody is signed in. */
  get token(): TokenSource | null {
    return this.#token;
  }

  set token(token: TokenSource | null) {
    this.#token = token;
    this.#takenAway ||= !token;
    this.#hadOne ||= Boolean(token);
  }

  /** Somebody was here, and the host page has taken the token away. */
  protected get departed(): boolean {
    return !this.#token && this.#hadOne;
  }

  /** The English words, which `labels` replaces. */
  protected abstract get english(): Words;
  /** Properties that mean another server, tenant or application: what was begun is begun anew. */
  protected abstract get restartedBy(): readonly string[];
  protected abstract get running(): boolean;
  /** Running, but without anybody signed in: another token is worth a look. */
  protected abstract get waiting(): boolean;
  protected abstract begin(): void;
  protected abstract end(): void;

  override connectedCallback(): void {
    super.connectedCallback();
    // After a move in the document nothing need have changed, and what was followed was ended all the same.
    if (this.hasUpdated) this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.end();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const other = this.restartedBy.some((name) => changed.has(name));
    if (other || this.#takenAway) this.end();
    this.#takenAway = false;
    // A page may give a new function at every render: whichever there is gets asked, and nothing is begun again.
    if (!this.running || (changed.has("token") && this.waiting)) this.#begin();
  }

  protected get words(): Words {
    return { ...this.english, ...this.labels };
  }

  protected get language(): string {
    return usableLocale(this.locale, this.closest<HTMLElement>("[lang]")?.lang, navigator.language);
  }

  /** Dispatches an event; false when the host page said that it takes over. */
  protected tell(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }));
  }

  #begin(): void {
    if (this.isConnected && this.token) this.begin();
  }
}
