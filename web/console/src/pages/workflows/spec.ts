// A workflow's document, as far as the console reads it. The server judges it; here it is only drawn.

export interface Step {
  name: string;
  kind: string;
  does: Record<string, unknown>;
  condition: unknown;
}

export interface Spec {
  key?: string;
  name?: string;
  description?: string;
  active?: boolean;
  critical?: boolean;
  events?: Array<{ type: string; if?: unknown }>;
  recipients?: Array<Record<string, unknown>>;
  otherwise?: Array<Record<string, unknown>>;
  categories?: string[];
  steps?: unknown[];
  tenant_steps?: unknown[];
}

export function stepOf(raw: unknown): Step {
  const { name, if: condition, ...rest } = (raw ?? {}) as Record<string, unknown>;
  const kind = Object.keys(rest)[0] ?? "";
  return { name: String(name ?? ""), kind, condition, does: (rest[kind] ?? {}) as Record<string, unknown> };
}

/** Whom it reaches, in words. */
export function selected(selector: Record<string, unknown>): string {
  const roles = Array.isArray(selector["roles"])
    ? `${(selector["roles"] as string[]).join(" and ")}s of `
    : "members of ";
  if (selector["users"]) return (selector["users"] as string[]).join(", ");
  if (selector["users_from"]) return `whom ${String(selector["users_from"])} names`;
  if (selector["tenant"]) return `${roles}${String(selector["tenant"])}`;
  if (selector["tenant_from"]) {
    const from = String(selector["tenant_from"]);
    return from === "tenant.id" || from === "tenant" ? `${roles}the tenant` : `${roles}the tenant in ${from}`;
  }
  if (selector["topic"]) return `subscribers of ${String(selector["topic"])}`;
  if (selector["topic_from"]) return `subscribers of the topic in ${String(selector["topic_from"])}`;
  return "somebody";
}

/** What a step does, in one line. */
export function summary({ kind, does }: Step): string {
  const said = (name: string) => (does[name] === undefined ? "" : String(does[name]));
  switch (kind) {
    case "in_app":
    case "slack":
    case "teams":
      return said("title");
    case "email":
      return said("subject");
    case "batch": {
      const window = does["window"];
      const length = typeof window === "string" ? `for ${window}` : JSON.stringify(window);
      return `gathers ${length}${does["key"] ? `, one batch for each ${said("key")}` : ""}`;
    }
    case "delay":
      return does["for"] ? `waits ${said("for")}` : `waits until ${said("until_from")}`;
    case "throttle":
      return `lets ${said("limit")} go on per ${said("per")}`;
    case "webhook":
      return `publishes ${said("event")}`;
    case "trigger":
      return `starts ${said("workflow")}`;
    case "fetch":
      return `${said("method") || "GET"} ${said("url")}`;
    case "wait_for": {
      const event = (does["event"] as { type?: string } | undefined)?.type;
      const becomes = Array.isArray(does["becomes"]) ? (does["becomes"] as string[]).join(" or ") : "";
      return `${event ? `for ${event}` : `until ${said("step")} is ${becomes}`}, at most ${said("for")}`;
    }
    default:
      return "";
  }
}

/** Every step, those of branches too. */
export function allSteps(raw: unknown[] | undefined): Step[] {
  return (raw ?? []).flatMap((one) => {
    const step = stepOf(one);
    if (step.kind !== "branch") return [step];
    const { arms, otherwise } = step.does as { arms?: Array<{ steps?: unknown[] }>; otherwise?: unknown[] };
    return [step, ...(arms ?? []).flatMap((arm) => allSteps(arm.steps)), ...allSteps(otherwise)];
  });
}
