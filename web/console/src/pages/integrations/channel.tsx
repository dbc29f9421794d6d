import { useState } from "react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge } from "../../kit/badge.js";
import { Button, LinkButton } from "../../kit/button.js";
import { Command } from "../../kit/code.js";
import { FormDialog, ProblemLine } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Page, Section } from "../../kit/page.js";
import { Failed, Skeleton } from "../../kit/state.js";
import { Table } from "../../kit/table.js";
import { say } from "../../kit/toast.js";
import { kindName } from "../../words/channel.js";
import { marksOf, readDocument, write } from "../../words/document.js";
import { Suppressions } from "./suppressions.js";

const ONE = "/api/v1/channels/{channel}";
const LIST = "/api/v1/channels";

/** Settings to begin with, where a channel is not set up: the sandbox, which sends nothing. */
const FIRST: Record<string, unknown> = {
  email: {
    from: { address: "noreply@example.com", name: "Example" },
    retry_policy: "short",
    providers: [{ name: "sandbox", kind: "sandbox" }],
  },
  slack: { provider: "sandbox" },
  teams: { provider: "sandbox" },
};

export function ChannelPage() {
  const { channel } = useParams({ from: "/shell/settings/integrations/$channel" });
  const query = useRead(ONE, { path: { channel } }, { staleTime: 60_000 });
  const refusal = useRefusal();
  const [removing, setRemoving] = useState(false);
  const off = query.error?.status === 404;
  const name = kindName(channel);
  return (
    <Page
      title={name}
      up={{ to: "/settings/integrations", label: "Integrations" }}
      beside={
        query.data ? <Badge tone="good">Connected</Badge> : off ? <Badge tone="info">Available</Badge> : null
      }
      actions={
        <>
          <LinkButton to="/deliveries" search={{ channel }}>
            Its deliveries
          </LinkButton>
          {query.data ? (
            <Button refusal={refusal} onClick={() => setRemoving(true)}>
              Disconnect
            </Button>
          ) : null}
        </>
      }
    >
      {query.data ? (
        <>
          <Providers settings={query.data.settings as Record<string, unknown>} />
          <SettingsForm key={query.data.updated_at} channel={channel} settings={query.data.settings} />
          <Callbacks callbacks={query.data.callbacks as Record<string, string>} />
          {channel === "email" ? <Suppressions channel={channel} /> : null}
        </>
      ) : off ? (
        <>
          <p className="muted">
            {name} is off: what would go through it is kept as a skipped delivery that says so. Set it up
            here; the sandbox keeps messages and sends nothing.
          </p>
          <SettingsForm channel={channel} settings={FIRST[channel] ?? {}} fresh />
        </>
      ) : query.error ? (
        <Failed problem={query.error} retry={() => void query.refetch()} />
      ) : (
        <Skeleton />
      )}
      {removing ? <RemoveDialog channel={channel} onClose={() => setRemoving(false)} /> : null}
    </Page>
  );
}

function Providers({ settings }: { settings: Record<string, unknown> }) {
  const providers = settings["providers"] as Array<Record<string, unknown>> | undefined;
  if (!providers?.length) return null;
  return (
    <Section title="Providers" about="Tried in this order: the next one takes over where one cannot.">
      <Table
        label="Providers"
        rows={providers}
        id={(provider) => String(provider["name"] ?? provider["kind"])}
        columns={[
          { name: "Name", main: true, cell: (provider) => String(provider["name"] ?? provider["kind"]) },
          {
            name: "Kind",
            cell: (provider) =>
              provider["kind"] === "sandbox" ? <Badge tone="info">Sandbox</Badge> : String(provider["kind"]),
          },
          {
            name: "Where",
            spare: true,
            cell: (provider) => (
              <span className="muted">{String(provider["host"] ?? provider["base_url"] ?? "")}</span>
            ),
          },
        ]}
      />
    </Section>
  );
}

function SettingsForm({
  channel,
  settings,
  fresh = false,
}: {
  channel: string;
  settings: unknown;
  fresh?: boolean;
}) {
  const first = write(settings, "yaml");
  const [text, setText] = useState(first);
  const read = readDocument(text);
  const refusal = useRefusal();
  const save = useChange("put", ONE, [ONE, LIST, "/api/v1/statistics"]);
  const faults = save.error?.faults ?? [];
  const submit = () => {
    if (refusal || read.marks.length > 0) return;
    save.mutate(
      { path: { channel }, body: read.value as never },
      { onSuccess: () => say(fresh ? `${kindName(channel)} is set up.` : "Saved.") },
    );
  };
  const edit = (changed: string) => {
    setText(changed);
    save.reset();
  };
  return (
    <Section
      title="Settings"
      about="Secrets are kept encrypted and never shown. One that is left as it is shown stays."
      actions={
        <Button
          look="primary"
          busy={save.isPending}
          refusal={
            refusal ??
            (read.marks.length > 0
              ? "Put right what is marked first."
              : text === first && !fresh
                ? "Nothing was changed."
                : null)
          }
          onClick={submit}
        >
          {fresh ? "Set it up" : "Save"}
        </Button>
      }
    >
      {save.error && faults.length === 0 ? <ProblemLine problem={save.error} /> : null}
      <Editor
        label={`Settings of ${kindName(channel)}`}
        value={text}
        onChange={edit}
        marks={read.marks.length > 0 ? read.marks : marksOf(faults, read)}
        refusal={refusal}
        onSave={submit}
      />
    </Section>
  );
}

function Callbacks({ callbacks }: { callbacks: Record<string, string> }) {
  const all = Object.entries(callbacks);
  if (all.length === 0) return null;
  return (
    <Section
      title="Callbacks"
      about="Give these addresses to the providers, so that they can tell what became of what they took."
    >
      {all.map(([provider, url]) => (
        <div key={provider} className="stack tight secret">
          <span className="muted small">{provider}</span>
          <Command text={url} />
        </div>
      ))}
    </Section>
  );
}

function RemoveDialog({ channel, onClose }: { channel: string; onClose: () => void }) {
  const remove = useChange("delete", ONE, [ONE, LIST]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title={`Disconnect ${kindName(channel)}?`}
      action="Disconnect"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(
          { path: { channel } },
          { onSuccess: () => void navigate({ to: "/settings/integrations" }) },
        )
      }
    >
      <p>
        Its settings and secrets are deleted. What would go through it is skipped from now on, and says so.
      </p>
    </FormDialog>
  );
}
