// Switches, checkboxes, fields and badges: each a control that the browser knows, dressed.

import { html, nothing, type TemplateResult } from "lit";
import { drawing } from "./drawing.js";
import { DOWN, LOCK, TICK } from "./glyphs.js";

export interface SwitchView {
  label: string;
  on: boolean;
  /** Why it cannot be changed. */
  fixed?: string | null | undefined;
  /** Its id, to find it and to be described by. */
  id?: string;
  toggle(on: boolean): void;
}

/** The label is for screen readers: what is seen stands beside it. */
export function switchTemplate({ label, on, fixed, id, toggle }: SwitchView): TemplateResult {
  return html`<button
    id=${id ?? nothing}
    class="switch"
    part=${on ? "switch switch-on" : "switch"}
    type="button"
    role="switch"
    aria-checked=${on ? "true" : "false"}
    aria-label=${fixed ? `${label}: ${fixed}` : label}
    aria-disabled=${fixed ? "true" : "false"}
    title=${fixed || nothing}
    @click=${() => !fixed && toggle(!on)}
  >
    <span class="thumb">${fixed ? drawing(LOCK) : nothing}</span>
  </button>`;
}

export interface CheckView {
  label: string | TemplateResult;
  checked: boolean;
  mixed?: boolean;
  fixed?: string | null | undefined;
  /** Only to be seen, for no reason of its own. */
  disabled?: boolean;
  /** For screen readers, where the label on show says too little. */
  name?: string;
  value?: string;
  toggle(on: boolean): void;
}

export function checkTemplate(view: CheckView): TemplateResult {
  const { label, checked, mixed = false, fixed, disabled = false, name, toggle } = view;
  const change = (event: Event) => {
    const box = event.currentTarget as HTMLInputElement;
    const on = box.checked;
    // What is shown follows from what is known, also when the change is refused.
    box.checked = checked;
    toggle(on);
  };
  return html`<label class="check" part="check" title=${fixed || nothing}>
    <input
      type="checkbox"
      .checked=${checked}
      .indeterminate=${mixed}
      ?disabled=${Boolean(fixed) || disabled}
      aria-label=${name ? (fixed ? `${name}: ${fixed}` : name) : nothing}
      @change=${change}
    />
    <span class=${fixed ? "box locked" : "box"}>${drawing(fixed ? LOCK : TICK)}</span>
    ${label ? html`<span>${label}</span>` : nothing}
  </label>`;
}

export interface FieldView {
  id: string;
  label: string;
  hint?: string | TemplateResult | undefined;
  /** What is wrong with it. */
  fault?: string | null | undefined;
  /** The control gets the ids of what describes it. */
  control(described: string | typeof nothing, invalid: "true" | "false"): TemplateResult;
}

export function fieldTemplate({ id, label, hint, fault, control }: FieldView): TemplateResult {
  const ids = [hint ? `${id}-hint` : "", fault ? `${id}-fault` : ""].filter(Boolean).join(" ");
  return html`<div class="field" part=${fault ? "field field-invalid" : "field"}>
    <label for=${id} part="label">${label}</label>
    ${control(ids || nothing, fault ? "true" : "false")}
    ${hint ? html`<p class="hint" id="${id}-hint" part="hint">${hint}</p>` : nothing}
    ${fault ? html`<p class="fault" id="${id}-fault" part="fault">${fault}</p>` : nothing}
  </div>`;
}

export interface SelectView {
  id?: string;
  label?: string;
  value: string;
  options: ReadonlyArray<{ value: string; label: string }>;
  choose(value: string): void;
}

/** With a label of its own where none stands beside it. */
export function selectTemplate({ id, label, value, options, choose }: SelectView): TemplateResult {
  return html`<span class="select" part="select">
    <select
      id=${id ?? nothing}
      aria-label=${label ?? nothing}
      @change=${(event: Event) => choose((event.currentTarget as HTMLSelectElement).value)}
    >
      ${options.map(
        (option) =>
          html`<option value=${option.value} ?selected=${option.value === value}>${option.label}</option>`,
      )}
    </select>
    ${drawing(DOWN)}
  </span>`;
}

export type BadgeTone = "neutral" | "good" | "warn" | "bad" | "info";

export function badgeTemplate(tone: BadgeTone, text: string, title?: string | null): TemplateResult {
  return html`<span class="pill ${tone}" part="badge badge-${tone}" title=${title || nothing}
    ><i></i>${text}</span
  >`;
}
