// Filling words in, and saying time: what every element does with its labels.

export interface Plural {
  one: string;
  other: string;
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function plural(label: Plural, count: number, locale: string): string {
  const one = new Intl.PluralRules(locale).select(count) === "one";
  return fill(one ? label.one : label.other, { count: new Intl.NumberFormat(locale).format(count) });
}

const UNITS: Array<[Intl.RelativeTimeFormatUnit, number]> = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];
/** Older than this, a date says more than "12 days ago". */
const DATE_AFTER = 7 * 86_400_000;

export function timeAgo(iso: string, now: number, locale: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return "";
  const age = now - at;
  if (age > DATE_AFTER) {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    const year = sameYear ? undefined : "numeric";
    return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", year }).format(at);
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  for (const [unit, size] of UNITS) {
    if (age >= size) return format.format(-Math.floor(age / size), unit);
  }
  // A minute either way is "now": clocks differ, and seconds that count up are restless.
  return format.format(0, "second");
}

export function fullTime(iso: string, locale: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return "";
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }).format(at);
}

/** A language tag that Intl accepts: a wrong `locale` must not take an element down. */
export function usableLocale(...candidates: Array<string | null | undefined>): string {
  for (const candidate of candidates) {
    try {
      if (candidate) return Intl.getCanonicalLocales(candidate)[0] ?? "en";
    } catch {
      // Not a language tag; the next one may be.
    }
  }
  return "en";
}
