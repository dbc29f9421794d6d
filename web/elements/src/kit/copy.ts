// Copying to the clipboard, also where a page may not use it directly: in a frame, or over plain HTTP.

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { drawing } from "./drawing.js";
import { COPY, TICK } from "./glyphs.js";

/** The button says so for this many milliseconds. */
const STAYS = 2_000;

type Host = ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment };

export class Copier implements ReactiveController {
  readonly #host: Host;
  /** What is on the clipboard now, as far as is known. */
  #copied: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#copied = null;
  }

  button({ copy, copied }: { copy: string; copied: string }, text: string): TemplateResult {
    const done = this.#copied === text;
    const label = done ? copied : copy;
    return html`<button
      class=${done ? "quiet square copy done" : "quiet square copy"}
      part="copy"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => void this.#copy(text)}
    >
      ${drawing(done ? TICK : COPY)}
    </button>`;
  }

  async #copy(text: string): Promise<void> {
    if (!(await copyText(text, this.#host.renderRoot))) return;
    this.#copied = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#copied = null;
      this.#host.requestUpdate();
    }, STAYS);
    this.#host.requestUpdate();
  }
}

async function copyText(text: string, root: DocumentFragment | HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, root);
  }
}

function copyBySelection(text: string, root: DocumentFragment | HTMLElement): boolean {
  // Inside an open dialog: outside of it nothing can be selected.
  const place = root.querySelector("dialog[open]") ?? root;
  const before = (root as ShadowRoot).activeElement as HTMLElement | null;
  const area = document.createElement("textarea");
  area.className = "hidden";
  area.value = text;
  place.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    before?.focus();
  }
}
