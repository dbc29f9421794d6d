// Preferences as the contract has them: a document that is merged into, and the choices that follow from it and from
// the defaults behind it.

import type { PreferenceChoices, Preferences, Setting, TopicSetting } from "@campanile/client";
import { invalid, type Answer, type Request } from "./answers.js";

const PATH = "/api/v1/users/me/preferences";

export class FakePreferences {
  document: Preferences = {};
  /** What holds without a word of the user's. */
  base: PreferenceChoices = {
    channels: [
      { channel: "in_app", label: "In-app", on: true, fixed: true },
      { channel: "email", label: "Email", on: true, fixed: false },
      { channel: "slack", label: "Slack", on: true, fixed: false },
    ],
    workflows: [
      workflow(
        "observation-captured",
        "New observations",
        "What your connectors noticed and found worth a look.",
        [
          ["in_app", true, false],
          ["email", true, false],
          ["slack", false, false],
        ],
      ),
      workflow("weekly-summary", "Weekly summary", "Every Monday: what happened in your workspace.", [
        ["email", true, false],
      ]),
      workflow("security-alert", "Security alerts", "New sign-ins, changed passwords, revoked keys.", [
        ["in_app", true, true],
        ["email", true, true],
        ["slack", true, false],
      ]),
    ],
    categories: [
      { name: "marketing", on: false, fixed: false },
      { name: "security", on: true, fixed: true },
    ],
    apps: [
      { uid: "belfry", name: "Belfry", on: true, fixed: false },
      { uid: "crm", name: "CRM", on: true, fixed: false },
    ],
    digest: { email: null, slack: null },
    digest_channels: ["email", "slack"],
    quiet_hours: null,
    time_zone: "Europe/Berlin",
  };

  answer({ method, path, body }: Request): Answer | null {
    if (!path.startsWith(PATH)) return null;
    if (method === "GET" && path === `${PATH}/choices`) return { body: this.choices() };
    if (path !== PATH) return null;
    if (method === "GET") return { body: this.document };
    if (method !== "PATCH") return null;
    const merged = mergePatch(this.document, body) as Preferences;
    const window =
      merged.quiet_hours?.windows.findIndex(({ during }) => !/^\d\d:\d\d-\d\d:\d\d$/.test(during)) ?? -1;
    if (window >= 0)
      return invalid({ [`/quiet_hours/windows/${window}/during`]: "must be a time from when to when" });
    this.document = merged;
    return { body: merged };
  }

  choices(): PreferenceChoices {
    const { base, document } = this;
    const said = <T extends { on: boolean; fixed: boolean }>(one: T, setting: boolean | null): T =>
      one.fixed || setting === null ? one : { ...one, on: setting };
    const channel = (name: string) => switchOf(document.channels?.[name]);
    return {
      ...base,
      channels: base.channels.map((one) => said(one, channel(one.channel))),
      workflows: base.workflows.map((flow) => {
        const topic = document.workflows?.[flow.key];
        return {
          ...flow,
          channels: flow.channels.map((one) => {
            const off = channel(one.channel) === false || switchOf(topic) === false ? false : switchOf(topic);
            return said(one, exact(topic, one.channel) ?? off);
          }),
        };
      }),
      categories: base.categories.map((one) => said(one, switchOf(document.categories?.[one.name]))),
      apps: base.apps.map((one) => said(one, switchOf(document.apps?.[one.uid]))),
      digest: { ...base.digest, ...document.digest },
      quiet_hours: document.quiet_hours ?? base.quiet_hours,
    };
  }
}

function workflow(
  key: string,
  name: string,
  description: string,
  channels: Array<[string, boolean, boolean]>,
): PreferenceChoices["workflows"][number] {
  return {
    key,
    name,
    description,
    categories: [],
    channels: channels.map(([channel, on, fixed]) => ({ channel, on, fixed })),
  };
}

function switchOf(setting: Setting | TopicSetting | undefined): boolean | null {
  const word = typeof setting === "object" ? setting.send : setting;
  return word === undefined ? null : word === "on";
}

function exact(topic: TopicSetting | undefined, channel: string): boolean | null {
  return typeof topic === "object" ? switchOf(topic.channels?.[channel]) : null;
}

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const whole = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...whole };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}
