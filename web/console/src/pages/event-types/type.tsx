import { useState } from "react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge, Tag } from "../../kit/badge.js";
import { Button, IconButton } from "../../kit/button.js";
import { Code, Command } from "../../kit/code.js";
import { FormDialog } from "../../kit/dialog.js";
import { Facts, Page, Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Table } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { TypeDialog, VISIBLE } from "./dialog.js";
import { fieldsOf, sampleOf } from "./sample.js";

export function EventTypePage() {
  const { name } = useParams({ from: "/shell/event-types/$name" });
  const query = useRead("/api/v1/event-types/{name}", { path: { name } });
  const refusal = useRefusal();
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  return (
    <Page
      title={name}
      up={{ to: "/event-types", label: "Event types" }}
      beside={
        query.data ? (
          <Badge tone={query.data.visibility === "internal" ? "quiet" : "info"}>
            {VISIBLE[query.data.visibility]}
          </Badge>
        ) : null
      }
      actions={
        <>
          <IconButton label="Delete the type" refusal={refusal} onClick={() => setOpen("delete")}>
            <Trash2 aria-hidden />
          </IconButton>
          <Button icon={<Pencil aria-hidden />} refusal={refusal} onClick={() => setOpen("edit")}>
            Change
          </Button>
        </>
      }
    >
      <Loaded query={query}>
        {(type) => {
          const fields = fieldsOf(type.schema);
          const sample = sampleOf(type.schema);
          return (
            <div className="stack loose">
              {type.description ? <p className="muted">{type.description}</p> : null}
              <Facts
                facts={[
                  ["Category", <Tag>{type.category}</Tag>],
                  ["Version", type.version],
                  ["Outside", type.public_name ? <code>{type.public_name}</code> : "as it is called here"],
                  type.public_fields ? ["Fields outside", type.public_fields.join(", ")] : null,
                  ["Changed", <Ago at={type.updated_at} />],
                  [
                    "Published",
                    <Link className="link" to="/events" search={{ type: name }}>
                      Events of this type
                    </Link>,
                  ],
                ]}
              />
              {fields.length > 0 ? (
                <Section title="Data">
                  <Table
                    label="Fields of its data"
                    rows={fields}
                    id={({ path }) => path}
                    columns={[
                      {
                        name: "Field",
                        main: true,
                        cell: ({ path, required }) => (
                          <>
                            <code>{path}</code>
                            {required ? <span className="muted small"> required</span> : null}
                          </>
                        ),
                      },
                      { name: "Kind", cell: ({ type: kind }) => <span className="muted">{kind}</span> },
                      { name: "What it is", spare: true, cell: ({ about }) => about },
                    ]}
                  />
                </Section>
              ) : null}
              <Section title="Example">
                <Code value={sample} label="Example" />
                <Command
                  text={`CAMPANILE_KEY=sk_… campanile publish --url ${location.origin} --app APPLICATION ${name} '${JSON.stringify(sample)}'`}
                />
              </Section>
              {type.schema ? (
                <Section title="JSON Schema">
                  <Code value={type.schema} label="JSON Schema" bounded />
                </Section>
              ) : null}
              {open === "edit" ? <TypeDialog type={type} onClose={() => setOpen(null)} /> : null}
            </div>
          );
        }}
      </Loaded>
      {open === "delete" ? <DeleteDialog name={name} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const remove = useChange("delete", "/api/v1/event-types/{name}", ["/api/v1/event-types"]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title={`Delete ${name}?`}
      action="Delete the type"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate({ path: { name } }, { onSuccess: () => void navigate({ to: "/event-types" }) })
      }
    >
      <p>
        Events that were published stay. Where only registered types may be published, events of this one are
        refused.
      </p>
    </FormDialog>
  );
}
