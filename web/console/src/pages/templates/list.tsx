import { useState } from "react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import FileText from "lucide-react/icons/file-text";
import Plus from "lucide-react/icons/plus";
import { useRead, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Choice, Field, Input } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Page } from "../../kit/page.js";
import { Empty } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { Kind } from "../../words/channel.js";
import { applyCommand } from "../../words/commands.js";
import { usesOf } from "./use.js";

const CHANNELS = ["all", "email", "in_app", "slack", "teams"] as const;
type Which = (typeof CHANNELS)[number];
const LABELS: Record<Which, string> = {
  all: "All",
  email: "Email",
  in_app: "In-app",
  slack: "Slack",
  teams: "Teams",
};

export function Templates() {
  const { channel = "all" } = useSearch({ from: "/shell/templates" });
  const navigate = useNavigate();
  const all = useRows("/api/v1/templates", {});
  const workflows = useRead("/api/v1/workflows", { query: { limit: 100 } });
  const refusal = useRefusal();
  const [naming, setNaming] = useState(false);
  const uses = (name: string) => usesOf(name, workflows.data?.data ?? []);
  const rows =
    channel === "all"
      ? all.rows
      : all.rows.filter(({ name }) => uses(name).some((use) => use.channel === channel));
  const add = (
    <Button look="primary" icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setNaming(true)}>
      Write a template
    </Button>
  );
  return (
    <Page
      title="Templates"
      about="Texts that several steps share: layouts of mails, and pieces that other texts render."
      actions={add}
    >
      <div>
        <Choice
          label="Channel"
          value={channel as Which}
          options={CHANNELS.map((value) => ({ value, label: LABELS[value] }))}
          onChange={(which) =>
            void navigate({
              to: "/templates",
              search: which === "all" ? {} : { channel: which },
              replace: true,
            })
          }
        />
      </div>
      <Listed
        label="Templates"
        source={{ ...all, rows }}
        id={({ name }) => name}
        find={({ name }) => name}
        columns={[
          {
            name: "Template",
            main: true,
            cell: ({ name }) => (
              <Link to="/templates/$template" params={{ template: name }}>
                {name}
              </Link>
            ),
          },
          {
            name: "Kind",
            spare: true,
            cell: ({ source }) => (
              <span className="muted">{/\{\{-?\s*content/.test(source) ? "Layout" : "Piece"}</span>
            ),
          },
          {
            name: "Read in",
            spare: true,
            cell: ({ name }) => {
              const channels = [...new Set(uses(name).map((use) => use.channel))];
              return channels.length > 0 ? (
                <span className="row wrap">
                  {channels.map((kind) => (
                    <Kind key={kind} kind={kind} />
                  ))}
                </span>
              ) : (
                <span className="faint">Nowhere yet</span>
              );
            },
          },
          {
            name: "Workflows",
            spare: true,
            end: true,
            cell: ({ name }) => (
              <span className="number muted">{new Set(uses(name).map(({ workflow }) => workflow)).size}</span>
            ),
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
          channel === "all" ? (
            <Empty icon={<FileText aria-hidden />} title="No templates" command={applyCommand()} action={add}>
              <p>Steps can do without. Where two say the same, write it once here.</p>
            </Empty>
          ) : (
            <Empty
              icon={<FileText aria-hidden />}
              title={`No template is read in ${LABELS[channel as Which] ?? channel}`}
            >
              <p>A step reads one by its layout, or by {"{% render %}"} in its texts.</p>
            </Empty>
          )
        }
      />
      {naming ? <NameDialog onClose={() => setNaming(false)} /> : null}
    </Page>
  );
}

function NameDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  return (
    <FormDialog
      title="Write a template"
      action="Go on"
      refusal={name ? null : "Give it a name first."}
      onClose={onClose}
      onSubmit={() =>
        void navigate({ to: "/templates/$template", params: { template: name }, search: { new: "1" } })
      }
    >
      <Field label="Name" hint={'Texts name it: {% render "name" %}'}>
        <Input
          autoFocus
          value={name}
          placeholder="mail-layout"
          onChange={(event) => setName(event.target.value.trim())}
        />
      </Field>
    </FormDialog>
  );
}
