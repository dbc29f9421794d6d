// Quiet hours: when they are, on which days, by whose clock.

import type { QuietHours } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { checkTemplate, fieldTemplate, selectTemplate, switchTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { CROSS, PLUS } from "../kit/glyphs.js";
import { fill } from "../kit/words.js";
import { dayNames, DAYS, readWindow, timeZones, writeWindow, type Day, type Window } from "./times.js";
import { section, type PreferenceView } from "./view.js";

/** What somebody gets who turns quiet hours on. */
const NIGHT: Window = { from: "22:00", to: "07:00", days: [...DAYS] };
const MOST = 20;

export function quietSection(view: PreferenceView): TemplateResult {
  const { choices, words } = view;
  const quiet = choices.quiet_hours ?? { windows: [] };
  const on = quiet.windows.length > 0;
  const windows = on ? [] : [writeWindow(NIGHT, undefined)];
  return section(
    "quiet",
    words.quiet,
    words.quietHint,
    on ? html`<div class="card quiet-card" part="card">${details(quiet, view)}</div>` : html``,
    switchTemplate({ label: words.quiet, on, toggle: () => view.setQuiet({ ...quiet, windows }) }),
  );
}

function details(quiet: QuietHours, view: PreferenceView): TemplateResult {
  const { words, faults } = view;
  const fault = faults.under("/quiet_hours");
  return html`<div class="windows">${quiet.windows.map((_, at) => windowRow(quiet, at, view))}</div>
    ${fault ? html`<p class="fault" part="fault" role="alert">${fault}</p>` : nothing}
    <button
      class="button add-window"
      part="button"
      type="button"
      aria-disabled=${quiet.windows.length < MOST ? "false" : "true"}
      @click=${() =>
        quiet.windows.length < MOST &&
        view.setQuiet({ ...quiet, windows: [...quiet.windows, writeWindow(NIGHT, undefined)] })}
    >
      ${drawing(PLUS)}${words.addWindow}
    </button>
    <div class="quiet-foot">
      ${zoneField(quiet, view)}
      ${checkTemplate({
        label: words.gather,
        checked: quiet.gather ?? false,
        toggle: (gather) => view.setQuiet({ ...quiet, gather }),
      })}
    </div>`;
}

function windowRow(quiet: QuietHours, at: number, view: PreferenceView): TemplateResult {
  const { words } = view;
  const before = quiet.windows[at]!;
  const window = readWindow(before);
  const number = at + 1;
  const set = (changes: Partial<Window>) =>
    view.setQuiet({
      ...quiet,
      windows: quiet.windows.with(at, writeWindow({ ...window, ...changes }, before)),
    });
  return html`<div class="window" role="group" aria-label=${fill(words.quietWindow, { number })}>
    <span class="span">
      ${timeInput(words.quietFrom, window.from, (from) => set({ from }))}
      <span class="muted" aria-hidden="true">–</span>
      ${timeInput(words.quietTo, window.to, (to) => set({ to }))}
    </span>
    ${dayButtons(window, view, (days) => set({ days }))}
    <button
      class="quiet square"
      part="remove"
      type="button"
      aria-label=${fill(words.removeWindow, { number })}
      @click=${() => view.setQuiet({ ...quiet, windows: quiet.windows.toSpliced(at, 1) })}
    >
      ${drawing(CROSS)}
    </button>
  </div>`;
}

function timeInput(label: string, value: string, set: (value: string) => void): TemplateResult {
  return html`<input
    class="input time"
    part="input"
    type="time"
    aria-label=${label}
    .value=${value}
    @change=${(event: Event) => {
      const next = (event.currentTarget as HTMLInputElement).value;
      // Half a time is none yet.
      if (next) set(next);
    }}
  />`;
}

function dayButtons({ days }: Window, view: PreferenceView, set: (days: Day[]) => void): TemplateResult {
  const { words, locale } = view;
  const [narrow, long] = [dayNames(locale, "narrow"), dayNames(locale, "long")];
  return html`<span class="days" role="group" aria-label=${words.quietDays}>
    ${DAYS.map((day, at) => {
      const chosen = days.includes(day);
      const next = chosen ? days.filter((one) => one !== day) : [...days, day];
      return html`<button
        class="day"
        part=${chosen ? "day day-chosen" : "day"}
        type="button"
        aria-pressed=${chosen ? "true" : "false"}
        aria-label=${long[at]!}
        @click=${() => next.length > 0 && set(next)}
      >
        ${narrow[at]}
      </button>`;
    })}
  </span>`;
}

function zoneField(quiet: QuietHours, view: PreferenceView): TemplateResult {
  const { choices, words } = view;
  const own = choices.time_zone ? fill(words.ownZone, { zone: choices.time_zone }) : words.ownZoneUnknown;
  const zone = quiet.zone ?? "";
  const known = timeZones();
  const zones = zone && !known.includes(zone) ? [zone, ...known] : known;
  return html`<div class="zone">
    ${fieldTemplate({
      id: "zone",
      label: words.zone,
      control: () =>
        selectTemplate({
          id: "zone",
          value: zone,
          options: [
            { value: "", label: own },
            ...zones.map((value) => ({ value, label: value.replaceAll("_", " ") })),
          ],
          choose: (value) => view.setQuiet({ ...quiet, zone: value || null }),
        }),
    })}
  </div>`;
}
