// A panel as a thing above the page: shown in the top layer, kept beside its button, closed from outside.

import { place, type Placement } from "./placement.js";

export interface FloatingParts {
  host: HTMLElement;
  button(): HTMLElement | null;
  panel(): HTMLElement | null;
  placement(): Placement;
  /** Escape was pressed, or the page outside was clicked. */
  leave(how: "escape" | "outside"): void;
}

export class Floating {
  readonly #parts: FloatingParts;

  constructor(parts: FloatingParts) {
    this.#parts = parts;
  }

  show(): void {
    const panel = this.#parts.panel();
    if (!panel) return;
    panel.showPopover();
    this.#place();
    document.addEventListener("pointerdown", this.#pointer, true);
    document.addEventListener("keydown", this.#key, true);
    addEventListener("resize", this.#place);
    addEventListener("scroll", this.#scroll, true);
  }

  hide(): void {
    const panel = this.#parts.panel();
    if (panel?.isConnected && panel.matches(":popover-open")) panel.hidePopover();
    document.removeEventListener("pointerdown", this.#pointer, true);
    document.removeEventListener("keydown", this.#key, true);
    removeEventListener("resize", this.#place);
    removeEventListener("scroll", this.#scroll, true);
  }

  readonly #place = (): void => {
    const { host, button, panel, placement } = this.#parts;
    const anchor = button()?.getBoundingClientRect();
    const floating = panel();
    if (!anchor || !floating) return;
    place(floating, anchor, placement(), getComputedStyle(host).direction === "rtl");
  };

  /** The page moved under the panel. Scrolling inside the panel moves nothing. */
  readonly #scroll = (event: Event): void => {
    const panel = this.#parts.panel();
    if (!panel || !event.composedPath().includes(panel)) this.#place();
  };

  readonly #pointer = (event: Event): void => {
    if (!event.composedPath().includes(this.#parts.host)) this.#parts.leave("outside");
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    this.#parts.leave("escape");
  };
}
