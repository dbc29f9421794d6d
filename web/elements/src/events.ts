// What the elements tell their host page: the details of their events, by the event's name.

import type { ChannelConfig, FeedItem, NotificationAction, Preferences, Webhook } from "@campanile/client";
import type { View } from "./webhooks/view.js";

export interface FeedEvents {
  /** A link is about to be followed; `preventDefault()` takes over. */
  "campanile-navigate": { item: FeedItem; url: string; action?: NotificationAction };
  /** An action without a link was chosen. */
  "campanile-action": { item: FeedItem; action: NotificationAction };
  /** One of the numbers changed. */
  "campanile-count": { unread: number; unseen: number };
}

export interface BellEvents extends FeedEvents {
  "campanile-open": Record<string, never>;
  "campanile-close": Record<string, never>;
}

export interface InboxEvents extends FeedEvents {
  "campanile-tab": { tab: "all" | "unread" | "archived" };
}

export interface PreferenceEvents {
  /** A change was saved: the document as it is now. */
  "campanile-change": { preferences: Preferences };
}

export interface ChannelEvents {
  "campanile-change": { action: "created" | "changed" | "deleted"; config: ChannelConfig };
  "campanile-test": { config: ChannelConfig; success: boolean; message: string };
}

export interface WebhookEvents {
  "campanile-change": { action: "created" | "changed" | "deleted"; webhook: Webhook };
  /** A test event is on its way. */
  "campanile-test": { webhook: Webhook; delivery_id: string };
  /** Another secret signs from now on; which one is not told. */
  "campanile-secret": { webhook: Webhook };
  /** Another part is looked at. */
  "campanile-view": View;
}
