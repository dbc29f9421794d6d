import { useState } from "react";
import { useNavigate, useParams } from "@tanstack/react-router";
import Pause from "lucide-react/icons/pause";
import Pencil from "lucide-react/icons/pencil";
import Play from "lucide-react/icons/play";
import Zap from "lucide-react/icons/zap";
import type { Schemas } from "../../api/client.js";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Tag } from "../../kit/badge.js";
import { Button, LinkButton } from "../../kit/button.js";
import { Id } from "../../kit/code.js";
import { Dialog, FormDialog } from "../../kit/dialog.js";
import { Field, Select } from "../../kit/field.js";
import { Facts, Page, Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { complain, say } from "../../kit/toast.js";
import { Secret } from "../../show/portal.js";
import { WebhookBadge } from "../../words/state.js";
import { ChangeWebhook, POLICIES } from "./webhook-dialog.js";

const ONE = "/api/v1/apps/{app}/webhooks/{webhook}";
const LOG = "/api/v1/apps/{app}/webhooks/{webhook}/deliveries";
const LISTS = [ONE, "/api/v1/apps/{app}/webhooks"];

export function WebhookPage() {
  const { app, webhook } = useParams({ from: "/shell/applications/$app/webhooks/$webhook" });
  const path = { app, webhook };
  const query = useRead(ONE, { path });
  const refusal = useRefusal();
  const change = useChange("patch", ONE, LISTS);
  const test = useChange("post", "/api/v1/apps/{app}/webhooks/{webhook}/test", [LOG]);
  const navigate = useNavigate();
  const [open, setOpen] = useState<"change" | "rotate" | "recover" | "delete" | null>(null);
  const found = query.data;
  const isActive = found?.status === "active";
  const turn = () =>
    change.mutate(
      { path, body: { status: isActive ? "paused" : "active" } },
      { onSuccess: () => say(isActive ? "Paused. Events wait." : "Active again."), onError: complain },
    );
  const sendTest = () =>
    test.mutate(
      { path, idempotent: true },
      {
        onSuccess: ({ delivery_id }) => {
          say("A test is on its way.");
          void navigate({ to: "/deliveries/webhooks", search: { app, webhook, delivery: delivery_id } });
        },
        onError: complain,
      },
    );
  return (
    <Page
      title={found?.url ?? "Webhook"}
      up={{ to: "/applications/$app", params: { app }, label: "Application" }}
      beside={found ? <WebhookBadge status={found.status} /> : null}
      actions={
        <>
          <Button
            icon={isActive ? <Pause aria-hidden /> : <Play aria-hidden />}
            busy={change.isPending}
            refusal={refusal}
            onClick={turn}
          >
            {isActive ? "Pause" : "Activate"}
          </Button>
          <Button icon={<Zap aria-hidden />} busy={test.isPending} refusal={refusal} onClick={sendTest}>
            Send a test
          </Button>
          <Button icon={<Pencil aria-hidden />} refusal={refusal} onClick={() => setOpen("change")}>
            Change
          </Button>
        </>
      }
    >
      <Loaded query={query}>
        {(one) => (
          <div className="stack loose">
            {one.disabled_reason ? (
              <p className="problem-line">
                Disabled: {one.disabled_reason}. Activate it when its receiver is well, then send what it
                missed.
              </p>
            ) : null}
            <About webhook={one} />
            <div className="row wrap">
              <LinkButton to="/deliveries/webhooks" search={{ app, webhook }}>
                Its deliveries
              </LinkButton>
              <Button refusal={refusal} onClick={() => setOpen("recover")}>
                Send what it missed
              </Button>
              <Button refusal={refusal} onClick={() => setOpen("rotate")}>
                Rotate the secret
              </Button>
              <Button look="ghost" refusal={refusal} onClick={() => setOpen("delete")}>
                Delete
              </Button>
            </div>
            {open === "change" ? <ChangeWebhook webhook={one} onClose={() => setOpen(null)} /> : null}
          </div>
        )}
      </Loaded>
      {open === "recover" ? <RecoverDialog path={path} onClose={() => setOpen(null)} /> : null}
      {open === "rotate" ? <RotateDialog path={path} onClose={() => setOpen(null)} /> : null}
      {open === "delete" ? <DeleteDialog path={path} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function About({ webhook }: { webhook: Schemas["WebhookView"] }) {
  const { health } = webhook;
  return (
    <Section title="Webhook" card>
      <Facts
        facts={[
          ["Id", <Id id={webhook.id} copy />],
          webhook.description ? ["Description", webhook.description] : null,
          [
            "Events",
            webhook.event_types ? (
              <span className="row wrap">
                {webhook.event_types.map((one) => (
                  <Tag key={one}>{one}</Tag>
                ))}
              </span>
            ) : (
              "All"
            ),
          ],
          ["When it fails", POLICIES[webhook.retry_policy]],
          ["Limit", webhook.rate_limit ? `${webhook.rate_limit} a second` : "none"],
          ["Failures in a row", health?.failures ?? 0],
          health?.last_failure_at ? ["Failed last", <Ago at={health.last_failure_at} />] : null,
          ["Set up", <Ago at={webhook.created_at} />],
        ]}
      />
    </Section>
  );
}

type Path = { app: string; webhook: string };

function RecoverDialog({ path, onClose }: { path: Path; onClose: () => void }) {
  const [hours, setHours] = useState("24");
  const recover = useChange("post", "/api/v1/apps/{app}/webhooks/{webhook}/recover", [LOG]);
  const submit = () =>
    recover.mutate(
      {
        path,
        idempotent: true,
        body: { since: new Date(Date.now() - Number(hours) * 3_600_000).toISOString() },
      },
      {
        onSuccess: () => {
          say("What it missed is on its way.");
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title="Send what it missed"
      action="Send"
      busy={recover.isPending}
      problem={recover.error}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="muted">
        Events that it subscribed to and did not get are sent now, under the ids they had.
      </p>
      <Field label="Published in">
        <Select value={hours} onChange={(event) => setHours(event.target.value)}>
          <option value="1">the last hour</option>
          <option value="24">the last day</option>
          <option value="168">the last week</option>
        </Select>
      </Field>
    </FormDialog>
  );
}

function RotateDialog({ path, onClose }: { path: Path; onClose: () => void }) {
  const [grace, setGrace] = useState("86400");
  const rotate = useChange("post", "/api/v1/apps/{app}/webhooks/{webhook}/rotate-secret");
  if (rotate.data)
    return (
      <Dialog
        title="The new secret"
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="stack">
          <p>It is shown this once.</p>
          <Secret value={rotate.data.secret} label="The new secret" />
        </div>
      </Dialog>
    );
  return (
    <FormDialog
      title="Rotate the secret?"
      action="Rotate"
      busy={rotate.isPending}
      problem={rotate.error}
      onClose={onClose}
      onSubmit={() => rotate.mutate({ path, idempotent: true, body: { grace_seconds: Number(grace) } })}
    >
      <Field label="The old one signs as well for">
        <Select value={grace} onChange={(event) => setGrace(event.target.value)}>
          <option value="0">no time</option>
          <option value="3600">an hour</option>
          <option value="86400">a day</option>
          <option value="604800">a week</option>
        </Select>
      </Field>
    </FormDialog>
  );
}

function DeleteDialog({ path, onClose }: { path: Path; onClose: () => void }) {
  const remove = useChange("delete", ONE, ["/api/v1/apps/{app}/webhooks"]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title="Delete the webhook?"
      action="Delete the webhook"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(
          { path },
          { onSuccess: () => void navigate({ to: "/applications/$app", params: { app: path.app } }) },
        )
      }
    >
      <p>What waits for it is withdrawn. Its log stays until it is pruned.</p>
    </FormDialog>
  );
}
