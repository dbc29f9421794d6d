import { useState } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Tag } from "../../kit/badge.js";
import { Button, LinkButton } from "../../kit/button.js";
import { Command, Id } from "../../kit/code.js";
import { FormDialog } from "../../kit/dialog.js";
import { Field, Input } from "../../kit/field.js";
import { Facts, Page, Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Tabs } from "../../kit/tabs.js";
import { Ago } from "../../kit/time.js";
import { say } from "../../kit/toast.js";
import { AppKeys } from "../../show/keys.js";
import { PortalButton } from "../../show/portal.js";
import { publishCommand } from "../../words/commands.js";
import type { Schemas } from "../../api/client.js";
import { Webhooks } from "./webhooks.js";

type Tab = "webhooks" | "keys" | "about";

export function ApplicationPage() {
  const { app } = useParams({ from: "/shell/applications/$app" });
  const { tab = "webhooks" } = useSearch({ from: "/shell/applications/$app" });
  const navigate = useNavigate();
  const query = useRead("/api/v1/apps/{app}", { path: { app } });
  return (
    <Page
      title={query.data?.name ?? "Application"}
      up={{ to: "/applications", label: "Applications" }}
      beside={query.data ? <Id id={query.data.id} copy /> : null}
      actions={
        query.data ? (
          <>
            <LinkButton to="/events" search={{ app: query.data.id }}>
              Its events
            </LinkButton>
            <PortalButton of={{ app: query.data.id }} />
          </>
        ) : null
      }
    >
      <Loaded query={query}>
        {(found) => (
          <div>
            <Tabs<Tab>
              label="About the application"
              value={tab as Tab}
              onChange={(value) =>
                void navigate({
                  to: "/applications/$app",
                  params: { app },
                  search: { tab: value },
                  replace: true,
                })
              }
              tabs={[
                { value: "webhooks", label: "Webhooks", content: <Webhooks app={found.id} /> },
                { value: "keys", label: "Keys", content: <AppKeys app={found.id} /> },
                { value: "about", label: "About", content: <About app={found} /> },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function About({ app }: { app: Schemas["AppView"] }) {
  const [name, setName] = useState(app.name);
  const [deleting, setDeleting] = useState(false);
  const refusal = useRefusal();
  const change = useChange("patch", "/api/v1/apps/{app}", ["/api/v1/apps", "/api/v1/apps/{app}"]);
  const remove = useChange("delete", "/api/v1/apps/{app}", ["/api/v1/apps"]);
  const navigate = useNavigate();
  return (
    <div className="stack loose">
      <Facts
        facts={[
          ["Your id", app.uid ? <code>{app.uid}</code> : null],
          ["Belongs to", app.tenant ? <Tag>{app.tenant}</Tag> : null],
          ["Made", <Ago at={app.created_at} />],
        ]}
      />
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ path: { app: app.id }, body: { name } }, { onSuccess: () => say("Saved.") });
        }}
      >
        <Field label="Name" quiet>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Button
          type="submit"
          busy={change.isPending}
          refusal={refusal ?? (name === app.name ? "Nothing was changed." : null)}
        >
          Rename
        </Button>
      </form>
      <Section title="Publish from a terminal">
        <Command text={publishCommand(app.uid ?? app.id)} />
      </Section>
      <Section
        title="Delete"
        about="Its keys end at once, and what waits for its webhooks is withdrawn. The log stays until it is pruned."
      >
        <div>
          <Button look="danger" refusal={refusal} onClick={() => setDeleting(true)}>
            Delete the application
          </Button>
        </div>
      </Section>
      {deleting ? (
        <FormDialog
          title={`Delete ${app.name}?`}
          action="Delete the application"
          danger
          busy={remove.isPending}
          problem={remove.error}
          onClose={() => setDeleting(false)}
          onSubmit={() =>
            remove.mutate(
              { path: { app: app.id } },
              { onSuccess: () => void navigate({ to: "/applications" }) },
            )
          }
        >
          <p>Programs that call with its keys are refused from now on.</p>
        </FormDialog>
      ) : null}
    </div>
  );
}
