import { useEffect, useState } from "react";
import type { RetryMany as Body } from "../../api/coming.js";
import { useChange, useRead } from "../../api/queries.js";
import { FormDialog } from "../../kit/dialog.js";
import { Check, Field, Select } from "../../kit/field.js";
import { say } from "../../kit/toast.js";
import { PEOPLE_CHANNELS, kindName } from "../../words/channel.js";
import { title } from "../../words/state.js";

const STATES = ["failed", "exhausted", "cancelled"] as const;
const SPANS: Array<[string, string, number]> = [
  ["hour", "the last hour", 3_600],
  ["day", "the last day", 86_400],
  ["week", "the last week", 7 * 86_400],
];

/** Many at once: first how many that would be, then, said once more, all of them. */
export function RetryMany({
  onClose,
  ...given
}: {
  channel?: string;
  workflow?: string;
  onClose: () => void;
}) {
  const [states, setStates] = useState<string[]>(["failed", "exhausted"]);
  const [channel, setChannel] = useState(given.channel ?? "");
  const [workflow, setWorkflow] = useState(given.workflow ?? "");
  const [spanName, setSpan] = useState("day");
  const workflows = useRead("/api/v1/workflows", { query: { limit: 100 } });
  const count = useChange("post", "/api/v1/deliveries/retry");
  const retry = useChange("post", "/api/v1/deliveries/retry", [
    "/api/v1/deliveries",
    "/api/v1/deliveries/{delivery}",
  ]);
  const matched = count.data?.matched ?? null;

  const body = (dry_run: boolean): Body => {
    const seconds = SPANS.find(([name]) => name === spanName)?.[2] ?? 86_400;
    return {
      status: states,
      ...(channel ? { channel } : {}),
      ...(workflow ? { workflow } : {}),
      from: new Date(Date.now() - seconds * 1000).toISOString(),
      dry_run,
    };
  };
  // What was counted is not what would be sent any more.
  useEffect(() => count.reset(), [states, channel, workflow, spanName]);

  const submit = () => {
    if (matched === null) return count.mutate({ body: body(true) });
    retry.mutate(
      { body: body(false), idempotent: true },
      {
        onSuccess: ({ retried }) => {
          say(
            `${retried.toLocaleString("en")} ${retried === 1 ? "delivery is" : "deliveries are"} on the way again.`,
          );
          onClose();
        },
      },
    );
  };
  return (
    <FormDialog
      title="Retry many"
      action={
        matched === null
          ? "Count them"
          : matched === 0
            ? "Count again"
            : `Retry ${matched.toLocaleString("en")}`
      }
      busy={count.isPending || retry.isPending}
      refusal={states.length === 0 ? "Choose at least one status." : null}
      problem={count.error ?? retry.error}
      onClose={onClose}
      onSubmit={() => (matched === 0 ? count.mutate({ body: body(true) }) : submit())}
    >
      <fieldset className="field">
        <legend className="strong">Deliveries that are</legend>
        <div className="row wrap">
          {STATES.map((state) => (
            <Check
              key={state}
              label={title(state)}
              on={states.includes(state)}
              onChange={(on) => setStates(on ? [...states, state] : states.filter((one) => one !== state))}
            />
          ))}
        </div>
      </fieldset>
      <Field label="Made in">
        <Select value={spanName} onChange={(event) => setSpan(event.target.value)}>
          {SPANS.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Channel">
        <Select value={channel} onChange={(event) => setChannel(event.target.value)}>
          <option value="">All channels</option>
          {PEOPLE_CHANNELS.filter((one) => one !== "in_app").map((one) => (
            <option key={one} value={one}>
              {kindName(one)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Workflow">
        <Select value={workflow} onChange={(event) => setWorkflow(event.target.value)}>
          <option value="">All workflows</option>
          {workflows.data?.data.map(({ key }) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </Select>
      </Field>
      <p role="status" className={matched === null ? "muted small" : "why"}>
        {matched === null
          ? "Nothing is sent before you have seen how many there are."
          : matched === 0
            ? "None is like this."
            : `${matched.toLocaleString("en")} ${matched === 1 ? "delivery" : "deliveries"} would be sent again. Receivers get the same id, so they can tell.`}
      </p>
    </FormDialog>
  );
}
