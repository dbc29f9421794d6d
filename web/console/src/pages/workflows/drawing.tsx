// A workflow drawn from top to bottom: what starts it, whom it reaches, one step after the other, and ways side by
// side where it branches. The drawing is a list of lists, so it reads the same without eyes.

import type { ReactNode } from "react";
import Users from "lucide-react/icons/users";
import Zap from "lucide-react/icons/zap";
import { KindIcon, kindName } from "../../words/channel.js";
import { conditionLines } from "../../words/why.js";
import { selected, stepOf, summary, type Spec, type Step } from "./spec.js";
import "./drawing.css";

export function Drawing({ spec }: { spec: Spec }) {
  const starts = spec.events ?? [];
  return (
    <div className="drawing">
      <ol className="flow" aria-label="Steps for each recipient">
        <li>
          <Node
            className="start"
            icon={<Zap aria-hidden />}
            kind={starts.length > 0 ? "Starts with" : "Starts when triggered"}
            title={starts.map(({ type }) => type).join(" or ") || "by its key"}
          >
            {starts.flatMap(({ if: condition }, index) =>
              conditionLines(condition).map((line) => <Chip key={`${index}${line}`} text={line} />),
            )}
          </Node>
        </li>
        {spec.recipients?.length || spec.otherwise?.length ? (
          <li>
            <Node
              className="start"
              icon={<Users aria-hidden />}
              kind="Reaches"
              title={(spec.recipients ?? []).map(selected).join(" and ") || "nobody by itself"}
            >
              {spec.otherwise?.length ? (
                <p className="muted small">else {spec.otherwise.map(selected).join(" and ")}</p>
              ) : null}
            </Node>
          </li>
        ) : null}
        <Steps raw={spec.steps} />
      </ol>
      {spec.tenant_steps?.length ? (
        <ol className="flow aside" aria-label="Steps for the tenant">
          <li>
            <p className="flow-title">Once for the tenant, through the channels its admins set up</p>
          </li>
          <Steps raw={spec.tenant_steps} />
        </ol>
      ) : null}
    </div>
  );
}

function Steps({ raw }: { raw: unknown[] | undefined }) {
  return (
    <>
      {(raw ?? []).map((one, index) => {
        const step = stepOf(one);
        return (
          <li key={`${index}${step.name}`}>
            {step.kind === "branch" ? <Branch step={step} /> : <StepNode step={step} />}
          </li>
        );
      })}
    </>
  );
}

function StepNode({ step }: { step: Step }) {
  return (
    <Node
      icon={<KindIcon kind={step.kind} />}
      kind={kindName(step.kind)}
      name={step.name}
      title={summary(step)}
      className={step.kind}
    >
      {conditionLines(step.condition).map((line) => (
        <Chip key={line} text={line} />
      ))}
    </Node>
  );
}

function Branch({ step }: { step: Step }) {
  const { arms = [], otherwise = [] } = step.does as {
    arms?: Array<{ if?: unknown; steps?: unknown[] }>;
    otherwise?: unknown[];
  };
  return (
    <>
      <StepNode step={step} />
      <ul className="ways" aria-label={`Ways of ${step.name}`}>
        {arms.map((arm, index) => (
          <li key={index}>
            <span className="way-head">
              {conditionLines(arm.if).map((line) => (
                <Chip key={line} text={line} />
              ))}
            </span>
            <ol className="flow">
              <Steps raw={arm.steps} />
            </ol>
          </li>
        ))}
        <li>
          <span className="way-head">
            <span className="chip">otherwise</span>
          </span>
          <ol className="flow">
            <Steps raw={otherwise} />
          </ol>
        </li>
      </ul>
    </>
  );
}

function Chip({ text }: { text: string }) {
  return (
    <span className="chip" title={text}>
      if {text}
    </span>
  );
}

function Node({
  icon,
  kind,
  name,
  title,
  className = "",
  children,
}: {
  icon: ReactNode;
  kind: string;
  name?: string;
  title: string;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <div className={`node ${className}`}>
      <span className="node-icon">{icon}</span>
      <div>
        <p className="node-kind">
          {kind} {name ? <code>{name}</code> : null}
        </p>
        {title ? <p className="node-title">{title}</p> : null}
        {children ? <div className="chips">{children}</div> : null}
      </div>
    </div>
  );
}
