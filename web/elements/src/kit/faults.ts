// What the server said is wrong with an input, by the JSON pointer it gave, for the field it belongs to.

import { ApiError } from "@campanile/client";

export class Faults {
  readonly #faults: Array<{ pointer: string; detail: string }>;

  private constructor(faults: Array<{ pointer: string; detail: string }>) {
    this.#faults = faults;
  }

  static none(): Faults {
    return new Faults([]);
  }

  /** Of a refused input; null when the error is about something else. */
  static of(error: unknown): Faults | null {
    if (!(error instanceof ApiError) || ![400, 409, 422].includes(error.status)) return null;
    const named = error.errors.map(({ pointer = "", detail = "" }) => ({ pointer, detail }));
    return new Faults(named.length > 0 ? named : [{ pointer: "", detail: error.message }]);
  }

  static at(pointer: string, detail: string): Faults {
    return new Faults([{ pointer, detail }]);
  }

  /** What is wrong with this field, or with anything inside it. */
  under(pointer: string): string | null {
    const mine = this.#faults.filter(
      (one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`),
    );
    return sentence(mine);
  }

  /** What belongs to none of these fields. */
  besides(...pointers: string[]): string | null {
    return sentence(
      this.#faults.filter(
        (one) => !pointers.some((p) => one.pointer === p || one.pointer.startsWith(`${p}/`)),
      ),
    );
  }
}

function sentence(faults: Array<{ detail: string }>): string | null {
  const said = [...new Set(faults.map(({ detail }) => detail))].join("; ");
  return said ? said.charAt(0).toUpperCase() + said.slice(1) : null;
}
