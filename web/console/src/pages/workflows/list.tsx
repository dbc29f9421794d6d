import { useState } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import Plus from "lucide-react/icons/plus";
import WorkflowIcon from "lucide-react/icons/workflow";
import { useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge, Tag } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Field, Input } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Page } from "../../kit/page.js";
import { Empty } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { KindIcon, kindName } from "../../words/channel.js";
import { applyCommand } from "../../words/commands.js";
import { allSteps, type Spec } from "./spec.js";
import "./list.css";

export function Workflows() {
  const source = useRows("/api/v1/workflows", {});
  const refusal = useRefusal();
  const [naming, setNaming] = useState(false);
  const add = (
    <Button look="primary" icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setNaming(true)}>
      Declare a workflow
    </Button>
  );
  return (
    <Page
      title="Workflows"
      about="What happens for an event: whom it reaches, through which channels, when."
      actions={add}
    >
      <Listed
        label="Workflows"
        source={source}
        id={({ key }) => key}
        find={({ key, spec }) => `${key} ${String((spec as Spec).name ?? "")}`}
        columns={[
          {
            name: "Workflow",
            main: true,
            cell: ({ key, spec }) => (
              <>
                <Link to="/workflows/$workflow" params={{ workflow: key }}>
                  {(spec as Spec).name || key}
                </Link>
                <div className="muted small">
                  <code>{key}</code>
                </div>
              </>
            ),
          },
          { name: "Starts with", spare: true, cell: ({ spec }) => <Starts spec={spec as Spec} /> },
          { name: "Steps", spare: true, cell: ({ spec }) => <StepIcons spec={spec as Spec} /> },
          {
            name: "State",
            cell: ({ spec }) => (
              <Badge tone={(spec as Spec).active === false ? "quiet" : "good"}>
                {(spec as Spec).active === false ? "Off" : "Active"}
              </Badge>
            ),
          },
          {
            name: "Version",
            end: true,
            spare: true,
            cell: ({ version }) => <span className="number muted">{version}</span>,
          },
          {
            name: "Changed",
            end: true,
            cell: ({ updated_at }) => (
              <span className="muted">
                <Ago at={updated_at} />
              </span>
            ),
          },
        ]}
        empty={
          <Empty
            icon={<WorkflowIcon aria-hidden />}
            title="No workflow is declared"
            command={applyCommand()}
            action={add}
          >
            <p>Write one here, with a preview beside it, or keep workflows in files and apply them.</p>
          </Empty>
        }
      />
      {naming ? <NameDialog onClose={() => setNaming(false)} /> : null}
    </Page>
  );
}

function Starts({ spec }: { spec: Spec }) {
  if (!spec.events?.length) return <span className="muted">a trigger</span>;
  return (
    <span className="row wrap">
      {spec.events.map(({ type }) => (
        <Tag key={type}>{type}</Tag>
      ))}
    </span>
  );
}

function StepIcons({ spec }: { spec: Spec }) {
  const kinds = [
    ...new Set([...allSteps(spec.steps), ...allSteps(spec.tenant_steps)].map(({ kind }) => kind)),
  ];
  return (
    <span className="step-icons">
      {kinds.map((kind) => (
        <span key={kind} title={kindName(kind)}>
          <KindIcon kind={kind} />
          <span className="hidden">{kindName(kind)}</span>
        </span>
      ))}
    </span>
  );
}

function NameDialog({ onClose }: { onClose: () => void }) {
  const [key, setKey] = useState("");
  const navigate = useNavigate();
  const wrong = key && !/^[\w.-]{1,100}$/.test(key) ? "Letters, digits, - _ and . only." : null;
  return (
    <FormDialog
      title="Declare a workflow"
      action="Go on"
      refusal={!key || wrong ? "Give it a key first." : null}
      onClose={onClose}
      onSubmit={() =>
        void navigate({ to: "/workflows/$workflow/edit", params: { workflow: key }, search: { new: "1" } })
      }
    >
      <Field label="Key" hint="The name it is triggered by. It cannot be changed later." error={wrong}>
        <Input
          autoFocus
          value={key}
          placeholder="order-shipped"
          onChange={(event) => setKey(event.target.value.trim())}
        />
      </Field>
    </FormDialog>
  );
}
