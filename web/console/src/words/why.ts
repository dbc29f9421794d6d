// What decided something, as sentences. The words of `why` are the server's; here they become English.

export interface Compared {
  path: string;
  operator: string;
  expected?: unknown;
  actual?: unknown;
  holds: boolean;
}

export interface Why {
  reason?: string;
  layer?: string;
  rule?: string;
  required?: boolean;
  because?: Compared[];
  key?: string;
  next_at?: string;
  error?: string;
  event?: string;
}

const REASONS: Record<string, string> = {
  condition: "Its condition did not hold",
  preference: "Preferences said no",
  quiet_hours: "It is held until quiet hours end",
  digest: "It is gathered into a digest",
  throttle: "The throttle let no more go on",
  channel_off: "The channel is not set up in this environment",
  no_address: "There is no address to send to",
  suppressed: "The address is suppressed: it bounced, or complained",
  no_wait: "There was nothing left to wait for",
  failed: "The step failed",
  critical: "The workflow is critical, so nothing holds it up",
  config_deleted: "The channel config was deleted",
  not_installed: "The user has not installed the application",
  inactive: "The user is not active",
  not_member: "The user is not a member of the tenant",
  actor: "The user is the one who did it",
};

const LAYERS: Record<string, string> = {
  environment: "the environment’s defaults",
  tenant: "the tenant’s defaults",
  user: "the user’s own preferences",
  user_in_tenant: "the user’s own preferences for this tenant",
};

const OPERATORS: Record<string, [string, string]> = {
  equals: ["is", "is not"],
  not_equals: ["is not", "is"],
  above: ["is above", "is not above"],
  at_least: ["is at least", "is below"],
  below: ["is below", "is not below"],
  at_most: ["is at most", "is above"],
  contains: ["contains", "does not contain"],
  not_contains: ["does not contain", "contains"],
  starts_with: ["starts with", "does not start with"],
  ends_with: ["ends with", "does not end with"],
  matches: ["matches", "does not match"],
  in: ["is one of", "is none of"],
  not_in: ["is none of", "is one of"],
  contains_any: ["contains one of", "contains none of"],
  contains_all: ["contains all of", "does not contain all of"],
  exists: ["is there", "is missing"],
  missing: ["is missing", "is there"],
  empty: ["is empty", "is not empty"],
  not_empty: ["is not empty", "is empty"],
};

export function shown(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}

/** What a comparison found: "data.score is 55, which is below 70". */
export function compared({ path, operator, expected, actual, holds }: Compared): string {
  const [yes, no] = OPERATORS[operator] ?? [
    operator.replaceAll("_", " "),
    `not ${operator.replaceAll("_", " ")}`,
  ];
  const word = holds ? yes : no;
  if (expected === undefined) return `${path} ${word}`;
  return `${path} is ${shown(actual)}, which ${word} ${shown(expected)}`;
}

export function sentence(why: Why | null | undefined): string {
  if (!why?.reason) return "";
  let text = REASONS[why.reason] ?? capital(why.reason.replaceAll("_", " "));
  if (why.reason === "preference" && why.layer) {
    text = `Turned off in ${LAYERS[why.layer] ?? why.layer}`;
    if (why.required) text += ", where it is required";
  } else if (why.layer) text += ` (${LAYERS[why.layer] ?? why.layer})`;
  if (why.rule) text += `: ${why.rule}`;
  if (why.key) text += `, key ${why.key}`;
  if (why.error) text += `: ${why.error}`;
  const failed = (why.because ?? []).filter(({ holds }) => !holds);
  const told = failed.length > 0 ? failed : (why.because ?? []);
  if (told.length > 0) text += `: ${told.map(compared).join("; ")}`;
  return text;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A declared condition in one line, for the drawing of a workflow. */
export function conditionLines(condition: unknown): string[] {
  if (!condition || typeof condition !== "object") return [];
  const node = condition as Record<string, unknown>;
  if (Array.isArray(node["all"])) return node["all"].flatMap(conditionLines);
  if (Array.isArray(node["any"])) {
    const ways = node["any"].map((one) => conditionLines(one).join(" and "));
    return [ways.join(" or ")];
  }
  if (node["not"]) return [`not (${conditionLines(node["not"]).join(" and ")})`];
  if (typeof node["path"] === "string" && typeof node["is"] === "string")
    return [said(node["path"], node["is"], node["value"])];
  return Object.entries(node).flatMap(([path, test]) =>
    test && typeof test === "object" && !Array.isArray(test)
      ? Object.entries(test).map(([operator, value]) => said(path, operator, value))
      : [said(path, "equals", test)],
  );
}

const SIGNS: Record<string, string> = {
  equals: "=",
  not_equals: "≠",
  at_least: "≥",
  at_most: "≤",
  above: ">",
  below: "<",
};

function said(path: string, operator: string, value: unknown): string {
  const sign = SIGNS[operator] ?? OPERATORS[operator]?.[0] ?? operator.replaceAll("_", " ");
  return value === undefined
    ? `${path} ${sign}`
    : `${path} ${sign} ${typeof value === "string" ? value : JSON.stringify(value)}`;
}
