// How a document writes times: frequencies, windows and days, read into what the controls show and back.

import type { QuietWindow } from "@campanile/client";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

const isDay = (text: string | undefined): text is Day => DAYS.includes(text as Day);

export interface Frequency {
  /** `immediate`, `daily`, `weekly`, or a span such as `1h`; what none of these is stands as it is. */
  kind: string;
  at: string;
  day: Day;
}

/** The spans that are offered, shortest first. */
export const SPANS = ["5m", "15m", "1h", "4h"] as const;
const MORNING = "09:00";

export function readFrequency(text: string | null | undefined): Frequency {
  const words = (text ?? "immediate").split(" ").filter((one) => one && one !== "at");
  const [first = "immediate", second] = words;
  const at = words.find((one) => /^\d\d:\d\d$/.test(one)) ?? MORNING;
  if (first.startsWith("immediate")) return { kind: "immediate", at: MORNING, day: "mon" };
  if (first === "hourly" || first === "60m") return { kind: "1h", at: MORNING, day: "mon" };
  if (first === "daily") return { kind: "daily", at, day: "mon" };
  if (first === "weekly") return { kind: "weekly", at, day: isDay(second) ? second : "mon" };
  return { kind: words.length === 1 ? first : (text ?? ""), at, day: "mon" };
}

export function writeFrequency({ kind, at, day }: Frequency): string {
  if (kind === "daily") return `daily at ${at}`;
  return kind === "weekly" ? `weekly ${day} at ${at}` : kind;
}

export interface Window {
  from: string;
  to: string;
  days: Day[];
}

export function readWindow({ during, on }: QuietWindow): Window {
  const [from = "22:00", to = "07:00"] = during.split("-").map((part) => part.trim());
  return { from, to: to === "24:00" ? "00:00" : to, days: readDays(on) };
}

/** The channels it is for stay as they are. */
export function writeWindow({ from, to, days }: Window, before: QuietWindow | undefined): QuietWindow {
  // A clock's field has no 24:00: midnight to midnight is the whole day.
  const end = to === "00:00" ? "24:00" : to;
  const window: QuietWindow = { during: `${from}-${end}` };
  if (days.length < DAYS.length) window.on = DAYS.filter((day) => days.includes(day));
  if (before?.channels?.length) window.channels = before.channels;
  return window;
}

/** `mon-fri`, `sat,sun`, `daily` or a list of words. */
function readDays(on: string | string[] | undefined): Day[] {
  const parts = Array.isArray(on) ? on : (on ?? "daily").split(",");
  const days = new Set(parts.flatMap((part) => between(part.trim())));
  return DAYS.filter((day) => days.has(day));
}

function between(part: string): Day[] {
  if (part === "daily") return [...DAYS];
  const [from, to = from] = part.split("-");
  if (!isDay(from) || !isDay(to)) return [];
  const start = DAYS.indexOf(from);
  const length = (DAYS.indexOf(to) + 7 - start) % 7;
  return Array.from({ length: length + 1 }, (_, step) => DAYS[(start + step) % 7]!);
}

/** The days' names in a language, Monday first. */
export function dayNames(locale: string, weekday: "long" | "short" | "narrow"): string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday, timeZone: "UTC" });
  return DAYS.map((_, at) => format.format(Date.UTC(2024, 0, 1 + at)));
}

let zones: string[] | null = null;
export function timeZones(): string[] {
  zones ??= Intl.supportedValuesOf("timeZone");
  return zones;
}
