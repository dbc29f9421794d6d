// The pictures beside notifications: drawn on a 24 grid, one line each, chosen by the event's name.

import { BELL, CHAT, CLOUD_OFF, CROSS, WARNING } from "../kit/glyphs.js";

export type Tone = "neutral" | "info" | "accent" | "success" | "warning" | "danger";

/** A picture for an event: one of the built-in names, or a path on a 24 by 24 grid. */
export interface EventIcon {
  icon?: IconName;
  path?: string;
  tone?: Tone;
}

export const PATHS = {
  bell: BELL,
  triangle: WARNING,
  alert: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 8v4.5M12 16v.01",
  file: "M13.5 3H7a1.5 1.5 0 0 0-1.5 1.5v15A1.5 1.5 0 0 0 7 21h10a1.5 1.5 0 0 0 1.5-1.5V8l-5-5ZM13.5 3v5h5M9 13h6M9 16.5h4",
  check: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM8.5 12.3l2.4 2.4 4.7-5",
  trending: "M3.5 17l6-6 4 4 7-7.5M15.5 7h5v5",
  message: CHAT,
  rocket:
    "M12 2.8c3 2.2 4.5 5.4 4.5 8.7L15 16H9l-1.5-4.5c0-3.3 1.5-6.5 4.5-8.7ZM7.6 11 4.8 14.5v4l4.2-2.5M16.4 11l2.8 3.5v4L15 16M12 19v2.5M12 9.5v.01",
  receipt: "M6 3.5h12v17l-2.4-1.5-2.4 1.5-2.4-1.5-2.4 1.5L6 19V3.5ZM9 8h6M9 12h6",
  person: "M12 4a3.8 3.8 0 1 1 0 7.6A3.8 3.8 0 0 1 12 4ZM4.5 20c.5-3.7 3.6-5.8 7.5-5.8s7 2.1 7.5 5.8",
  gear: "M12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM10.3 3.8l-.5 2-1.7 1-2-.6-1.7 3 1.5 1.4v2l-1.5 1.5 1.7 2.9 2-.6 1.7 1 .5 2h3.4l.5-2 1.7-1 2 .6 1.7-2.9-1.5-1.5v-2l1.5-1.4-1.7-3-2 .6-1.7-1-.5-2h-3.4Z",
  cross: CROSS,
  ticks: "M2.5 12.8l3.7 3.7L14.5 8M11.5 15.8l.8.7L20.6 8",
  cloudOff: CLOUD_OFF,
} as const;

export type IconName = keyof typeof PATHS;

/** The first rule whose pattern is found in the event's name decides. */
const RULES: Array<[RegExp, IconName, Tone]> = [
  [/approv|resolv|succe|complet|paid/, "check", "success"],
  [/high_priority|fail|error|declin/, "alert", "danger"],
  [/escalat|incident|alert|warn|overdue/, "triangle", "warning"],
  [/gap|trend|metric|usage|quota/, "trending", "warning"],
  [/comment|mention|message|reply/, "message", "accent"],
  [/deploy|release|build|ship/, "rocket", "info"],
  [/invoice|billing|payment|receipt/, "receipt", "neutral"],
  [/pending|proposal|document|file|review|request/, "file", "info"],
  [/member|invite|user|assign/, "person", "accent"],
];

export function eventIcon(event: string | null, overrides: Record<string, EventIcon>): Required<EventIcon> {
  const name = event ?? "";
  const own = overrides[name] ?? overrides[name.split(".")[0] ?? ""] ?? overrides["*"];
  const [, icon, tone] = RULES.find(([pattern]) => pattern.test(name)) ?? [
    null,
    "bell" as const,
    "neutral" as const,
  ];
  const chosen = own?.icon && own.icon in PATHS ? own.icon : icon;
  return { icon: chosen, path: own?.path ?? PATHS[chosen], tone: own?.tone ?? tone };
}

/** A copy of the picture that the host page put into the bell as `<template data-event-icon="…">`. */
export function ownIcon(bell: Element, event: string | null): Node | null {
  if (!event) return null;
  const templates = [...bell.querySelectorAll<HTMLTemplateElement>("template[data-event-icon]")];
  const own = templates.find((template) => template.dataset["eventIcon"] === event);
  return own ? own.content.cloneNode(true) : null;
}
