// A line over what was last loaded: the network is away, or the session has ended.

import { html, nothing, type TemplateResult } from "lit";
import { drawing } from "./drawing.js";
import { CLOUD_OFF } from "./glyphs.js";

export function noticeTemplate(
  state: string,
  words: { offline: string; expired: string },
): TemplateResult | typeof nothing {
  const text = state === "offline" ? words.offline : state === "expired" ? words.expired : null;
  return text
    ? html`<p part="notice" class="notice" role="status">${drawing(CLOUD_OFF)}${text}</p>`
    : nothing;
}
