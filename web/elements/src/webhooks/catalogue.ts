// What can happen: every event type with what its data looks like.

import type { CatalogueEntry } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import type { Copier } from "../kit/copy.js";
import { drawing } from "../kit/drawing.js";
import { DOWN } from "../kit/glyphs.js";
import { codeTemplate } from "../kit/json.js";
import { fill } from "../kit/words.js";
import { grouped, matches, searchField } from "./picker.js";
import type { Words } from "./view.js";

export interface CatalogueView extends Words {
  search: string;
  /** The event types whose details are open. */
  opened: ReadonlySet<string>;
  find(text: string): void;
  toggle(name: string): void;
  copier: Copier;
}

export function catalogueTemplate(entries: readonly CatalogueEntry[], view: CatalogueView): TemplateResult {
  const { words, search } = view;
  if (entries.length === 0) return html`<p class="card pad muted" part="empty">${words.noEvents}</p>`;
  const groups = grouped(entries.filter((entry) => matches(entry, search)));
  return html`<div class="catalogue-search">
      ${searchField(words.searchEvents, search, (text) => view.find(text))}
    </div>
    ${groups.length === 0 ? html`<p class="card pad muted" role="status">${words.noEventFound}</p>` : nothing}
    ${groups.map(
      ([category, group]) =>
        html`<section class="section" aria-label=${category}>
          <h3>${category}</h3>
          <ul class="card rows" part="card" role="list">
            ${group.map((entry) => entryTemplate(entry, view))}
          </ul>
        </section>`,
    )}`;
}

function entryTemplate(entry: CatalogueEntry, view: CatalogueView): TemplateResult {
  const { name, description } = entry;
  const open = view.opened.has(name);
  const id = `event-${name.replace(/\W/g, "-")}`;
  return html`<li class="entry" part="entry">
    <div class="line">
      <button
        class="line-main"
        type="button"
        aria-expanded=${open ? "true" : "false"}
        aria-controls=${id}
        @click=${() => view.toggle(name)}
      >
        <span class="line-title mono">${name}</span>
      </button>
      <span class="line-note">${description}</span>
      <span class="line-end turn">${drawing(DOWN)}</span>
    </div>
    <div id=${id}>${open ? details(entry, view) : nothing}</div>
  </li>`;
}

function details({ name, version, schema, sample }: CatalogueEntry, view: CatalogueView): TemplateResult {
  const { words } = view;
  const block = (title: string, value: unknown, none: string) => {
    if (value === null || value === undefined) return html`<p class="hint">${none}</p>`;
    const text = JSON.stringify(value);
    return html`<div>
      <div class="code-head">
        <h4 class="section-label">${title}</h4>
        ${view.copier.button(words, JSON.stringify(value, null, 2))}
      </div>
      ${codeTemplate(text, `${title}, ${name}`)}
    </div>`;
  };
  return html`<div class="details" part="details">
    ${version ? html`<p class="hint">${fill(words.version, { name: version })}</p>` : nothing}
    <div class="pair">
      ${block(words.sample, sample, words.noSample)} ${block(words.schema, schema, words.noSchema)}
    </div>
  </div>`;
}
