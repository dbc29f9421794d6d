// Every word that is said about a feed. A host page may replace any of them.

import type { Plural } from "../kit/words.js";

/** `{count}` and `{title}` are filled in. */
export interface Labels {
  notifications: string;
  unread: Plural;
  arrived: Plural;
  markAllRead: string;
  settings: string;
  all: string;
  unreadTab: string;
  dismiss: string;
  dismissed: string;
  undo: string;
  close: string;
  unreadItem: string;
  emptyTitle: string;
  emptyBody: string;
  noUnreadTitle: string;
  noUnreadBody: string;
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
  all: "All",
  unreadTab: "Unread",
  dismiss: "Dismiss “{title}”",
  dismissed: "Notification dismissed",
  undo: "Undo",
  close: "Close",
  unreadItem: "Unread",
  emptyTitle: "You’re all caught up",
  emptyBody: "New notifications will show up here.",
  noUnreadTitle: "Nothing unread",
  noUnreadBody: "You have seen everything there is.",
  loading: "Loading notifications",
  errorTitle: "Notifications didn’t load",
  errorBody: "Something went wrong on the way. Nothing is lost.",
  retry: "Try again",
  changeFailed: "That didn’t go through. Please try again.",
  offline: "You’re offline. This is what was last loaded.",
  expired: "Your session has ended. Sign in again to stay up to date.",
};
