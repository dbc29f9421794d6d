// Every word the bell says, and how it says time. A host page may replace any of them.

export interface Plural {
  one: string;
  other: string;
}

/** `{count}` and `{title}` are filled in. */
export interface Labels {
  notifications: string;
  unread: Plural;
  arrived: Plural;
  markAllRead: string;
  settings: string;
  dismiss: string;
  dismissed: string;
  undo: string;
  close: string;
  unreadItem: string;
  emptyTitle: string;
  emptyBody: string;
  loading: string;
  errorTitle: string;
  errorBody: string;
  retry: string;
  changeFailed: string;
  offline: string;
  expired: string;
}

export const ENGLISH: Labels = {
  notifications: "Notifications",
  unread: { one: "{count} unread", other: "{count} unread" },
  arrived: { one: "{count} new notification", other: "{count} new notifications" },
  markAllRead: "Mark all as read",
  settings: "Notification settings",
  dismiss: "Dismiss “{title}”",
  dismissed: "Notification dismissed",
  undo: "Undo",
  close: "Close",
  unreadItem: "Unread",
  emptyTitle: "You’re all caught up",
  emptyBody: "New notifications will show up here.",
  loading: "Loading notifications",
  errorTitle: "Notifications didn’t load",
  errorBody: "Something went wrong on the way. Nothing is lost.",
  retry: "Try again",
  changeFailed: "That didn’t go through. Please try again.",
  offline: "You’re offline. This is what was last loaded.",
  expired: "Your session has ended. Sign in again to stay up to date.",
};

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

/** A language tag that Intl accepts: a wrong `locale` must not take the bell down. */
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
