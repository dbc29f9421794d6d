// <campanile-bell>: the button with its number, the panel it opens, and the feed behind both.

import type { FeedItem, FeedSnapshot } from "@campanile/client";
import { html, nothing, unsafeCSS, type PropertyDeclarations, type TemplateResult } from "lit";
import { FeedElement } from "../feed/element.js";
import { PATHS } from "../feed/icons.js";
import { moveTo } from "../feed/keys.js";
import { ENGLISH, type Labels } from "../feed/labels.js";
import listStyles from "../feed/list.css?inline";
import { drawing } from "../kit/drawing.js";
import { Floating } from "../kit/floating.js";
import type { Placement } from "../kit/placement.js";
import stateStyles from "../kit/states.css?inline";
import tabStyles from "../kit/tabs.css?inline";
import tokens from "../kit/tokens.css?inline";
import { plural } from "../kit/words.js";
import bellStyles from "./bell.css?inline";
import panelStyles from "./panel.css?inline";
import { panelTemplate, type PanelView } from "./panel.js";

export class CampanileBell extends FeedElement<Labels> {
  static override styles = [tokens, bellStyles, stateStyles, tabStyles, panelStyles, listStyles].map((css) =>
    unsafeCSS(css),
  );
  static override properties: PropertyDeclarations = {
    placement: {},
    settingsHref: { attribute: "settings-href" },
    expanded: { state: true },
  };

  declare placement: Placement;
  declare settingsHref: string | null;
  declare private expanded: boolean;

  readonly #floating = new Floating({
    host: this,
    button: () => this.#button,
    panel: () => this.list,
    placement: () => this.placement,
    leave: (how) => (how === "escape" ? this.#closeToButton() : this.#leftByPointer()),
  });
  /** The keyboard was here when the feed was changed for another: it comes back with the button. */
  #focusDue = false;

  constructor() {
    super();
    this.settingsHref = null;
    this.placement = "bottom-end";
    this.expanded = false;
  }

  protected get english(): Labels {
    return ENGLISH;
  }

  protected get list(): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>("#panel") ?? null;
  }

  protected get shown(): readonly FeedItem[] {
    const { items = [], fresh = 0 } = this.snapshot ?? {};
    return this.tab === "unread" ? items.slice(0, fresh) : items;
  }

  protected override updated(): void {
    if (this.#focusDue && this.#button) {
      this.#focusDue = false;
      this.#takeLostFocus();
    }
    if (this.expanded) this.watchEnd(this.snapshot?.loading ?? false);
  }

  show(): void {
    if (this.expanded || !this.snapshot?.signedIn) return;
    this.expanded = true;
    this.now = Date.now();
    void this.feed?.load();
    void this.feed?.markAllSeen();
    void this.updateComplete.then(() => this.#opened());
  }

  close(): void {
    if (!this.expanded) return;
    this.expanded = false;
    this.roving.forget();
    this.toast.clear();
    this.lookAway();
    this.#floating.hide();
    this.feed?.settle();
    this.tell("campanile-close", {});
  }

  protected override render(): TemplateResult | typeof nothing {
    const { snapshot } = this;
    if (!snapshot?.signedIn) return nothing;
    const { unread } = snapshot.counters;
    const texts = this.words;
    const count = unread > 0 ? `, ${plural(texts.unread, unread, this.language)}` : "";
    return html`<button
        id="bell"
        part="button"
        type="button"
        aria-haspopup="dialog"
        aria-expanded=${this.expanded ? "true" : "false"}
        aria-controls="panel"
        aria-label="${texts.notifications}${count}"
        @click=${this.#toggle}
        @keydown=${this.#openByArrow}
      >
        <slot name="icon">${drawing(PATHS.bell)}</slot>
        ${
          unread > 0
            ? html`<span part="badge" class="badge" aria-hidden="true">${unread > 99 ? "99+" : unread}</span>`
            : nothing
        }
      </button>
      <div
        id="panel"
        part="panel"
        role="dialog"
        aria-labelledby="title"
        popover="manual"
        tabindex="-1"
        @keydown=${this.#keydown}
        @focusout=${this.#focusLeft}
      >
        ${this.expanded ? panelTemplate(this.#view(snapshot)) : nothing}
      </div>
      <div class="hidden" role="status" aria-live="polite">${this.announcement.text}</div>`;
  }

  #view(snapshot: FeedSnapshot): PanelView {
    return {
      ...this.itemView(),
      snapshot,
      items: this.shown,
      tab: this.tab,
      toast: this.toast.shown,
      settingsHref: this.settingsHref,
      tools: (item) => [
        { name: "dismiss", label: this.words.dismiss, path: PATHS.cross, act: () => this.dismiss(item.id) },
      ],
      choose: (tab) => this.#choose(tab),
      markAll: () => void this.done(this.feed?.markAllRead()),
      retry: () => void this.feed?.loadMore(),
      undo: () => this.undo(),
      close: () => this.#closeToButton(),
      holdToast: (hold) => this.toast.hold(hold),
    };
  }

  get #button(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>("#bell");
  }

  get #hasFocus(): boolean {
    return this.contains((this.getRootNode() as Document | ShadowRoot).activeElement);
  }

  protected override end(): void {
    this.#focusDue = Boolean(this.token) && (this.#focusDue || this.#hasFocus);
    this.close();
    super.end();
  }

  protected signedOut(snapshot: FeedSnapshot): void {
    // Whoever signs in later has the keyboard where they need it.
    if (snapshot.state !== "connecting") this.#focusDue = false;
    this.close();
  }

  protected otherUser(): void {
    if (this.#hasFocus) this.#closeToButton();
    else this.close();
  }

  protected override followed(): void {
    this.close();
  }

  #choose(tab: string): void {
    if (tab === this.tab) return;
    this.tab = tab;
    this.feed?.settle();
  }

  #toggle(event: MouseEvent): void {
    if (this.expanded) this.close();
    else {
      this.show();
      // A click made by a key has no place on the screen: whoever uses keys wants the first item.
      if (event.detail === 0) this.roving.give("first");
    }
  }

  #openByArrow(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.show();
    this.roving.give("first");
  }

  #opened(): void {
    const panel = this.list;
    if (!panel || !this.expanded) return;
    this.#floating.show();
    panel.focus({ preventScroll: true });
    this.look(panel.querySelector(".scroll"), () => void this.feed?.loadMore());
    this.requestUpdate();
    this.tell("campanile-open", {});
  }

  #leftByPointer(): void {
    this.close();
    // The click gives the focus to what was clicked. Where that takes none, it goes back to the bell.
    setTimeout(() => this.#takeLostFocus());
  }

  #takeLostFocus(): void {
    if (!document.activeElement || document.activeElement === document.body) this.#button?.focus();
  }

  #closeToButton(): void {
    this.close();
    this.#button?.focus();
  }

  /** Tabbing out of the panel leaves it, as clicking outside does. */
  #focusLeft(event: FocusEvent): void {
    const to = event.relatedTarget;
    if (to instanceof Node && to !== this && !this.renderRoot.contains(to) && !this.contains(to))
      this.close();
  }

  #keydown(event: KeyboardEvent): void {
    const target = event.target as Element;
    if (target.closest("[role=tablist]") && event.key !== "ArrowDown") return;
    const row = target.closest<HTMLElement>("li[data-id]");
    const id = row?.dataset["id"] ?? null;
    const to = moveTo(event.key, this.ids, id);
    if (to !== null) {
      event.preventDefault();
      this.roving.give(to);
    } else if (id !== null && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      this.dismiss(id);
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && this.toast.shown?.undo) {
      event.preventDefault();
      this.undo();
    }
  }
}
