// What the fake server answers to a preview: one pass over a workflow with a turned clock, and the faults of its texts.

import { mail } from "./console-deliveries.js";
import { makeId, type Schemas, type World } from "./console-data.js";

type Spec = Record<string, unknown>;
type Fault = Schemas["FaultView"];
const KINDS = [
  "in_app",
  "email",
  "slack",
  "teams",
  "batch",
  "delay",
  "throttle",
  "branch",
  "webhook",
  "trigger",
  "fetch",
  "wait_for",
];

/** What is wrong with a workflow, by JSON pointer. */
export function faultsOf(spec: Spec, at = ""): Fault[] {
  const faults: Fault[] = [];
  const steps = Array.isArray(spec["steps"]) ? (spec["steps"] as Spec[]) : [];
  if (steps.length === 0 && !Array.isArray(spec["tenant_steps"]))
    faults.push({ pointer: `${at}/steps`, code: "required", detail: "must have at least one step" });
  const names = new Set<unknown>();
  steps.forEach((step, index) => {
    const here = `${at}/steps/${index}`;
    const kinds = Object.keys(step).filter((key) => KINDS.includes(key));
    const unknown = Object.keys(step).find((key) => !KINDS.includes(key) && key !== "name" && key !== "if");
    if (unknown)
      faults.push({
        pointer: `${here}/${unknown}`,
        code: "unknown",
        detail: `\`${unknown}\` is not known here`,
      });
    else if (kinds.length !== 1)
      faults.push({
        pointer: here,
        code: "invalid",
        detail: `the step \`${String(step["name"])}\` must say what it does: one of ${KINDS.join(", ")}`,
      });
    if (names.has(step["name"]))
      faults.push({ pointer: `${here}/name`, code: "duplicate", detail: "another step has this name" });
    names.add(step["name"]);
    const kind = kinds[0];
    const body = kind ? (step[kind] as Spec) : {};
    for (const [field, text] of Object.entries(body ?? {})) {
      if (
        typeof text === "string" &&
        (text.match(/\{\{/g)?.length ?? 0) > (text.match(/\}\}/g)?.length ?? 0)
      ) {
        faults.push({
          pointer: `${here}/${kind}/${field}`,
          code: "template",
          detail: `line 1, column ${text.lastIndexOf("{{") + 1}: the output is not closed`,
        });
      }
    }
  });
  return faults;
}

const FILTERS: Record<string, (value: unknown) => unknown> = {
  capitalize: (value) =>
    String(value ?? "")
      .charAt(0)
      .toUpperCase() + String(value).slice(1),
  join: (value) => (Array.isArray(value) ? value.join(", ") : value),
};

function render(text: string, known: unknown): string {
  return text.replace(/\{\{\s*([\w.]+)\s*((?:\|[^}|]*)*)\}\}/g, (_, path: string, filters: string) => {
    let value = path
      .split(".")
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], known);
    for (const filter of filters.split("|").slice(1))
      value = FILTERS[filter.trim().split(":")[0]!]?.(value) ?? value;
    return value === undefined || value === null ? "" : String(value);
  });
}

function seconds(span: unknown): number {
  const found = /^(\d+)([smhd])$/.exec(String(span));
  return found ? Number(found[1]) * { s: 1, m: 60, h: 3_600, d: 86_400 }[found[2] as "s"] : 60;
}

export function preview(world: World, body: Spec): Spec {
  const resources = (body["resources"] as Spec[] | undefined) ?? [];
  const templates = new Map(
    [...world.templates, ...resources.filter((one) => one["kind"] === "template")].map((one) => [
      String(one.name),
      String((one as Spec)["source"]),
    ]),
  );
  const start = Date.parse((body["from"] as string | undefined) ?? new Date(world.now).toISOString());
  const people = ((body["users"] as Array<string | Spec> | undefined) ?? ["ada"]).map((one) =>
    typeof one === "string"
      ? (world.users.find(({ id }) => id === one) ?? { id: one, name: one, email: null })
      : one,
  ) as Spec[];
  const timeline: Spec[] = [];
  const messages: Spec[] = [];
  const notifications: Spec[] = [];
  let latest = start;

  for (const [number, event] of ((body["events"] as Spec[] | undefined) ?? []).entries()) {
    const workflow = (resources.find((one) => one["kind"] === "workflow") ??
      world.workflows[0]?.spec ??
      {}) as Spec;
    const began = start + (event["after"] ? seconds(event["after"]) * 1000 : 0);
    const id = makeId("evt", `preview${number}`);
    const type = String(event["type"] ?? "trigger");
    timeline.push({
      at: new Date(began).toISOString(),
      what: "event",
      event_id: id,
      type,
      workflows: [{ workflow: workflow["key"], starts: true, triggers: [] }],
    });
    for (const user of people) {
      let at = began;
      for (const step of (workflow["steps"] as Spec[] | undefined) ?? []) {
        const kind = KINDS.find((one) => one in step) ?? "delay";
        const does = (step[kind] ?? {}) as Spec;
        const entry = (outcome: string, extra: Spec = {}) =>
          timeline.push({
            at: new Date(at).toISOString(),
            what: "step",
            run_id: makeId("run", `p${number}`),
            user_id: user["id"],
            workflow: workflow["key"],
            step: step["name"],
            does: kind,
            outcome,
            ...extra,
          });
        const known = {
          data: event["data"],
          recipient: user,
          tenant: { id: event["tenant"], name: "Acme Ltd" },
          total_activities: 1,
        };
        const said = (name: string) =>
          typeof does[name] === "string" ? render(does[name] as string, known) : null;
        if (kind === "batch" || kind === "delay") {
          const wait = seconds(does["window"] ?? does["for"]);
          entry(kind === "batch" ? "batched" : "waiting", {
            until: new Date(at + wait * 1000).toISOString(),
          });
          at += wait * 1000;
        } else if (kind === "in_app") {
          entry("done");
          notifications.push({
            id: makeId("ntf", `p${number}${String(step["name"])}`),
            user_id: user["id"],
            title: said("title"),
            body: said("body"),
            link: said("link"),
            priority: does["priority"] ?? "normal",
            status: "unread",
            event: type,
            created_at: new Date(at).toISOString(),
          });
        } else if (kind === "email" && !user["email"]) {
          entry("skipped", { why: { reason: "no_address" } });
          messages.push({
            id: makeId("dlv", `p${number}${String(step["name"])}`),
            channel: "email",
            status: "skipped",
            error: "no_address",
            step: step["name"],
            user_id: user["id"],
            recipient: null,
            content: null,
            created_at: new Date(at).toISOString(),
            attempts_log: [],
          });
        } else if (kind === "email" || kind === "slack" || kind === "teams") {
          entry("done");
          const inner = said("html") ?? `<p>${said("text") ?? ""}</p>`;
          const layout = does["layout"] ? templates.get(String(does["layout"])) : undefined;
          const rendered = inner.replace(/\{% render "([\w-]+)"[^%]*%\}/g, (_, name: string) =>
            render(templates.get(name) ?? "", known),
          );
          const html = layout
            ? render(layout.replace(/\{\{\s*content\s*\}\}/g, rendered), known)
            : mail(said("subject") ?? "", rendered.replace(/<[^>]+>/g, ""), "#");
          const content =
            kind === "email"
              ? { to: user["email"], subject: said("subject"), html, text: said("text") }
              : kind === "slack"
                ? {
                    text: said("title"),
                    blocks: [
                      { type: "header", text: { type: "plain_text", text: said("title") } },
                      { type: "section", text: { type: "mrkdwn", text: said("body") } },
                    ],
                  }
                : {
                    card: {
                      type: "AdaptiveCard",
                      version: "1.4",
                      body: [
                        { type: "TextBlock", text: said("title"), weight: "Bolder" },
                        { type: "TextBlock", text: said("body"), wrap: true },
                      ],
                    },
                  };
          messages.push({
            id: makeId("dlv", `p${number}${String(step["name"])}`),
            channel: kind,
            status: "sent",
            error: null,
            step: step["name"],
            user_id: user["id"],
            recipient: user["email"],
            content,
            created_at: new Date(at).toISOString(),
            attempts_log: [],
          });
          timeline.push({
            at: new Date(at + 400).toISOString(),
            what: "attempt",
            delivery_id: makeId("dlv", `p${number}${String(step["name"])}`),
            channel: kind,
            recipient: user["email"],
            step: step["name"],
            outcome: "sent",
            error: null,
          });
        } else entry("done");
        latest = Math.max(latest, at + 1_000);
      }
    }
  }
  timeline.sort((a, b) => String(a["at"]).localeCompare(String(b["at"])));
  return {
    from: new Date(start).toISOString(),
    until: new Date(latest).toISOString(),
    timeline,
    messages,
    notifications,
  };
}
