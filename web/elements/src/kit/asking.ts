// An element that shows something the server has and lets it be changed, without a live line: preferences,
// channels, webhooks.

import { ApiError, ConnectionError, Me, SignedOut } from "@campanile/client";
import type { PropertyValues } from "lit";
import { closeNow } from "./dialog.js";
import { CampanileElement } from "./element.js";
import type { CommonLabels } from "./labels.js";
import { Resource, type AnyResource } from "./resource.js";
import { Toast } from "./toast.js";

export abstract class AskingElement<Words extends CommonLabels> extends CampanileElement<Words> {
  protected me: Me | null = null;
  protected readonly toast = new Toast(this);
  readonly #resources: AnyResource[] = [];

  protected get restartedBy(): readonly string[] {
    return ["url", "tenant"];
  }

  protected get running(): boolean {
    return this.me !== null;
  }

  protected get waiting(): boolean {
    const { error } = this.main;
    return error instanceof SignedOut || (error instanceof ApiError && error.status === 401);
  }

  /** What the element cannot be shown without. */
  protected abstract readonly main: AnyResource;
  /** Asks for what the element shows. */
  protected abstract load(): void;
  /** Somebody else is here, or nobody: drafts and dialogs go, as what was loaded has. */
  protected abstract forget(): void;

  protected resource<T>(): Resource<T> {
    const made = new Resource<T>(this);
    this.#resources.push(made);
    return made;
  }

  protected begin(): void {
    this.me ??= this.meet(() => this.#otherUser());
    this.load();
  }

  protected meet(otherUser: () => void): Me {
    return new Me({
      url: this.url || location.origin,
      token: () => this.token?.() ?? null,
      tenant: this.tenant ?? undefined,
      otherUser,
    });
  }

  protected end(): void {
    this.me = null;
    this.#forgetAll();
    if (this.departed) this.main.error = new SignedOut();
  }

  /** The request that found out ends; what it was to bring is asked for anew, as whoever is here now. */
  #otherUser(): void {
    const { me } = this;
    this.#forgetAll();
    queueMicrotask(() => me && me === this.me && this.load());
  }

  #forgetAll(): void {
    for (const resource of this.#resources) resource.forget();
    this.toast.clear();
    this.forget();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("online", this.#network);
    addEventListener("offline", this.#network);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("online", this.#network);
    removeEventListener("offline", this.#network);
  }

  readonly #network = (): void => {
    if (navigator.onLine && this.#resources.some(({ error }) => error)) this.load();
    this.requestUpdate();
  };

  /** Where the keyboard goes as soon as there is such a thing: what a new view is to show may be on its way. */
  protected focusWhenThere: string | null = null;

  /** Dialogs are modal: opened as soon as they are on the page. */
  protected override updated(_changed: PropertyValues): void {
    const wanted = this.focusWhenThere && this.renderRoot.querySelector<HTMLElement>(this.focusWhenThere);
    if (wanted) {
      this.focusWhenThere = null;
      wanted.focus();
    }
    for (const dialog of this.renderRoot.querySelectorAll<HTMLDialogElement>("dialog:not([open])")) {
      dialog.showModal();
    }
  }

  protected closeDialog(): void {
    closeNow(this.renderRoot.querySelector<HTMLDialogElement>("dialog[open]"));
  }

  /** Does something for the user; says so when it did not go through, and gives whether it did. */
  protected async attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  protected failed(error: unknown): void {
    if (error instanceof SignedOut) return this.lost(error);
    if (error instanceof ApiError && error.status === 401) return this.lost(error);
    const words = this.words;
    const text = error instanceof ApiError && error.status < 500 ? error.message : words.changeFailed;
    this.toast.say(error instanceof ConnectionError ? words.changeFailed : text, null, "bad");
  }

  /** The session is over: what is shown stays, with a word about that. */
  protected lost(error: Error): void {
    this.main.error = error;
    this.requestUpdate();
  }

  /** Gives the keyboard to what this finds, once it is there. */
  protected async focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }
}
