import { useState } from "react";
import Plus from "lucide-react/icons/plus";
import Send from "lucide-react/icons/send";
import Trash2 from "lucide-react/icons/trash-2";
import type { Schemas } from "../../api/client.js";
import type { ConfigChoices } from "../../api/coming.js";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button, IconButton } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Check, Field, Input, Select, Switch } from "../../kit/field.js";
import { Empty, Loaded } from "../../kit/state.js";
import { complain, say } from "../../kit/toast.js";
import { KindIcon } from "../../words/channel.js";
import "./configs.css";

type Config = Schemas["ConfigView"];
const LIST = "/api/v1/notifications/configs";

/** What the tenant's admins chose: through which channels, for which events. */
export function Configs({ tenant }: { tenant: string }) {
  const configs = useRead(LIST, { query: { tenant } });
  const choices = useRead("/api/v1/notifications/configs/choices", { query: { tenant } });
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Add Channel
    </Button>
  );
  return (
    <Loaded query={configs}>
      {(all) => (
        <Loaded query={choices}>
          {(known) => (
            <div className="stack">
              <div className="row">{add}</div>
              {(all as Config[]).length === 0 ? (
                <Empty icon={<Send aria-hidden />} title="No channel of their own" action={add}>
                  <p>A tenant’s admins set these up in the portal, or in your own settings page.</p>
                </Empty>
              ) : null}
              <div className="configs">
                {(all as Config[]).map((config) => (
                  <ConfigCard
                    key={config.id}
                    config={config}
                    choices={known}
                    tenant={tenant}
                    refusal={refusal}
                  />
                ))}
              </div>
              {adding ? <AddDialog tenant={tenant} choices={known} onClose={() => setAdding(false)} /> : null}
            </div>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function ConfigCard({
  config,
  choices,
  tenant,
  refusal,
}: {
  config: Config;
  choices: ConfigChoices;
  tenant: string;
  refusal: string | null;
}) {
  const change = useChange("patch", "/api/v1/notifications/configs/{config}", [LIST]);
  const test = useChange("post", "/api/v1/notifications/configs/test");
  const remove = useChange("delete", "/api/v1/notifications/configs/{config}", [LIST]);
  const [deleting, setDeleting] = useState(false);
  const label = choices.channels.find(({ channel }) => channel === config.channel)?.label ?? config.channel;
  const set = (body: Schemas["ConfigPatch"]) =>
    change.mutateAsync({ path: { config: config.id }, query: { tenant }, body }).catch(complain);
  return (
    <article className="card config" aria-label={label}>
      <header className="row">
        <KindIcon kind={config.channel} />
        <h2 className="h3">{label}</h2>
        <span className="push row">
          <Switch
            bare
            label={`${label} is active`}
            on={config.is_active}
            refusal={refusal}
            onChange={(is_active) => set({ is_active })}
          />
        </span>
      </header>
      <p className="muted small cut">{config.webhook_url ?? config.email_addresses.join(", ")}</p>
      <fieldset className="config-events">
        <legend>Events</legend>
        {choices.events.map(({ event, label: name }) => {
          const enabled = config.events_enabled as Record<string, boolean>;
          return (
            <Check
              key={event}
              label={name}
              on={enabled[event] ?? true}
              refusal={refusal}
              onChange={(on) => set({ events_enabled: { ...enabled, [event]: on } as never })}
            />
          );
        })}
      </fieldset>
      <footer className="row">
        <Button
          small
          busy={test.isPending}
          refusal={refusal}
          onClick={() =>
            test.mutate(
              { query: { tenant }, body: { config_id: config.id } },
              { onSuccess: ({ message }) => say(message), onError: complain },
            )
          }
        >
          Send Test
        </Button>
        <IconButton
          small
          className="push"
          label={`Delete ${label}`}
          refusal={refusal}
          onClick={() => setDeleting(true)}
        >
          <Trash2 aria-hidden />
        </IconButton>
      </footer>
      {deleting ? (
        <FormDialog
          title={`Delete ${label}?`}
          action="Delete"
          danger
          busy={remove.isPending}
          problem={remove.error}
          onClose={() => setDeleting(false)}
          onSubmit={() => remove.mutate({ path: { config: config.id }, query: { tenant } })}
        >
          <p>What waits for it ends. Its log stays.</p>
        </FormDialog>
      ) : null}
    </article>
  );
}

function AddDialog({
  tenant,
  choices,
  onClose,
}: {
  tenant: string;
  choices: ConfigChoices;
  onClose: () => void;
}) {
  const [channel, setChannel] = useState<string>(
    choices.channels.find(({ available }) => available)?.channel ?? "email",
  );
  const [where, setWhere] = useState("");
  const add = useChange("post", LIST, [LIST]);
  const chosen = choices.channels.find((one) => one.channel === channel);
  const isEmail = channel === "email";
  const addresses = where.split(/[\s,]+/).filter(Boolean);
  const faults = add.error?.faults ?? [];
  return (
    <FormDialog
      title="Add Channel"
      action="Add"
      busy={add.isPending}
      problem={faults.length === 0 ? add.error : null}
      refusal={
        chosen?.reason ??
        (where ? null : isEmail ? "Name at least one address." : "Paste the webhook’s URL first.")
      }
      onClose={onClose}
      onSubmit={() =>
        add.mutate(
          {
            query: { tenant },
            idempotent: true,
            body: { channel, ...(isEmail ? { email_addresses: addresses } : { webhook_url: where }) },
          },
          { onSuccess: onClose },
        )
      }
    >
      <Field label="Channel" hint={chosen?.reason}>
        <Select value={channel} onChange={(event) => setChannel(event.target.value)}>
          {choices.channels.map(({ channel: one, label, available }) => (
            <option key={one} value={one} disabled={!available}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field
        label={isEmail ? "Addresses" : "Webhook URL"}
        hint={isEmail ? "Several with commas between." : undefined}
        error={faults[0]?.detail}
      >
        <Input
          autoFocus
          value={where}
          placeholder={isEmail ? "oncall@acme.example, it@acme.example" : "https://"}
          onChange={(event) => setWhere(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
