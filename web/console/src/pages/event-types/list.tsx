import { useState } from "react";
import { Link } from "@tanstack/react-router";
import BookOpen from "lucide-react/icons/book-open";
import Plus from "lucide-react/icons/plus";
import { useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge, Tag } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Listed } from "../../kit/listed.js";
import { Page } from "../../kit/page.js";
import { Empty } from "../../kit/state.js";
import { applyCommand } from "../../words/commands.js";
import { VISIBLE, TypeDialog } from "./dialog.js";

export function EventTypes() {
  const source = useRows("/api/v1/event-types", {});
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Register a type
    </Button>
  );
  return (
    <Page
      title="Event types"
      about="The catalogue: what your events are called, what they carry, and how they look outside."
      actions={add}
    >
      <Listed
        label="Event types"
        source={source}
        id={({ name }) => name}
        find={({ name, category, description }) => `${name} ${category} ${description}`}
        columns={[
          {
            name: "Name",
            main: true,
            cell: ({ name, description }) => (
              <>
                <Link to="/event-types/$name" params={{ name }}>
                  {name}
                </Link>
                {description ? <div className="muted small">{description}</div> : null}
              </>
            ),
          },
          { name: "Category", spare: true, cell: ({ category }) => <Tag>{category}</Tag> },
          {
            name: "Who may see it",
            spare: true,
            cell: ({ visibility }) => (
              <Badge tone={visibility === "internal" ? "quiet" : "info"}>{VISIBLE[visibility]}</Badge>
            ),
          },
          {
            name: "Schema",
            spare: true,
            cell: ({ schema }) => (schema ? "Checked" : <span className="faint">None</span>),
          },
          {
            name: "Version",
            end: true,
            cell: ({ version }) => <span className="number muted">{version}</span>,
          },
        ]}
        empty={
          <Empty
            icon={<BookOpen aria-hidden />}
            title="No type is registered"
            command={applyCommand()}
            action={add}
          >
            <p>
              Events of any type are taken unless the environment asks for registered ones. A registered type
              is checked, documented and offered to webhooks.
            </p>
          </Empty>
        }
      />
      {adding ? <TypeDialog onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
