// The word after something happened: stays a while, longer while somebody is on it.

import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from "lit";
import { drawing } from "./drawing.js";
import { TICK, WARNING } from "./glyphs.js";

export interface ToastText {
  text: string;
  /** The notification that can be brought back. */
  undo: string | null;
  tone: "plain" | "good" | "bad";
}

const STAYS = 6_000;

export class Toast implements ReactiveController {
  shown: ToastText | null = null;
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.clear();
  }

  say(text: string, undo: string | null = null, tone: ToastText["tone"] = "plain"): void {
    this.shown = { text, undo, tone };
    this.hold(false);
    this.#host.requestUpdate();
  }

  hold(hold: boolean): void {
    clearTimeout(this.#timer);
    if (!hold) this.#timer = setTimeout(() => this.clear(), STAYS);
  }

  /** Takes it away, and says what could have been undone. */
  clear(): string | null {
    clearTimeout(this.#timer);
    const undo = this.shown?.undo ?? null;
    this.shown = null;
    this.#host.requestUpdate();
    return undo;
  }
}

export interface ToastActions {
  undo(): void;
  holdToast(hold: boolean): void;
}

export function toastTemplate(toast: ToastText | null, undo: string, actions: ToastActions): TemplateResult {
  const hold = () => actions.holdToast(true);
  const release = () => actions.holdToast(false);
  return html`<div class="toast-place" role="status">
    ${
      toast
        ? html`<div
            part="toast"
            class="toast ${toast.tone}"
            @pointerenter=${hold}
            @pointerleave=${release}
            @focusin=${hold}
            @focusout=${release}
          >
            ${toast.tone === "plain" ? nothing : drawing(toast.tone === "good" ? TICK : WARNING)}
            <span>${toast.text}</span>
            ${
              toast.undo
                ? html`<button part="undo" type="button" @click=${() => actions.undo()}>${undo}</button>`
                : nothing
            }
          </div>`
        : nothing
    }
  </div>`;
}
