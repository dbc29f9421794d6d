// Something asked of the server: what came, what went wrong, and whether it is on its way. The latest ask counts.
// What the user changed lies over it as layers until the server said yes or no, so that a refusal is undone by
// taking its layer away, whatever else was changed meanwhile.

import type { ReactiveControllerHost } from "lit";

export type Layer<T> = (value: T) => T;

/** What can be said of a resource whatever it holds. */
export interface AnyResource {
  error: Error | null;
  readonly loading: boolean;
  forget(): void;
}

export class Resource<T> implements AnyResource {
  error: Error | null = null;
  loading = false;
  readonly #host: ReactiveControllerHost;
  #known: T | undefined;
  #layers: Array<Layer<T>> = [];
  #shown: T | undefined;
  #asked = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** What to show: the server's word with the user's changes over it. */
  get value(): T | undefined {
    const known = this.#known;
    if (known === undefined) return undefined;
    this.#shown ??= this.#layers.reduce<T>((value, layer) => layer(value), known);
    return this.#shown;
  }

  /** Asks; gives whether the answer came and was still wanted. */
  async load(ask: () => Promise<T>): Promise<boolean> {
    const asked = (this.#asked += 1);
    this.loading = true;
    this.#changed();
    try {
      const value = await ask();
      if (asked !== this.#asked) return false;
      this.#known = value;
      this.error = null;
      return true;
    } catch (error) {
      if (asked === this.#asked) this.error = error instanceof Error ? error : new Error(String(error));
      return false;
    } finally {
      if (asked === this.#asked) this.loading = false;
      this.#changed();
    }
  }

  /** The server is known to have changed. */
  update(change: Layer<T>): void {
    if (this.#known !== undefined) this.#known = change(this.#known);
    this.#changed();
  }

  /** Shows a change that the server has not agreed to yet. */
  lay(layer: Layer<T>): void {
    this.#layers.push(layer);
    this.#changed();
  }

  /** The server agreed: what was laid over is now below. */
  keep(layer: Layer<T>): void {
    this.lift(layer);
    this.update(layer);
  }

  /** The server refused: as if it had not been. */
  lift(layer: Layer<T>): void {
    this.#layers = this.#layers.filter((one) => one !== layer);
    this.#changed();
  }

  /** What is on its way is not wanted any more. */
  forget(): void {
    this.#asked += 1;
    this.#known = undefined;
    this.#layers = [];
    this.error = null;
    this.loading = false;
    this.#changed();
  }

  #changed(): void {
    this.#shown = undefined;
    this.#host.requestUpdate();
  }
}
