import { useState, type FormEvent } from "react";
import type { Schemas } from "../../api/client.js";
import { useChange } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { ProblemLine } from "../../kit/dialog.js";
import { Field, Input, Switch } from "../../kit/field.js";
import { Section } from "../../kit/page.js";
import { say } from "../../kit/toast.js";
import "./settings.css";

type Values = Schemas["SettingsView"];

const RETENTION: Array<[keyof Values["retention"], string]> = [
  ["events", "Events"],
  ["notifications", "Notifications"],
  ["deliveries", "Deliveries"],
  ["audit", "Audit log"],
];
const LIMITS: Array<[keyof Values["limits"], string]> = [
  ["title", "Title"],
  ["body", "Body"],
  ["link", "Link"],
];
const CLASSES: Array<[string, string]> = [
  ["events", "Events"],
  ["notifications", "Notifications"],
  ["webhooks", "Webhooks"],
];

/** Settings of the environment. Only what was changed is sent. */
export function Environment({ settings }: { settings: Values }) {
  const [draft, setDraft] = useState(settings);
  const change = useChange("patch", "/api/v1/environment", ["/api/v1/environment"]);
  const refusal = useRefusal();
  const rates = draft.rate_limits as Record<string, { limit: number; window: number }>;
  const changed = JSON.stringify(draft) !== JSON.stringify(settings);
  const faults = change.error?.faults ?? [];
  const about = (pointer: string) => faults.find((fault) => fault.pointer === `/settings${pointer}`)?.detail;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const patch = Object.fromEntries(
      Object.entries(draft).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(settings[name as keyof Values]),
      ),
    );
    // A class of calls that has no limit any more is taken away by name.
    if (patch["rate_limits"]) {
      const before = Object.keys(settings.rate_limits as object);
      patch["rate_limits"] = { ...Object.fromEntries(before.map((name) => [name, null])), ...rates } as never;
    }
    change.mutate({ body: { settings: patch as never } }, { onSuccess: () => say("Saved.") });
  };
  const number = (text: string) => Math.max(0, Math.floor(Number(text) || 0));
  const setRate = (name: string, part: "limit" | "window", text: string) => {
    const { [name]: own, ...others } = rates;
    const next = { limit: own?.limit ?? 1_000, window: own?.window ?? 900, [part]: number(text) };
    setDraft({
      ...draft,
      rate_limits: (part === "limit" && !text ? others : { ...others, [name]: next }) as never,
    });
  };
  return (
    <form className="stack loose settings" onSubmit={submit}>
      <Section title="What is asked for">
        <Switch
          label="Only registered event types may be published"
          on={draft.require_registered_types}
          refusal={refusal}
          onChange={(on) => setDraft({ ...draft, require_registered_types: on })}
        />
        <Switch
          label="An application reaches only users who installed it"
          on={draft.require_installation}
          refusal={refusal}
          onChange={(on) => setDraft({ ...draft, require_installation: on })}
        />
      </Section>
      <Section
        title="How long things are kept"
        about="In days, counted from when they are finished. 0 keeps them for ever."
      >
        <div className="settings-row">
          {RETENTION.map(([name, label]) => (
            <Field key={name} label={label} error={about(`/retention/${name}`)}>
              <Input
                type="number"
                min={0}
                readOnly={Boolean(refusal)}
                value={draft.retention[name]}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    retention: { ...draft.retention, [name]: number(event.target.value) },
                  })
                }
              />
            </Field>
          ))}
        </div>
      </Section>
      <Section title="Longest texts of a notification" about="In characters.">
        <div className="settings-row">
          {LIMITS.map(([name, label]) => (
            <Field key={name} label={label} error={about(`/limits/${name}`)}>
              <Input
                type="number"
                min={1}
                readOnly={Boolean(refusal)}
                value={draft.limits[name]}
                onChange={(event) =>
                  setDraft({ ...draft, limits: { ...draft.limits, [name]: number(event.target.value) } })
                }
              />
            </Field>
          ))}
        </div>
      </Section>
      <Section
        title="Rate limits"
        about="So many calls of an application’s key in so many seconds. Empty for no limit."
      >
        {CLASSES.map(([name, label]) => (
          <div className="settings-row rate" key={name}>
            <span className="strong">{label}</span>
            <Field label={`${label}: calls`} quiet>
              <Input
                type="number"
                min={1}
                placeholder="no limit"
                readOnly={Boolean(refusal)}
                value={rates[name]?.limit ?? ""}
                onChange={(event) => setRate(name, "limit", event.target.value)}
              />
            </Field>
            <span className="muted">in</span>
            <Field label={`${label}: seconds`} quiet>
              <Input
                type="number"
                min={1}
                placeholder="seconds"
                readOnly={Boolean(refusal) || !rates[name]}
                value={rates[name]?.window ?? ""}
                onChange={(event) => setRate(name, "window", event.target.value)}
              />
            </Field>
            <span className="muted">seconds</span>
          </div>
        ))}
      </Section>
      <Section
        title="Entities that belong to a tenant"
        about="An event about one that names no tenant happened in the tenant that an earlier event about it named."
      >
        <Field label="Kinds of entities" quiet>
          <Input
            readOnly={Boolean(refusal)}
            value={draft.tenant_entities.join(", ")}
            placeholder="source, workspace"
            onChange={(event) => setDraft({ ...draft, tenant_entities: event.target.value.split(/,\s*/) })}
          />
        </Field>
      </Section>
      {change.error ? <ProblemLine problem={change.error} /> : null}
      <div>
        <Button
          look="primary"
          type="submit"
          busy={change.isPending}
          refusal={refusal ?? (changed ? null : "Nothing was changed.")}
        >
          Save
        </Button>
      </div>
    </form>
  );
}
