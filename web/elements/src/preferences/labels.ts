import { COMMON, type CommonLabels } from "../kit/labels.js";

/** `{name}`, `{channel}`, `{zone}` and `{number}` are filled in. */
export interface PreferenceLabels extends CommonLabels {
  title: string;
  intro: string;
  channels: string;
  channelsHint: string;
  workflows: string;
  workflowsHint: string;
  noWorkflows: string;
  workflow: string;
  categories: string;
  categoriesHint: string;
  apps: string;
  appsHint: string;
  fixed: string;
  inChannel: string;
  frequency: string;
  immediate: string;
  span5m: string;
  span15m: string;
  span1h: string;
  span4h: string;
  daily: string;
  weekly: string;
  digestTime: string;
  digestDay: string;
  quiet: string;
  quietHint: string;
  quietFrom: string;
  quietTo: string;
  quietDays: string;
  quietWindow: string;
  addWindow: string;
  removeWindow: string;
  zone: string;
  ownZone: string;
  ownZoneUnknown: string;
  gather: string;
}

export const ENGLISH: PreferenceLabels = {
  ...COMMON,
  title: "Notification preferences",
  intro: "Choose what reaches you, where and when. Changes are saved as you make them.",
  channels: "Channels",
  channelsHint: "Turning a channel off stops everything that comes through it.",
  workflows: "What you hear about",
  workflowsHint: "Turn a notification off altogether, or choose where it reaches you.",
  noWorkflows: "There is nothing to choose from yet.",
  workflow: "{name}, everywhere",
  categories: "Categories",
  categoriesHint: "Kinds of notification that belong together.",
  apps: "Applications",
  appsHint: "Which applications may notify you.",
  fixed: "Set by your organisation",
  inChannel: "{name}: {channel}",
  frequency: "How often {channel} reaches you",
  immediate: "As it happens",
  span5m: "Every 5 minutes",
  span15m: "Every 15 minutes",
  span1h: "Every hour",
  span4h: "Every 4 hours",
  daily: "Once a day",
  weekly: "Once a week",
  digestTime: "Time of the {channel} digest",
  digestDay: "Day of the {channel} digest",
  quiet: "Quiet hours",
  quietHint: "Hold back what makes a sound. It arrives when they end.",
  quietFrom: "From",
  quietTo: "To",
  quietDays: "Days on which it begins",
  quietWindow: "Quiet time {number}",
  addWindow: "Add a time",
  removeWindow: "Remove quiet time {number}",
  zone: "Time zone",
  ownZone: "Your time zone ({zone})",
  ownZoneUnknown: "Your time zone",
  gather: "Deliver what was held back as one summary",
};
