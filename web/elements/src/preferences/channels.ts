// The channels as wholes, and how often each may ring; and the plain lists of categories and applications.

import type { PreferenceChoices } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { selectTemplate, switchTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { fill } from "../kit/words.js";
import { dayNames, DAYS, readFrequency, SPANS, type Day, type Frequency } from "./times.js";
import { channelIcon, section, type PreferenceView } from "./view.js";

type Channel = PreferenceChoices["channels"][number];

export function channelsSection(view: PreferenceView): TemplateResult | typeof nothing {
  const { choices, words } = view;
  if (choices.channels.length === 0) return nothing;
  return section(
    "channels",
    words.channels,
    words.channelsHint,
    html`<ul class="card rows" part="card" role="list">
      ${choices.channels.map((one) => channelRow(one, view))}
    </ul>`,
  );
}

function channelRow(one: Channel, view: PreferenceView): TemplateResult {
  const { choices, words } = view;
  const { channel, label, on, fixed } = one;
  const digests = on && choices.digest_channels.includes(channel);
  return html`<li class="setting" part="row" data-channel=${channel}>
    <span class="glyph">${drawing(channelIcon(channel))}</span>
    <div class="setting-text">
      <span class="setting-name">${label}</span>
      ${fixed ? html`<span class="hint">${words.fixed}</span>` : nothing}
    </div>
    ${digests ? html`<div class="digest">${digestControls(one, view)}</div>` : nothing}
    ${switchTemplate({
      label,
      on,
      fixed: fixed ? words.fixed : null,
      toggle: (next) => view.setChannel(channel, next),
    })}
  </li>`;
}

function digestControls({ channel, label }: Channel, view: PreferenceView): TemplateResult {
  const { choices, words, locale } = view;
  const frequency = readFrequency(choices.digest[channel]);
  const set = (changes: Partial<Frequency>) => view.setDigest(channel, { ...frequency, ...changes });
  const named = (text: string) => fill(text, { channel: label });
  const days = dayNames(locale, "long");
  return html`${selectTemplate({
    label: named(words.frequency),
    value: frequency.kind,
    options: frequencies(frequency, view),
    choose: (kind) => set({ kind }),
  })}
  ${
    frequency.kind === "weekly"
      ? selectTemplate({
          label: named(words.digestDay),
          value: frequency.day,
          options: DAYS.map((value, at) => ({ value, label: days[at]! })),
          choose: (day) => set({ day: day as Day }),
        })
      : nothing
  }
  ${
    frequency.kind === "weekly" || frequency.kind === "daily"
      ? html`<input
          class="input time"
          part="input"
          type="time"
          aria-label=${named(words.digestTime)}
          .value=${frequency.at}
          @change=${(event: Event) => {
            const at = (event.currentTarget as HTMLInputElement).value;
            if (at) set({ at });
          }}
        />`
      : nothing
  }`;
}

function frequencies(
  { kind }: Frequency,
  { words }: PreferenceView,
): Array<{ value: string; label: string }> {
  const offered = [
    { value: "immediate", label: words.immediate },
    ...SPANS.map((value) => ({ value, label: words[`span${value}`] })),
    { value: "daily", label: words.daily },
    { value: "weekly", label: words.weekly },
  ];
  // What was set elsewhere and is none of these stays to be seen, in the words it was set in.
  return offered.some(({ value }) => value === kind) ? offered : [...offered, { value: kind, label: kind }];
}

export function categoriesSection({
  choices,
  words,
  setCategory,
}: PreferenceView): TemplateResult | typeof nothing {
  const rows = choices.categories.map(({ name, on, fixed }) => ({
    name: titleCase(name),
    on,
    fixed,
    toggle: (next: boolean) => setCategory(name, next),
  }));
  return switchList("categories", words.categories, words.categoriesHint, rows, words.fixed);
}

export function appsSection({ choices, words, setApp }: PreferenceView): TemplateResult | typeof nothing {
  const rows = choices.apps.map(({ uid, name, on, fixed }) => ({
    name: name ?? uid,
    on,
    fixed,
    toggle: (next: boolean) => setApp(uid, next),
  }));
  return switchList("apps", words.apps, words.appsHint, rows, words.fixed);
}

interface SwitchRow {
  name: string;
  on: boolean;
  fixed: boolean;
  toggle(on: boolean): void;
}

function switchList(
  id: string,
  title: string,
  hint: string,
  rows: SwitchRow[],
  reason: string,
): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  return section(
    id,
    title,
    hint,
    html`<ul class="card rows" part="card" role="list">
      ${rows.map(
        ({ name, on, fixed, toggle }) =>
          html`<li class="setting" part="row">
            <div class="setting-text">
              <span class="setting-name">${name}</span>
              ${fixed ? html`<span class="hint">${reason}</span>` : nothing}
            </div>
            ${switchTemplate({ label: name, on, fixed: fixed ? reason : null, toggle })}
          </li>`,
      )}
    </ul>`,
  );
}

/** A category is a word in configuration; people see it with a capital and spaces. */
function titleCase(name: string): string {
  const text = name.replace(/[_.-]+/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
