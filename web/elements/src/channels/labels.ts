import { COMMON, type CommonLabels } from "../kit/labels.js";

/** `{channel}`, `{name}` and `{event}` are filled in. */
export interface ChannelLabels extends CommonLabels {
  title: string;
  intro: string;
  add: string;
  addTitle: string;
  create: string;
  emptyTitle: string;
  emptyBody: string;
  email: string;
  slack_webhook: string;
  teams_webhook: string;
  emailHint: string;
  slackHint: string;
  teamsHint: string;
  addresses: string;
  addressesHint: string;
  url: string;
  urlHint: string;
  events: string;
  noEvents: string;
  active: string;
  paused: string;
  toggle: string;
  test: string;
  testing: string;
  editNamed: string;
  deleteNamed: string;
  deleteTitle: string;
  deleteBody: string;
  created: string;
  deleted: string;
  unavailable: string;
}

export const ENGLISH: ChannelLabels = {
  ...COMMON,
  title: "Notification channels",
  intro: "Where your organisation is told what happens.",
  add: "Add channel",
  addTitle: "Add {channel}",
  create: "Add channel",
  emptyTitle: "No channels yet",
  emptyBody: "Add email addresses, a Slack channel or a Teams channel to be told there.",
  email: "Email",
  slack_webhook: "Slack",
  teams_webhook: "Microsoft Teams",
  emailHint: "Mails to any addresses",
  slackHint: "Messages to a channel",
  teamsHint: "Messages to a channel",
  addresses: "Email addresses",
  addressesHint: "Separate several with commas.",
  url: "Webhook URL",
  urlHint: "The incoming webhook of the channel that the messages go to.",
  events: "Events",
  noEvents: "There are no events to choose from yet.",
  active: "Active",
  paused: "Paused",
  toggle: "{channel} active",
  test: "Send test",
  testing: "Sending…",
  editNamed: "Edit {channel}",
  deleteNamed: "Delete {channel}",
  deleteTitle: "Delete this {channel} channel?",
  deleteBody: "{name} will get no more messages, and what waits for it is dropped. This can’t be undone.",
  created: "Channel added",
  deleted: "Channel deleted",
  unavailable: "This channel isn’t available",
};
