// What a screen reader is told of what came in: one sentence for what came together, spoken each time.

import type { ReactiveControllerHost } from "lit";

/** What comes in within this many milliseconds is told in one sentence. */
const GATHERS = 300;
/** Then the sentence goes: the same one again in the same place would not be spoken. */
const STAYS = 2_000;

export class Announcement {
  text = "";
  readonly #host: ReactiveControllerHost;
  readonly #words: (count: number) => string;
  #total = 0;
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, words: (count: number) => string) {
    this.#host = host;
    this.#words = words;
  }

  /** So many came in since the feed began. */
  arrived(total: number): void {
    if (total === this.#total) return;
    if (this.#total === this.#told) this.#become("", GATHERS, () => this.#tell());
    this.#total = total;
  }

  /** Another feed counts from the beginning. */
  forget(): void {
    this.#total = this.#told = 0;
    this.#become("");
  }

  #tell(): void {
    const count = this.#total - this.#told;
    this.#told = this.#total;
    this.#become(this.#words(count), STAYS, () => this.#become(""));
  }

  #become(text: string, lasts = 0, next?: () => void): void {
    clearTimeout(this.#timer);
    if (next) this.#timer = setTimeout(next, lasts);
    this.text = text;
    this.#host.requestUpdate();
  }
}
