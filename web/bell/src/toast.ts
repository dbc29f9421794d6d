// The word at the foot of the panel after something happened: stays a while, longer while somebody is on it.

import type { ReactiveController, ReactiveControllerHost } from "lit";

export interface ToastText {
  text: string;
  /** The notification that can be brought back. */
  undo: string | null;
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

  say(text: string, undo: string | null = null): void {
    this.shown = { text, undo };
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
