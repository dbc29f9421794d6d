// One channel that is set up: what it is, where it leads, which events it is for, and what can be done with it.

import type { ChannelConfig, ConfigChannel, ConfigChannelChoice } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { badgeTemplate, checkTemplate, switchTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { BIN, MAIL, PENCIL, SEND, SLACK, TEAMS, WARNING } from "../kit/glyphs.js";
import { fill } from "../kit/words.js";
import { isEmail } from "./form.js";
import type { ChannelLabels } from "./labels.js";

export const ICONS: Record<ConfigChannel, string> = {
  email: MAIL,
  slack_webhook: SLACK,
  teams_webhook: TEAMS,
};

export interface CardView {
  words: ChannelLabels;
  events: ReadonlyArray<{ event: string; label: string }>;
  choices: readonly ConfigChannelChoice[];
  readonly: boolean;
  /** The config a test is on its way for. */
  testing: string | null;
  /** The form in place of the card's destination, while it is edited. */
  form: TemplateResult | null;
  toggle(on: boolean): void;
  toggleEvent(event: string, on: boolean): void;
  test(): void;
  edit(): void;
  remove(): void;
}

export function nameOf(
  channel: ConfigChannel,
  choices: readonly ConfigChannelChoice[],
  words: ChannelLabels,
): string {
  return choices.find((choice) => choice.channel === channel)?.label ?? words[channel] ?? channel;
}

/** Where it leads, in a few words: whoever sees a webhook's URL whole can post to it. */
export function placeOf(config: ChannelConfig): string {
  if (isEmail(config.channel)) return config.email_addresses.join(", ");
  try {
    const { host, pathname } = new URL(config.webhook_url ?? "");
    return pathname.length > 8 ? `${host}/…${pathname.slice(-4)}` : host + pathname;
  } catch {
    return config.webhook_url ?? "";
  }
}

export function cardTemplate(config: ChannelConfig, view: CardView): TemplateResult {
  const { words, choices, readonly } = view;
  const name = nameOf(config.channel, choices, words);
  const choice = choices.find(({ channel }) => channel === config.channel);
  const active = config.is_active;
  return html`<li class="card channel" part="card" data-id=${config.id}>
    <div class="channel-head">
      <span class="channel-icon ${config.channel}" part="channel-icon"
        >${drawing(ICONS[config.channel])}</span
      >
      <div class="channel-name">
        <h3 id="name-${config.id}" part="channel-name">${name}</h3>
        ${view.form ? nothing : placeTemplate(config)}
      </div>
      ${badgeTemplate(active ? "good" : "neutral", active ? words.active : words.paused)}
      ${
        readonly
          ? nothing
          : switchTemplate({
              label: fill(words.toggle, { channel: name }),
              on: active,
              toggle: (on) => view.toggle(on),
            })
      }
    </div>
    ${choice && !choice.available ? unavailable(choice, words) : nothing}
    ${view.form ?? eventsOf(config, view)}
    ${readonly || view.form ? nothing : footTemplate(config, name, view)}
  </li>`;
}

function placeTemplate(config: ChannelConfig): TemplateResult {
  if (!isEmail(config.channel)) return html`<p class="muted place">${placeOf(config)}</p>`;
  return html`<ul class="chips">
    ${config.email_addresses.map((address) => html`<li class="chip" part="chip">${address}</li>`)}
  </ul>`;
}

function unavailable(choice: ConfigChannelChoice, words: ChannelLabels): TemplateResult {
  return html`<p class="callout" part="unavailable">
    ${drawing(WARNING)}<span>${choice.reason ?? words.unavailable}</span>
  </p>`;
}

function eventsOf(config: ChannelConfig, view: CardView): TemplateResult {
  const { words, events, readonly } = view;
  if (events.length === 0) return html`<p class="hint">${words.noEvents}</p>`;
  return html`<fieldset class="events">
    <legend class="section-label" part="section-label">${words.events}</legend>
    ${events.map(({ event, label }) =>
      checkTemplate({
        label,
        checked: config.events_enabled[event] ?? false,
        disabled: readonly,
        toggle: (on) => view.toggleEvent(event, on),
      }),
    )}
  </fieldset>`;
}

function footTemplate(config: ChannelConfig, name: string, view: CardView): TemplateResult {
  const { words, testing } = view;
  const busy = testing === config.id;
  const named = (text: string) => fill(text, { channel: name });
  return html`<div class="channel-foot">
    <button
      class="button"
      part="button test"
      type="button"
      aria-busy=${busy ? "true" : "false"}
      aria-describedby="name-${config.id}"
      @click=${() => !busy && view.test()}
    >
      ${drawing(SEND)}${busy ? words.testing : words.test}
    </button>
    <span class="spring"></span>
    <button
      class="quiet"
      part="edit"
      type="button"
      aria-label=${named(words.editNamed)}
      @click=${() => view.edit()}
    >
      ${drawing(PENCIL)}<span>${words.edit}</span>
    </button>
    <button
      class="quiet remove"
      part="delete"
      type="button"
      aria-label=${named(words.deleteNamed)}
      @click=${() => view.remove()}
    >
      ${drawing(BIN)}<span>${words.delete}</span>
    </button>
  </div>`;
}
