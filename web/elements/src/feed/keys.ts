// Moving through the list with the keyboard: one item is reached by Tab, the arrow keys make another the one.

import type { ReactiveController, ReactiveControllerHost } from "lit";

/** The id of the item to move to for this key; null when the key does not move. */
export function moveTo(key: string, ids: readonly string[], current: string | null): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: ids.length - 1 }[key];
  if (to === undefined || ids.length === 0) return null;
  return ids[Math.min(Math.max(0, to), ids.length - 1)] ?? null;
}

/** Who has the keyboard when this one is gone: the next below, else the one above. */
export function neighbour(ids: readonly string[], gone: string): string | null {
  const at = ids.indexOf(gone);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

/** Who has the keyboard in the list, and who gets it as soon as it is there. */
export class Roving implements ReactiveController {
  /** The item that Tab reaches. */
  current: string | null = null;
  #wanted: string | "first" | null = null;
  readonly #host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null };
  readonly #panel: () => HTMLElement | null;

  constructor(
    host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null },
    panel: () => HTMLElement | null,
  ) {
    this.#host = host;
    this.#panel = panel;
    host.addController(this);
  }

  /** Gives the keyboard to this item, to the first one, or (null) to what holds the list. */
  give(to: string | "first" | null): void {
    this.#wanted = to;
    if (to === null) this.#panel()?.focus();
    else if (to !== "first") this.current = to;
    this.#host.requestUpdate();
  }

  forget(): void {
    this.current = this.#wanted = null;
  }

  hostUpdated(): void {
    const panel = this.#panel();
    const closed = panel?.popover && !panel.matches(":popover-open");
    if (!this.#wanted || !panel || closed) return;
    const rows = [...panel.querySelectorAll<HTMLElement>("li[data-id]")];
    const row =
      this.#wanted === "first" ? rows[0] : rows.find(({ dataset }) => dataset["id"] === this.#wanted);
    if (row) {
      this.#wanted = null;
      this.current = row.dataset["id"] ?? null;
      row.querySelector<HTMLElement>(".main")?.focus();
      row.scrollIntoView({ block: "nearest" });
    } else if (!this.#host.shadowRoot?.activeElement) {
      // What had the focus is gone and what shall have it is not there yet: keep the keyboard here.
      panel.focus();
    }
  }
}
