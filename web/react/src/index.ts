"use client";

import type {
  BellEvents,
  CampanileBell as Bell,
  CampanileChannels as Channels,
  CampanileInbox as Inbox,
  CampanilePreferences as Preferences,
  CampanileWebhooks as Webhooks,
  ChannelEvents,
  InboxEvents,
  PreferenceEvents,
  WebhookEvents,
} from "@campanile/elements";
import { component, type ElementProps } from "./component.js";

type Common = "url" | "token" | "tenant" | "theme" | "locale" | "labels";
type FeedNames = Common | "app" | "icons" | "pollInterval";

const COMMON = ["url", "token", "tenant", "theme", "locale", "labels"];
const FEED = [...COMMON, "app", "icons", "pollInterval"];
const FEED_EVENTS = ["campanile-navigate", "campanile-action", "campanile-count"];
const all = () => import("@campanile/elements");

export type CampanileBellProps = ElementProps<Bell, FeedNames | "placement" | "settingsHref", BellEvents>;
export const CampanileBell = component<Bell, CampanileBellProps>({
  tag: "campanile-bell",
  properties: [...FEED, "placement", "settingsHref"],
  events: [...FEED_EVENTS, "campanile-open", "campanile-close"],
  load: () => import("@campanile/elements/bell"),
});

export type CampanileInboxProps = ElementProps<Inbox, FeedNames, InboxEvents>;
export const CampanileInbox = component<Inbox, CampanileInboxProps>({
  tag: "campanile-inbox",
  properties: FEED,
  events: [...FEED_EVENTS, "campanile-tab"],
  load: all,
});

export type CampanilePreferencesProps = ElementProps<Preferences, Common, PreferenceEvents>;
export const CampanilePreferences = component<Preferences, CampanilePreferencesProps>({
  tag: "campanile-preferences",
  properties: COMMON,
  events: ["campanile-change"],
  load: all,
});

export type CampanileChannelsProps = ElementProps<Channels, Common | "readonly", ChannelEvents>;
export const CampanileChannels = component<Channels, CampanileChannelsProps>({
  tag: "campanile-channels",
  properties: [...COMMON, "readonly"],
  events: ["campanile-change", "campanile-test"],
  load: all,
});

export type CampanileWebhooksProps = ElementProps<Webhooks, Common | "app" | "readonly", WebhookEvents>;
export const CampanileWebhooks = component<Webhooks, CampanileWebhooksProps>({
  tag: "campanile-webhooks",
  properties: [...COMMON, "app", "readonly"],
  events: ["campanile-change", "campanile-test", "campanile-secret", "campanile-view"],
  load: all,
});
