import { COMMON, type CommonLabels } from "../kit/labels.js";
import type { Plural } from "../kit/words.js";

/** `{url}`, `{count}`, `{number}`, `{type}`, `{time}` and `{name}` are filled in. */
export interface WebhookLabels extends CommonLabels {
  title: string;
  intro: string;
  endpoints: string;
  catalogue: string;
  add: string;
  emptyTitle: string;
  emptyBody: string;
  active: string;
  paused: string;
  disabled: string;
  failing: string;
  allEvents: string;
  eventCount: Plural;
  more: string;
  url: string;
  urlHint: string;
  description: string;
  descriptionHint: string;
  optional: string;
  events: string;
  chooseAll: string;
  chooseSome: string;
  searchEvents: string;
  noEventFound: string;
  noEvents: string;
  chosen: Plural;
  rateLimit: string;
  rateLimitHint: string;
  unlimited: string;
  perSecond: string;
  retryPolicy: string;
  long: string;
  five: string;
  short: string;
  incident: string;
  create: string;
  editTitle: string;
  created: string;
  endpointCreated: string;
  actions: string;
  sendTest: string;
  testSent: string;
  pause: string;
  resume: string;
  enable: string;
  isPaused: string;
  isActive: string;
  disabledBody: string;
  failures: Plural;
  lastFailure: string;
  rotate: string;
  rotateTitle: string;
  rotateBody: string;
  rotateGrace: string;
  graceNone: string;
  graceHour: string;
  graceDay: string;
  graceWeek: string;
  secret: string;
  secretTitle: string;
  secretBody: string;
  done: string;
  recover: string;
  recoverTitle: string;
  recoverBody: string;
  recoverSince: string;
  sinceFailure: string;
  sinceHour: string;
  sinceDay: string;
  sinceWeek: string;
  sinceTime: string;
  recovering: string;
  deleteTitle: string;
  deleteBody: string;
  deleted: string;
  deliveries: string;
  filter: string;
  everyStatus: string;
  refresh: string;
  noDeliveriesTitle: string;
  noDeliveriesBody: string;
  noneOfStatus: string;
  pending: string;
  sending: string;
  retrying: string;
  sent: string;
  delivered: string;
  failed: string;
  exhausted: string;
  cancelled: string;
  skipped: string;
  attempts: string;
  attemptCount: Plural;
  attempt: string;
  nextAttempt: string;
  sendAgain: string;
  sentAgain: string;
  request: string;
  headers: string;
  body: string;
  noRequest: string;
  response: string;
  noResponse: string;
  noAttempts: string;
  unknownOutcome: string;
  unknownType: string;
  deliveryId: string;
  eventId: string;
  version: string;
  schema: string;
  sample: string;
  noSchema: string;
  noSample: string;
  milliseconds: string;
}

export const ENGLISH: WebhookLabels = {
  ...COMMON,
  title: "Webhooks",
  intro: "Be told by a signed request to your own server whenever something happens.",
  endpoints: "Endpoints",
  catalogue: "Event catalogue",
  add: "Add endpoint",
  emptyTitle: "No endpoints yet",
  emptyBody: "Add the URL of your server, and choose what it should hear about.",
  active: "Active",
  paused: "Paused",
  disabled: "Disabled",
  failing: "Failing",
  allEvents: "All events",
  eventCount: { one: "{count} event", other: "{count} events" },
  more: "Show more",
  url: "Endpoint URL",
  urlHint: "Requests are sent here by POST. Answer with any 2xx status within 15 seconds.",
  description: "Description",
  descriptionHint: "For the people who look after it.",
  optional: "optional",
  events: "Events",
  chooseAll: "All events, also those to come",
  chooseSome: "Only these",
  searchEvents: "Search events",
  noEventFound: "No event matches.",
  noEvents: "There are no event types yet.",
  chosen: { one: "{count} chosen", other: "{count} chosen" },
  rateLimit: "Rate limit",
  rateLimitHint: "Requests a second, at most. Empty means no limit.",
  unlimited: "None",
  perSecond: "{count} a second",
  retryPolicy: "Retries",
  long: "Long: 8 attempts over 28 hours",
  five: "Five: 5 attempts, ever further apart",
  short: "Short: 4 attempts over 13 minutes",
  incident: "Incident: 5 attempts over 10 minutes",
  create: "Add endpoint",
  editTitle: "Edit endpoint",
  created: "Created",
  endpointCreated: "Endpoint added",
  actions: "More actions",
  sendTest: "Send test event",
  testSent: "Test event sent",
  pause: "Pause",
  resume: "Resume",
  enable: "Enable again",
  isPaused: "Paused. Nothing is sent until it is resumed.",
  isActive: "Resumed",
  disabledBody: "This endpoint was disabled {time}: {reason}.",
  failures: {
    one: "{count} attempt has failed since the last success.",
    other: "{count} attempts have failed since the last success.",
  },
  lastFailure: "The last one {time}.",
  rotate: "Rotate secret",
  rotateTitle: "Rotate the signing secret?",
  rotateBody: "A new secret signs from now on.",
  rotateGrace: "The old one signs as well for",
  graceNone: "no time at all",
  graceHour: "an hour",
  graceDay: "a day",
  graceWeek: "a week",
  secret: "Signing secret",
  secretTitle: "Keep this secret",
  secretBody: "Your server verifies with it that requests are ours. It is shown this once.",
  done: "Done",
  recover: "Recover what was missed",
  recoverTitle: "Recover what was missed?",
  recoverBody: "Events that this endpoint has not been sent are sent now, oldest first.",
  recoverSince: "Since",
  sinceFailure: "The first failure, {time}",
  sinceHour: "An hour ago",
  sinceDay: "A day ago",
  sinceWeek: "A week ago",
  sinceTime: "A time of your choice",
  recovering: "What was missed is on its way",
  deleteTitle: "Delete this endpoint?",
  deleteBody: "{url} will get nothing more, and what waits for it is dropped. This can’t be undone.",
  deleted: "Endpoint deleted",
  deliveries: "Deliveries",
  filter: "Filter by state",
  everyStatus: "Every state",
  refresh: "Refresh",
  noDeliveriesTitle: "Nothing sent yet",
  noDeliveriesBody: "What is sent to this endpoint will show up here.",
  noneOfStatus: "There is nothing in this state.",
  pending: "Pending",
  sending: "Sending",
  retrying: "Retrying",
  sent: "Sent",
  delivered: "Delivered",
  failed: "Failed",
  exhausted: "Given up",
  cancelled: "Cancelled",
  skipped: "Skipped",
  attempts: "Attempts",
  attemptCount: { one: "{count} attempt", other: "{count} attempts" },
  attempt: "Attempt {number}",
  nextAttempt: "Next attempt {time}",
  sendAgain: "Send again",
  sentAgain: "Sent again",
  request: "Request",
  headers: "Headers",
  body: "Body",
  noRequest: "What was sent is not kept any more.",
  response: "Answer",
  noResponse: "No answer came.",
  noAttempts: "Not tried yet.",
  unknownOutcome: "Unknown",
  unknownType: "Event no longer kept",
  deliveryId: "Delivery",
  eventId: "Event",
  version: "Version {name}",
  schema: "Schema",
  sample: "Sample",
  noSchema: "No schema is set for this event.",
  noSample: "There is no sample of this event.",
  milliseconds: "{count} ms",
};
