// A picture of one line on a 24 by 24 grid.

import { html, type TemplateResult } from "lit";

export function drawing(path: string, part = "glyph"): TemplateResult {
  return html`<svg part=${part} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${path} />
  </svg>`;
}
