// The words that every element beside the feed may need. A host page may replace any of them.

export interface CommonLabels {
  loading: string;
  errorTitle: string;
  errorBody: string;
  retry: string;
  offline: string;
  offlineTitle: string;
  offlineBody: string;
  expired: string;
  signedOutTitle: string;
  signedOutBody: string;
  forbiddenTitle: string;
  forbiddenBody: string;
  changeFailed: string;
  undo: string;
  save: string;
  saved: string;
  cancel: string;
  close: string;
  delete: string;
  edit: string;
  back: string;
  copy: string;
  copied: string;
  on: string;
  off: string;
  required: string;
}

export const COMMON: CommonLabels = {
  loading: "Loading",
  errorTitle: "This didn’t load",
  errorBody: "Something went wrong on the way. Nothing is lost.",
  retry: "Try again",
  offline: "You’re offline. This is what was last loaded.",
  offlineTitle: "You’re offline",
  offlineBody: "This will load as soon as the connection is back.",
  expired: "Your session has ended. Sign in again to go on.",
  signedOutTitle: "You’re signed out",
  signedOutBody: "Sign in to see this.",
  forbiddenTitle: "This isn’t yours to see",
  forbiddenBody: "Ask an admin of your organisation for access.",
  changeFailed: "That didn’t go through. Please try again.",
  undo: "Undo",
  save: "Save",
  saved: "Saved",
  cancel: "Cancel",
  close: "Close",
  delete: "Delete",
  edit: "Edit",
  back: "Back",
  copy: "Copy",
  copied: "Copied",
  on: "On",
  off: "Off",
  required: "Required",
};
