// Traces and runs of the console's fake server: who got something of an event, who did not, and why.

import { makeId, pick, type Schemas, type World } from "./console-data.js";

type Step = Schemas["StepView"];
type Run = Schemas["TracedRunView"];

/** What became of the second step for people whose stories the tests tell. */
const STORIES: Record<
  string,
  { outcome: Step["outcome"]; why: Record<string, unknown> | null; until?: number }
> = {
  ada: { outcome: "skipped", why: { reason: "preference", layer: "user", rule: "/channels/email" } },
  chika: {
    outcome: "held",
    why: { reason: "quiet_hours", layer: "user", rule: "/quiet_hours/windows/0" },
    until: 7 * 3_600,
  },
  yusuf: { outcome: "skipped", why: { reason: "no_address" } },
};

export function traceOf(world: World, event: Schemas["EventView"]): Schemas["TraceView"] {
  const workflows = world.workflows.filter(({ spec }) =>
    triggersOf(spec).some((trigger) => trigger.type === event.type),
  );
  const considered = workflows.map((workflow) => {
    const score = (event.data as { score?: number }).score;
    const holds = score === undefined || score >= 70;
    return {
      workflow: workflow.key,
      version: workflow.version,
      active: workflow.spec["active"] !== false,
      starts: holds,
      triggers: [
        {
          holds,
          because:
            score === undefined
              ? []
              : [{ path: "data.score", operator: "at_least", expected: 70, actual: score, holds }],
        },
      ],
    };
  });
  const runs = considered
    .filter(({ starts }) => starts)
    .flatMap(({ workflow, version }) => runsOf(world, event, workflow, version));
  return {
    event_id: event.id,
    type: event.type,
    created_at: event.created_at,
    workflows: considered,
    runs,
    other_runs: runs
      .filter(({ user_id }) => user_id === "chika")
      .map((run) => ({
        ...run,
        id: makeId("run", `held${run.id}`),
        part: "mail",
        status: "waiting" as const,
        steps: run.steps.slice(1).map((step) => ({ ...step, outcome: "waiting" as const })),
        deliveries: [],
      })),
    webhooks: world.webhooks
      .filter(({ app_id }) => app_id === event.app_id)
      .map((webhook) => {
        const wants = !webhook.event_types || webhook.event_types.includes(event.type);
        const sent = world.webhookDeliveries.get(webhook.id) ?? [];
        return {
          webhook_id: webhook.id,
          app_id: webhook.app_id,
          wants,
          deliveries: wants ? sent.slice(0, 1) : [],
        };
      }),
    next_cursor: null,
  };
}

function triggersOf(spec: Record<string, unknown>): Array<{ type: string }> {
  return (spec["events"] as Array<{ type: string }> | undefined) ?? [];
}

function runsOf(world: World, event: Schemas["EventView"], workflow: string, version: number): Run[] {
  const members = world.members.get(event.tenant ?? "") ?? [];
  const people = members.slice(0, 6).map(({ user_id }) => user_id);
  const runs = people.map((user) => runOf(world, event, workflow, version, user));
  return [...runs, tenantRun(world, event, workflow, version)];
}

export function runOf(
  world: World,
  event: Schemas["EventView"],
  workflow: string,
  version: number,
  user: string,
): Run {
  const at = (seconds: number) => new Date(Date.parse(event.created_at) + seconds * 1000).toISOString();
  const id = makeId("run", `${event.id}${workflow}${user}`);
  const story = STORIES[user] ?? { outcome: "done" as const, why: null };
  const person = world.users.find((one) => one.id === user);
  const delivery: Schemas["MessageView"] = {
    id: makeId("dlv", 0),
    channel: "email",
    status: story.outcome === "done" ? "delivered" : "skipped",
    event_id: event.id,
    run_id: id,
    workflow,
    step: "mail",
    user_id: user,
    tenant: event.tenant ?? null,
    recipient: story.outcome === "done" ? (person?.email ?? null) : null,
    provider: story.outcome === "done" ? "house" : null,
    provider_id: null,
    attempts: story.outcome === "done" ? 1 : 0,
    error: story.outcome === "skipped" ? String(story.why?.["reason"]) : null,
    created_at: at(1),
    finished_at: at(2),
    next_attempt_at: null,
  };
  const own =
    story.outcome === "done"
      ? (world.messages.find((message) => message.user_id === user && message.channel === "email") ??
        delivery)
      : delivery;
  const steps: Step[] = [
    {
      step: "bell",
      does: "in_app",
      at: at(0),
      outcome: "done",
      deliveries: [],
      notification_id: makeId("ntf", id),
      run_id: null,
      until: null,
      why: null,
    },
    {
      step: "mail",
      does: "email",
      at: at(0),
      outcome: story.outcome,
      deliveries: story.outcome === "held" ? [] : [own.id],
      notification_id: null,
      run_id: story.outcome === "held" ? makeId("run", `held${id}`) : null,
      until: story.until ? at(story.until) : null,
      why: story.why,
    },
  ];
  return {
    id,
    event_id: event.id,
    workflow,
    version,
    user_id: user,
    tenant: event.tenant ?? null,
    actor: null,
    batch_id: null,
    part: null,
    called_off: false,
    status: "completed",
    created_at: event.created_at,
    finished_at: at(2),
    steps,
    deliveries: story.outcome === "held" ? [] : [{ ...delivery, id: own.id }],
  };
}

function tenantRun(world: World, event: Schemas["EventView"], workflow: string, version: number): Run {
  const base = runOf(world, event, workflow, version, "");
  const outcome = pick(["done", "done", "skipped"] as const, "slack", event.id);
  const delivery = {
    ...base.deliveries[0]!,
    channel: "slack" as const,
    step: "slack",
    user_id: null,
    recipient: outcome === "done" ? "https://hooks.slack.example/…/1" : null,
    status: outcome === "done" ? ("sent" as const) : ("skipped" as const),
    error: outcome === "done" ? null : "channel_off",
    provider: "slack",
  };
  return {
    ...base,
    deliveries: [delivery],
    steps: [
      {
        step: "slack",
        does: "slack",
        at: base.created_at,
        outcome,
        deliveries: [delivery.id],
        notification_id: null,
        run_id: null,
        until: null,
        why: outcome === "done" ? null : { reason: "channel_off" },
      },
    ],
  };
}
