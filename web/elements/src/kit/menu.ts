// A menu under its button: opened by click, Enter or an arrow key; arrows move, Escape and Tab leave.

import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from "lit";
import { drawing } from "./drawing.js";

export interface MenuItem {
  label: string;
  icon?: string;
  /** A word more, such as why it cannot be chosen. */
  note?: string | null;
  disabled?: boolean;
  danger?: boolean;
  choose(): void;
}

export interface MenuView {
  id: string;
  label: string;
  /** What is on the button; without it the label. */
  face?: TemplateResult;
  kind: string;
  items: readonly MenuItem[];
}

type Host = ReactiveControllerHost & HTMLElement & { readonly renderRoot: HTMLElement | DocumentFragment };

export class Menu implements ReactiveController {
  #open: string | null = null;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#close(false);
  }

  template({ id, label, face, kind, items }: MenuView): TemplateResult {
    const open = this.#open === id;
    return html`<span class="menu-anchor">
      <button
        id="menu-button-${id}"
        class=${kind}
        part="button menu-button"
        type="button"
        aria-haspopup="menu"
        aria-expanded=${open ? "true" : "false"}
        aria-label=${face ? label : nothing}
        title=${face ? label : nothing}
        @click=${(event: MouseEvent) => (open ? this.#close(true) : this.#show(id, event.detail === 0))}
        @keydown=${(event: KeyboardEvent) => this.#opens(event, id)}
      >
        ${face ?? label}
      </button>
      ${
        open
          ? html`<div
              class="menu"
              part="menu"
              role="menu"
              tabindex="-1"
              aria-label=${label}
              @keydown=${this.#moves}
            >
              ${items.map((item) => this.#item(item))}
            </div>`
          : nothing
      }
    </span>`;
  }

  #item({ label, icon, note, disabled = false, danger = false, choose }: MenuItem): TemplateResult {
    return html`<button
      class=${danger ? "menu-item danger" : "menu-item"}
      part="menu-item"
      type="button"
      role="menuitem"
      tabindex="-1"
      aria-disabled=${disabled ? "true" : "false"}
      @click=${() => {
        if (disabled) return;
        this.#close(true);
        choose();
      }}
    >
      ${icon ? drawing(icon) : nothing}
      <span>${label}${note ? html`<small>${note}</small>` : nothing}</span>
    </button>`;
  }

  #show(id: string, byKey: boolean): void {
    this.#open = id;
    document.addEventListener("pointerdown", this.#outside, true);
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      this.#fit();
      const target = byKey ? this.#items()[0] : this.#items()[0]?.parentElement;
      target?.focus({ preventScroll: true });
    });
  }

  /** Opens to the other side where this one leads out of the window. */
  #fit(): void {
    const menu = this.#host.renderRoot.querySelector(".menu");
    const box = menu?.getBoundingClientRect();
    if (menu && box && (box.left < 4 || box.right > document.documentElement.clientWidth - 4))
      menu.classList.add("other-side");
  }

  #close(focus: boolean): void {
    const id = this.#open;
    if (id === null) return;
    this.#open = null;
    document.removeEventListener("pointerdown", this.#outside, true);
    if (focus) this.#host.renderRoot.querySelector<HTMLElement>(`#menu-button-${id}`)?.focus();
    this.#host.requestUpdate();
  }

  readonly #outside = (event: Event): void => {
    const anchor = this.#host.renderRoot.querySelector(".menu")?.parentElement;
    if (anchor && !event.composedPath().includes(anchor)) this.#close(false);
  };

  #opens(event: KeyboardEvent, id: string): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.#show(id, true);
  }

  #items(): HTMLElement[] {
    return [...this.#host.renderRoot.querySelectorAll<HTMLElement>("[role=menuitem]")];
  }

  readonly #moves = (event: KeyboardEvent): void => {
    const items = this.#items();
    const root = this.#host.shadowRoot;
    const at = items.indexOf(root?.activeElement as HTMLElement);
    const last = items.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[
      event.key
    ];
    if (to !== undefined) {
      event.preventDefault();
      items[to]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#close(true);
    } else if (event.key === "Tab") {
      this.#close(true);
    } else if (event.key.length === 1) {
      const letter = event.key.toLowerCase();
      items.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
    }
  };
}
