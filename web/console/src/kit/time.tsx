import { useSyncExternalStore } from "react";

// One clock for all of them: every age on the page moves at once.
let now = Date.now();
const hearers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const hearer of hearers) hearer();
}, 10_000);

function useNow(): number {
  return useSyncExternalStore(
    (hearer) => {
      hearers.add(hearer);
      return () => hearers.delete(hearer);
    },
    () => now,
  );
}

const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function ago(at: string, from = Date.now()): string {
  const seconds = Math.round((from - Date.parse(at)) / 1000);
  const size = Math.abs(seconds);
  const said = (count: number, unit: string) => (seconds < 0 ? `in ${count}${unit}` : `${count}${unit} ago`);
  if (Number.isNaN(seconds)) return at;
  if (size < 5) return "now";
  if (size < 60) return said(size, "s");
  if (size < 3_600) return said(Math.round(size / 60), "m");
  if (size < 86_400) return said(Math.round(size / 3_600), "h");
  if (size < 7 * 86_400) return said(Math.round(size / 86_400), "d");
  const same = new Date(at).getFullYear() === new Date(from).getFullYear();
  return (same ? DAY : YEAR).format(new Date(at));
}

/** How long ago, with the exact time behind it. */
export function Ago({ at }: { at: string }) {
  // What happened since the clock was last looked at is not in the future.
  const from = Math.max(useNow(), Math.min(Date.parse(at), Date.now()));
  return (
    <time dateTime={at} title={FULL.format(new Date(at))} className="number">
      {ago(at, from)}
    </time>
  );
}

export function At({ at, clock }: { at: string; clock?: boolean }) {
  return (
    <time dateTime={at} title={FULL.format(new Date(at))} className="number">
      {(clock ? CLOCK : FULL).format(new Date(at))}
    </time>
  );
}

/** A length of time in the largest unit that says it. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1).replace(/\.0$/, "") : Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 60) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours * 10) / 10} h` : `${Math.round(hours / 24)} d`;
}
