// What is written into the user's document for a change. Pure: a document and a wish give a merge patch.
//
// Turning a channel off must keep everything from it (a more exact "on" would win otherwise), so what the user once
// said "on" to in that channel goes with it.

import type { MergePatch, Preferences, TopicSetting } from "@campanile/client";

export type Patch = MergePatch<Preferences>;

const word = (on: boolean): "on" | "off" => (on ? "on" : "off");

export function channelPatch(document: Preferences, channel: string, on: boolean): Patch {
  const patch: Patch = { channels: { [channel]: word(on) } };
  if (on) return patch;
  for (const kind of ["workflows", "categories"] as const) {
    const cleared = Object.entries(document[kind] ?? {}).flatMap(([name, topic]) =>
      opens(topic, channel) ? [[name, without(topic, channel)] as const] : [],
    );
    if (cleared.length > 0) patch[kind] = Object.fromEntries(cleared);
  }
  return patch;
}

/** A workflow in one channel. What was said of it as a whole is kept beside. */
export function cellPatch(document: Preferences, workflow: string, channel: string, on: boolean): Patch {
  const topic = document.workflows?.[workflow];
  const whole = typeof topic === "string" ? { send: topic } : {};
  return { workflows: { [workflow]: { ...whole, channels: { [channel]: word(on) } } } };
}

/** A workflow as a whole: what was said of single channels goes. */
export function workflowPatch(workflow: string, on: boolean): Patch {
  return { workflows: { [workflow]: word(on) } };
}

export function categoryPatch(document: Preferences, category: string, on: boolean): Patch {
  const topic = document.categories?.[category];
  const value = typeof topic === "object" ? { send: word(on), if: null } : word(on);
  return { categories: { [category]: value } };
}

export function appPatch(uid: string, on: boolean): Patch {
  return { apps: { [uid]: word(on) } };
}

function opens(topic: TopicSetting, channel: string): boolean {
  const setting = typeof topic === "object" ? topic.channels?.[channel] : undefined;
  return setting !== undefined && (typeof setting === "object" ? setting.send !== "off" : setting === "on");
}

/** A topic that says nothing any more is taken away whole: the server takes no empty one. */
function without(topic: TopicSetting, channel: string): MergePatch<TopicSetting> | null {
  if (typeof topic !== "object") return null;
  const others = Object.keys(topic.channels ?? {}).filter((name) => name !== channel);
  const empty = others.length === 0 && topic.send === undefined && topic.if === undefined;
  return empty ? null : { channels: { [channel]: null } };
}
