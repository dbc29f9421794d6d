// Choosing event types: all, or some of the catalogue, found by searching and taken by group or one by one.

import type { CatalogueEntry } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { checkTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { SEARCH } from "../kit/glyphs.js";
import { plural } from "../kit/words.js";
import type { Words } from "./view.js";

export interface PickerView extends Words {
  entries: readonly CatalogueEntry[];
  /** Null is all. */
  chosen: readonly string[] | null;
  search: string;
  fault: string | null;
  choose(chosen: string[] | null): void;
  find(text: string): void;
}

export function pickerTemplate(view: PickerView): TemplateResult {
  const { words, chosen, fault, choose } = view;
  const radio = (label: string, on: boolean, pick: () => void) =>
    html`<label class="radio"
      ><input type="radio" name="events" .checked=${on} @change=${pick} /><span>${label}</span></label
    >`;
  return html`<fieldset class="picker" part="picker" aria-describedby=${fault ? "events-fault" : nothing}>
    <legend>${words.events}</legend>
    ${radio(words.chooseAll, chosen === null, () => choose(null))}
    ${radio(words.chooseSome, chosen !== null, () => choose([]))} ${chosen ? choices(view, chosen) : nothing}
    ${fault ? html`<p id="events-fault" class="fault">${fault}</p>` : nothing}
  </fieldset>`;
}

function choices(view: PickerView, chosen: readonly string[]): TemplateResult {
  const { words, locale, entries, search } = view;
  if (entries.length === 0 && chosen.length === 0) return html`<p class="hint">${words.noEvents}</p>`;
  const groups = grouped(withMissing(entries, chosen).filter((entry) => matches(entry, search)));
  return html`<div class="choices">
    <div class="choices-head">
      ${searchField(words.searchEvents, search, (text) => view.find(text))}
      <span class="hint" role="status">${plural(words.chosen, chosen.length, locale)}</span>
    </div>
    <div class="choices-scroll">
      ${groups.length === 0 ? html`<p class="hint none-found">${words.noEventFound}</p>` : nothing}
      ${groups.map(([category, group]) => groupTemplate(category, group, chosen, view))}
    </div>
  </div>`;
}

function groupTemplate(
  category: string,
  group: CatalogueEntry[],
  chosen: readonly string[],
  { choose }: PickerView,
): TemplateResult {
  const names = group.map(({ name }) => name);
  const on = names.filter((name) => chosen.includes(name)).length;
  const others = chosen.filter((name) => !names.includes(name));
  return html`<div class="group" role="group" aria-label=${category}>
    ${checkTemplate({
      label: html`<strong>${category}</strong>`,
      checked: on === names.length,
      mixed: on > 0 && on < names.length,
      toggle: () => choose(on === names.length ? others : [...others, ...names]),
    })}
    <div class="group-items">
      ${group.map(({ name, description }) =>
        checkTemplate({
          label: html`<span class="mono">${name}</span>${
              description ? html`<small>${description}</small>` : nothing
            }`,
          checked: chosen.includes(name),
          toggle: (take) => choose(take ? [...chosen, name] : chosen.filter((one) => one !== name)),
        }),
      )}
    </div>
  </div>`;
}

/** What is chosen and no longer in the catalogue must not be lost without being seen. */
function withMissing(entries: readonly CatalogueEntry[], chosen: readonly string[]): CatalogueEntry[] {
  const missing = chosen.filter((name) => !entries.some((entry) => entry.name === name));
  const bare = { title: null, description: "", version: "", schema: null, sample: null };
  return [...entries, ...missing.map((name) => ({ ...bare, name, category: name.split(".")[0] ?? name }))];
}

export function matches(entry: CatalogueEntry, search: string): boolean {
  const text = `${entry.name} ${entry.title ?? ""} ${entry.category} ${entry.description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function grouped(entries: readonly CatalogueEntry[]): Array<[string, CatalogueEntry[]]> {
  const groups = new Map<string, CatalogueEntry[]>();
  for (const entry of entries) groups.set(entry.category, [...(groups.get(entry.category) ?? []), entry]);
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

export function searchField(label: string, value: string, find: (text: string) => void): TemplateResult {
  return html`<span class="search">
    ${drawing(SEARCH)}
    <input
      class="input"
      part="input search"
      type="search"
      aria-label=${label}
      placeholder=${label}
      autocomplete="off"
      spellcheck="false"
      .value=${value}
      @input=${(event: Event) => find((event.currentTarget as HTMLInputElement).value)}
    />
  </span>`;
}
