// Changes of one thing go to the server one after the other, in the order they were made.

export class Queue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does this after what was begun for the same key; `last` says whether nothing came after it meanwhile. */
  async run<T>(key: string, act: () => Promise<T>): Promise<{ value: T; last: boolean }> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.catch(() => {}).then(act);
    this.#last.set(key, mine);
    try {
      const value = await mine;
      return { value, last: this.#last.get(key) === mine };
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
