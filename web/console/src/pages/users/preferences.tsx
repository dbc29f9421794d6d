import { useState } from "react";
import type { PreferenceChoices } from "../../api/coming.js";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Code } from "../../kit/code.js";
import { Input, Field, Switch } from "../../kit/field.js";
import { Facts, Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Table } from "../../kit/table.js";
import { complain, say } from "../../kit/toast.js";
import { Kind, kindName } from "../../words/channel.js";

const CHOICES = "/api/v1/users/{user}/preferences/choices";
const DOCUMENT = "/api/v1/users/{user}/preferences";
const FIXED = "A default is required here; the user has no say.";

/** What reaches the user, with all defaults taken in; and the user's own document behind it. */
export function UserPreferences({ user }: { user: string }) {
  const [tenant, setTenant] = useState("");
  const query = tenant ? { tenant } : {};
  const choices = useRead(CHOICES, { path: { user }, query }, { keep: true });
  const document = useRead(DOCUMENT, { path: { user }, query });
  const change = useChange("patch", DOCUMENT, [CHOICES, DOCUMENT]);
  const refusal = useRefusal();
  const set = (patch: Record<string, unknown>) =>
    change.mutateAsync({ path: { user }, query, body: patch }).then(() => say("Saved."), complain);
  return (
    <div className="stack loose">
      <div className="filters">
        <Field label="In one tenant" quiet>
          <Input
            placeholder="For one tenant: acme"
            value={tenant}
            onChange={(event) => setTenant(event.target.value.trim())}
          />
        </Field>
      </div>
      <Loaded query={choices}>{(found) => <Sheet choices={found} refusal={refusal} onSet={set} />}</Loaded>
      <Section
        title="The user’s own document"
        about="What they said themselves; all else comes from defaults."
      >
        <Loaded query={document}>
          {(found) => <Code value={found ?? {}} label="Preferences" bounded />}
        </Loaded>
      </Section>
    </div>
  );
}

type Row = PreferenceChoices["workflows"][number];

function Sheet({
  choices,
  refusal,
  onSet,
}: {
  choices: PreferenceChoices;
  refusal: string | null;
  onSet: (patch: Record<string, unknown>) => Promise<void>;
}) {
  const word = (on: boolean) => (on ? "on" : "off");
  const names = [
    ...new Set(choices.workflows.flatMap(({ channels }) => channels.map(({ channel }) => channel))),
  ];
  return (
    <>
      <Section title="Channels">
        <div className="switches">
          {choices.channels.map(({ channel, on, fixed }) => (
            <Switch
              key={channel}
              label={<Kind kind={channel} />}
              on={on}
              refusal={refusal ?? (fixed ? FIXED : null)}
              onChange={(next) => onSet({ channels: { [channel]: word(next) } })}
            />
          ))}
        </div>
      </Section>
      <Section title="Workflows">
        <Table<Row>
          label="What of which workflow reaches the user"
          rows={choices.workflows}
          id={({ key }) => key}
          columns={[
            {
              name: "Workflow",
              main: true,
              cell: ({ name, description }) => (
                <>
                  {name}
                  <div className="muted small spare">{description}</div>
                </>
              ),
            },
            ...names.map((channel) => ({
              name: kindName(channel),
              width: "88px",
              cell: (row: Row) => {
                const own = row.channels.find((one) => one.channel === channel);
                if (!own) return <span className="faint">–</span>;
                return (
                  <Switch
                    bare
                    label={`${row.name} by ${kindName(channel)}`}
                    on={own.on}
                    refusal={refusal ?? (own.fixed ? FIXED : null)}
                    onChange={(next) =>
                      onSet({ workflows: { [row.key]: { channels: { [channel]: word(next) } } } })
                    }
                  />
                );
              },
            })),
          ]}
        />
      </Section>
      <Section title="Categories">
        <div className="switches">
          {choices.categories.map(({ name, on, fixed }) => (
            <Switch
              key={name}
              label={name}
              on={on}
              refusal={refusal ?? (fixed ? FIXED : null)}
              onChange={(next) => onSet({ categories: { [name]: word(next) } })}
            />
          ))}
        </div>
      </Section>
      <Facts
        facts={[
          [
            "Digest",
            Object.entries(choices.digest)
              .map(
                ([channel, how]) =>
                  `${kindName(channel)}: ${typeof how === "string" ? how : JSON.stringify(how)}`,
              )
              .join(", ") || "none",
          ],
          ["Quiet hours", choices.quiet_hours ? <code>{JSON.stringify(choices.quiet_hours)}</code> : "none"],
          ["Time zone", choices.time_zone],
        ]}
      />
    </>
  );
}
