// What followed from an event, as a line of time: which workflows it started, whom they reached, what each step
// became and what decided it, and which programs were told.

import { Link } from "@tanstack/react-router";
import type { Schemas } from "../api/client.js";
import { Badge, Tag } from "../kit/badge.js";
import { At } from "../kit/time.js";
import { Kind, KindIcon, kindName } from "../words/channel.js";
import { RunBadge, STEP, StatusBadge, title } from "../words/state.js";
import { compared, sentence, type Compared, type Why } from "../words/why.js";

type Trace = Schemas["TraceView"];
type Run = Schemas["TracedRunView"];

export function Considered({ workflows }: { workflows: Trace["workflows"] }) {
  if (workflows.length === 0) return <p className="muted">No workflow is started by events of this type.</p>;
  return (
    <ul className="stack tight">
      {workflows.map((workflow) => {
        const found = (workflow.triggers as Array<{ because?: Compared[] }>).flatMap(
          ({ because }) => because ?? [],
        );
        return (
          <li key={workflow.workflow} className="considered">
            <div className="row wrap">
              <Link
                className="link strong"
                to="/workflows/$workflow"
                params={{ workflow: workflow.workflow }}
              >
                {workflow.workflow}
              </Link>
              <Badge tone={workflow.starts ? "good" : "quiet"}>
                {workflow.starts ? "Started" : workflow.active ? "Not started" : "Not active"}
              </Badge>
            </div>
            {found.map((one, index) => (
              <p key={index} className={one.holds ? "muted small" : "small"}>
                {compared(one)}
              </p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

export function RunLine({ run, quiet }: { run: Run; quiet?: boolean }) {
  return (
    <article className="run" aria-label={`${run.user_id || "The tenant"}, ${run.workflow}`}>
      <header className="row wrap">
        {run.user_id ? (
          <Link className="link strong" to="/users/$user" params={{ user: run.user_id }}>
            {run.user_id}
          </Link>
        ) : (
          <strong className="strong">The tenant{run.tenant ? ` ${run.tenant}` : ""}</strong>
        )}
        {quiet ? null : <Tag>{run.workflow}</Tag>}
        {run.part ? <span className="muted small">goes on with {run.part}</span> : null}
        <span className="push row">
          {run.called_off ? <Badge>Called off</Badge> : null}
          <RunBadge status={run.status} />
        </span>
      </header>
      <ol className="line">
        {run.steps.map((step, index) => (
          <StepLine
            key={index}
            step={step}
            deliveries={run.deliveries.filter(({ step: own }) => own === step.step)}
          />
        ))}
      </ol>
    </article>
  );
}

function StepLine({ step, deliveries }: { step: Schemas["StepView"]; deliveries: Schemas["MessageView"][] }) {
  const why = sentence(step.why as Why | null);
  return (
    <li className={`on-${STEP[step.outcome]}`}>
      <div className="row wrap">
        <span className="kind">
          <KindIcon kind={step.does} />
          {kindName(step.does)}
        </span>
        {step.step && step.step !== step.does ? <code className="muted">{step.step}</code> : null}
        <Badge tone={STEP[step.outcome]}>{title(step.outcome)}</Badge>
        <span className="muted small push">
          <At at={step.at} clock />
        </span>
      </div>
      {why ? <p className="why">{why}.</p> : null}
      {step.until ? (
        <p className="muted small">
          until <At at={step.until} />
        </p>
      ) : null}
      {deliveries.map((delivery) => (
        <p key={delivery.id} className="row wrap small">
          <StatusBadge status={delivery.status} />
          <Link className="link" to="/deliveries" search={{ delivery: delivery.id }}>
            {delivery.recipient ?? delivery.id}
          </Link>
          {delivery.provider ? <span className="muted">by {delivery.provider}</span> : null}
          {delivery.error && delivery.status !== "skipped" ? (
            <span className="bad-text">{delivery.error}</span>
          ) : null}
        </p>
      ))}
    </li>
  );
}

export function Programs({ webhooks }: { webhooks: Trace["webhooks"] }) {
  if (webhooks.length === 0) return <p className="muted">No application has a webhook that may take it.</p>;
  return (
    <ul className="stack tight">
      {webhooks.map((webhook) => (
        <li key={webhook.webhook_id} className="considered">
          <div className="row wrap">
            <Kind kind="webhook" />
            <Link
              className="link cut"
              to="/applications/$app/webhooks/$webhook"
              params={{ app: webhook.app_id, webhook: webhook.webhook_id }}
            >
              <code>{webhook.webhook_id}</code>
            </Link>
            {webhook.deliveries.length === 0 ? (
              <Badge>{webhook.wants ? "Nothing was sent" : "Does not take this type"}</Badge>
            ) : null}
          </div>
          {webhook.deliveries.map((delivery) => (
            <p key={delivery.id} className="row wrap small">
              <StatusBadge status={delivery.status} />
              <Link
                className="link"
                to="/deliveries/webhooks"
                search={{ app: webhook.app_id, webhook: webhook.webhook_id, delivery: delivery.id }}
              >
                {delivery.id}
              </Link>
              {delivery.error ? <span className="bad-text">{delivery.error}</span> : null}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
