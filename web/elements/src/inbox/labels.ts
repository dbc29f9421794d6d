import { ENGLISH as FEED, type Labels } from "../feed/labels.js";
import { COMMON, type CommonLabels } from "../kit/labels.js";

export interface InboxLabels extends Labels, CommonLabels {
  archived: string;
  noArchivedTitle: string;
  noArchivedBody: string;
  markRead: string;
  markUnread: string;
  restore: string;
  filter: string;
  allApps: string;
  keys: string;
}

/** Words of its own win over the common ones. */
export const ENGLISH: InboxLabels = {
  ...COMMON,
  ...FEED,
  signedOutBody: "Sign in to see your notifications.",
  archived: "Archived",
  noArchivedTitle: "Nothing archived",
  noArchivedBody: "What you dismiss is kept here.",
  markRead: "Mark “{title}” as read",
  markUnread: "Mark “{title}” as unread",
  restore: "Restore “{title}”",
  filter: "Filter by application",
  allApps: "All applications",
  keys: "J and K move, Enter opens, E dismisses, U marks as unread.",
};
