import { useState } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import Box from "lucide-react/icons/box";
import Plus from "lucide-react/icons/plus";
import { useChange, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Tag } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Id } from "../../kit/code.js";
import { FormDialog } from "../../kit/dialog.js";
import { Field, Input } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Page } from "../../kit/page.js";
import { Empty } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";

export function Applications() {
  const source = useRows("/api/v1/apps", {});
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Make an application
    </Button>
  );
  return (
    <Page
      title="Applications"
      about="Programs that publish events and receive webhooks, each with keys of its own."
      actions={add}
    >
      <Listed
        label="Applications"
        source={source}
        id={({ id }) => id}
        find={({ name, uid, tenant }) => `${name} ${uid ?? ""} ${tenant ?? ""}`}
        columns={[
          {
            name: "Application",
            main: true,
            cell: ({ id, name }) => (
              <Link to="/applications/$app" params={{ app: id }}>
                {name}
              </Link>
            ),
          },
          {
            name: "Your id",
            cell: ({ uid }) => (uid ? <code>{uid}</code> : <span className="faint">–</span>),
          },
          {
            name: "Belongs to",
            spare: true,
            cell: ({ tenant }) => (tenant ? <Tag>{tenant}</Tag> : <span className="faint">–</span>),
          },
          { name: "Id", spare: true, cell: ({ id }) => <Id id={id} /> },
          {
            name: "Made",
            end: true,
            spare: true,
            cell: ({ created_at }) => (
              <span className="muted">
                <Ago at={created_at} />
              </span>
            ),
          },
        ]}
        empty={
          <Empty icon={<Box aria-hidden />} title="No application yet" action={add}>
            <p>Make one for each program of yours that publishes events.</p>
          </Empty>
        }
      />
      {adding ? <AddDialog onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [uid, setUid] = useState("");
  const add = useChange("post", "/api/v1/apps", ["/api/v1/apps"]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title="Make an application"
      action="Make it"
      busy={add.isPending}
      problem={add.error}
      refusal={name ? null : "Give it a name first."}
      onClose={onClose}
      onSubmit={() =>
        add.mutate(
          { idempotent: true, body: { name, ...(uid ? { uid } : {}) } },
          {
            onSuccess: ({ id }) =>
              void navigate({ to: "/applications/$app", params: { app: id }, search: { tab: "keys" } }),
          },
        )
      }
    >
      <Field label="Name">
        <Input
          autoFocus
          value={name}
          placeholder="Help desk"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Your id" hint="By which your programs can name it; optional.">
        <Input value={uid} placeholder="helpdesk" onChange={(event) => setUid(event.target.value.trim())} />
      </Field>
    </FormDialog>
  );
}
