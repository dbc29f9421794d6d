import { useState } from "react";
import type { Schemas } from "../../api/client.js";
import { useChange, useRead } from "../../api/queries.js";
import { Button } from "../../kit/button.js";
import { Dialog, FormDialog } from "../../kit/dialog.js";
import { Check, Field, Input, Select } from "../../kit/field.js";
import { say } from "../../kit/toast.js";
import { Secret } from "../../show/portal.js";

type Webhook = Schemas["WebhookView"];
type Policy = Schemas["RetryPolicy"];
const LIST = "/api/v1/apps/{app}/webhooks";
const ONE = "/api/v1/apps/{app}/webhooks/{webhook}";

export const POLICIES: Record<Policy, string> = {
  short: "Short: again after 30 s, 2 min, 10 min",
  incident: "Incident: five attempts within 10 min",
  five: "Five attempts, from 5 s on, each wait longer",
  long: "Long: from 5 s to 10 h, over a day",
};

interface Draft {
  url: string;
  description: string;
  event_types: string[] | null;
  retry_policy: Policy;
  rate_limit: string;
}

function Fields({
  draft,
  onDraft,
  faults,
}: {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  faults: Schemas["FaultView"][];
}) {
  const types = useRead("/api/v1/event-types", { query: { limit: 100 } });
  const about = (name: string) => faults.find(({ pointer }) => pointer.startsWith(`/${name}`))?.detail;
  const set = (changed: Partial<Draft>) => onDraft({ ...draft, ...changed });
  const names =
    types.data?.data
      .filter(({ visibility }) => visibility !== "internal")
      .map(({ name, public_name }) => public_name ?? name) ?? [];
  return (
    <>
      <Field label="URL" error={about("url")}>
        <Input
          autoFocus
          type="url"
          value={draft.url}
          placeholder="https://example.com/hooks"
          onChange={(event) => set({ url: event.target.value.trim() })}
        />
      </Field>
      <Field label="Description">
        <Input value={draft.description} onChange={(event) => set({ description: event.target.value })} />
      </Field>
      <fieldset className="field">
        <legend className="strong">Events</legend>
        <Check
          label="All, those to come too"
          on={draft.event_types === null}
          onChange={(all) => set({ event_types: all ? null : [] })}
        />
        {draft.event_types === null
          ? null
          : names.map((name) => {
              const chosen = draft.event_types ?? [];
              return (
                <Check
                  key={name}
                  label={name}
                  on={chosen.includes(name)}
                  onChange={(on) =>
                    set({ event_types: on ? [...chosen, name] : chosen.filter((one) => one !== name) })
                  }
                />
              );
            })}
      </fieldset>
      <Field label="When it fails">
        <Select
          value={draft.retry_policy}
          onChange={(event) => set({ retry_policy: event.target.value as Policy })}
        >
          {Object.entries(POLICIES).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="At most so many a second" hint="Empty for no limit." error={about("rate_limit")}>
        <Input
          type="number"
          min={1}
          value={draft.rate_limit}
          onChange={(event) => set({ rate_limit: event.target.value })}
        />
      </Field>
    </>
  );
}

const bodyOf = ({ rate_limit, ...draft }: Draft) => ({
  ...draft,
  rate_limit: rate_limit ? Number(rate_limit) : null,
});
const EMPTY: Draft = { url: "", description: "", event_types: null, retry_policy: "long", rate_limit: "" };

export function AddWebhook({ app, onClose }: { app: string; onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY);
  const add = useChange("post", LIST, [LIST]);
  const faults = add.error?.faults ?? [];
  if (add.data)
    return (
      <Dialog
        title="The webhook is set up"
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="stack">
          <p>Its secret, by which the receiver checks signatures. It is shown this once.</p>
          <Secret value={add.data.secret} label="The secret" />
        </div>
      </Dialog>
    );
  return (
    <FormDialog
      title="Add a webhook"
      action="Add"
      busy={add.isPending}
      problem={faults.length === 0 ? add.error : null}
      refusal={draft.url ? null : "Its URL is needed."}
      onClose={onClose}
      onSubmit={() => add.mutate({ path: { app }, body: bodyOf(draft), idempotent: true })}
    >
      <Fields draft={draft} onDraft={setDraft} faults={faults} />
    </FormDialog>
  );
}

export function ChangeWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({
    url: webhook.url,
    description: webhook.description,
    event_types: webhook.event_types ?? null,
    retry_policy: webhook.retry_policy,
    rate_limit: webhook.rate_limit ? String(webhook.rate_limit) : "",
  });
  const change = useChange("patch", ONE, [LIST, ONE]);
  const faults = change.error?.faults ?? [];
  const submit = () =>
    change.mutate(
      { path: { app: webhook.app_id, webhook: webhook.id }, body: bodyOf(draft) },
      {
        onSuccess: () => {
          say("Saved.");
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title="Change the webhook"
      action="Save"
      busy={change.isPending}
      problem={faults.length === 0 ? change.error : null}
      onClose={onClose}
      onSubmit={submit}
    >
      <Fields draft={draft} onDraft={setDraft} faults={faults} />
    </FormDialog>
  );
}
