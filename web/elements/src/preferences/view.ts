// What the sections of the preferences are given: what holds, the words, and what can be asked for.

import type { PreferenceChoices, QuietHours } from "@campanile/client";
import { html, type TemplateResult } from "lit";
import { BELL, CALL, CHAT, HOOK, MAIL, PHONE, SLACK, TEAMS } from "../kit/glyphs.js";
import type { Faults } from "../kit/faults.js";
import type { PreferenceLabels } from "./labels.js";
import type { Frequency } from "./times.js";

export interface PreferenceView {
  choices: PreferenceChoices;
  words: PreferenceLabels;
  locale: string;
  /** What is wrong with the quiet hours as they stand in the fields. */
  faults: Faults;
  setChannel(channel: string, on: boolean): void;
  setCell(workflow: string, channel: string, on: boolean): void;
  setWorkflow(workflow: string, on: boolean): void;
  setCategory(category: string, on: boolean): void;
  setApp(uid: string, on: boolean): void;
  setDigest(channel: string, frequency: Frequency): void;
  setQuiet(quiet: QuietHours): void;
}

const ICONS: Record<string, string> = {
  in_app: BELL,
  email: MAIL,
  slack: SLACK,
  teams: TEAMS,
  push: PHONE,
  sms: CHAT,
  voice: CALL,
  webhook: HOOK,
};

export const channelIcon = (channel: string): string => ICONS[channel] ?? BELL;

/** A part of the page with its heading. */
export function section(
  id: string,
  title: string,
  hint: string,
  content: TemplateResult,
  control?: TemplateResult,
): TemplateResult {
  return html`<section class="section" part="section section-${id}" aria-labelledby="${id}-title">
    <div class="section-head">
      <div>
        <h3 id="${id}-title" part="section-title">${title}</h3>
        <p class="hint" part="hint">${hint}</p>
      </div>
      ${control ?? ""}
    </div>
    ${content}
  </section>`;
}
