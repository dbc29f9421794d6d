// "Saved", said politely and shown for a moment.

import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from "lit";
import { drawing } from "./drawing.js";
import { TICK } from "./glyphs.js";

const STAYS = 2_500;

export class Saved implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #shown = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#shown = false;
  }

  say(): void {
    clearTimeout(this.#timer);
    this.#shown = true;
    this.#timer = setTimeout(() => {
      this.#shown = false;
      this.#host.requestUpdate();
    }, STAYS);
    this.#host.requestUpdate();
  }

  template(word: string): TemplateResult {
    return html`<span class="saved" part="saved" role="status" aria-live="polite"
      >${this.#shown ? html`${drawing(TICK)}${word}` : nothing}</span
    >`;
  }
}
