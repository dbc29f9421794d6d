import { useEffect, useState, type FormEvent } from "react";
import Bell from "lucide-react/icons/bell";
import Play from "lucide-react/icons/play";
import { useChange, useRead } from "../../api/queries.js";
import { Button } from "../../kit/button.js";
import { ProblemLine } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Field, Input } from "../../kit/field.js";
import { Section } from "../../kit/page.js";
import { At } from "../../kit/time.js";
import { MessageView } from "../../show/message.js";
import { kindName } from "../../words/channel.js";
import { readDocument, write } from "../../words/document.js";
import { sentence } from "../../words/why.js";
import { sampleOf } from "../event-types/sample.js";
import { MomentLine, type Moment } from "./moment.js";
import type { Spec } from "./spec.js";

interface Message {
  id: string;
  channel: string;
  step: string;
  user_id: string | null;
  recipient: string | null;
  status: string;
  error: string | null;
  content: Record<string, unknown> | null;
  created_at: string;
}
interface Notification {
  id: string;
  user_id: string;
  title: string;
  body: string | null;
  created_at: string;
}
interface Played {
  from: string;
  until: string;
  timeline: Moment[];
  messages: Message[];
  notifications: Notification[];
}

interface Sample {
  data: string;
  users: string;
  tenant: string;
}

const KEPT = "campanile-preview:";

/** What somebody tried last with this workflow stays, in this browser. */
function kept(workflow: string): Sample | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT + workflow) ?? "null") as Sample | null;
  } catch {
    // No storage, or what is in it is not ours.
    return null;
  }
}

/** What it is tried with: what was typed, else what the last such event carried, else what its schema describes. */
function useSample(workflow: string, event: string | undefined): [Sample, (sample: Sample) => void] {
  const [typed, setTyped] = useState(() => kept(workflow));
  const enabled = typed === null && event !== undefined;
  const last = useRead("/api/v1/events", { query: { type: event ?? "", limit: 1 } }, { enabled });
  const type = useRead("/api/v1/event-types/{name}", { path: { name: event ?? "" } }, { enabled });
  const found = last.data?.data[0];
  const data = found?.data ?? (type.data?.schema ? sampleOf(type.data.schema) : { name: "Ada" });
  const first = {
    data: write(data, "yaml"),
    users: found?.users.join(", ") || "ada",
    tenant: found?.tenant ?? "",
  };
  return [typed ?? first, setTyped];
}

/** Plays the workflow as it stands in the editor, with a turned clock, sending nothing. */
export function Preview({
  workflow,
  document,
  broken,
}: {
  workflow: string;
  document: Record<string, unknown>;
  broken: boolean;
}) {
  const event = (document as Spec).events?.[0]?.type;
  const [{ data, users, tenant }, setSample] = useSample(workflow, event);
  const [from, setFrom] = useState("");
  const play = useChange("post", "/api/v1/workflows/preview");
  const read = readDocument(data);

  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    try {
      localStorage.setItem(KEPT + workflow, JSON.stringify({ data, users, tenant }));
    } catch {
      // No storage: it is typed again next time.
    }
    const named = users.split(/[\s,]+/).filter(Boolean);
    const start = event ? { type: event } : { workflow, recipients: named };
    play.mutate({
      body: {
        resources: [{ kind: "workflow", ...document }],
        events: [{ ...start, data: read.value ?? {}, ...(tenant ? { tenant } : {}) }] as never,
        users: named,
        ...(tenant ? { tenants: [tenant] } : {}),
        ...(from ? { from: new Date(`${from}Z`).toISOString() } : {}),
      },
    });
  };
  const refusal = broken
    ? "The workflow cannot be read yet."
    : read.marks.length > 0
      ? "The sample cannot be read yet."
      : null;
  return (
    <div className="preview">
      <Section
        title="Try it"
        about="Nothing is sent. The clock is turned through delays, batches and quiet hours."
        card
      >
        <form onSubmit={submit}>
          <div className="field">
            <span className="strong">
              Sample data{event ? <span className="muted"> of {event}</span> : null}
            </span>
            <Editor
              label="Sample data"
              value={data}
              lines={4}
              marks={read.marks}
              onChange={(changed) => setSample({ data: changed, users, tenant })}
            />
          </div>
          <div className="preview-fields">
            <Field label="Users">
              <Input
                value={users}
                placeholder="ada, bruno"
                onChange={(changed) => setSample({ data, users: changed.target.value, tenant })}
              />
            </Field>
            <Field label="Tenant">
              <Input
                value={tenant}
                placeholder="acme"
                onChange={(changed) => setSample({ data, users, tenant: changed.target.value.trim() })}
              />
            </Field>
            <Field label="Begins at" hint="UTC; now when empty">
              <Input
                type="datetime-local"
                value={from}
                onChange={(changed) => setFrom(changed.target.value)}
              />
            </Field>
          </div>
          <div>
            <Button type="submit" icon={<Play aria-hidden />} busy={play.isPending} refusal={refusal}>
              Play
            </Button>
          </div>
        </form>
      </Section>
      {play.error ? <ProblemLine problem={play.error} /> : null}
      {play.data ? <Result played={play.data as unknown as Played} /> : null}
    </div>
  );
}

function Result({ played }: { played: Played }) {
  const moments = [...new Set(played.timeline.map(({ at }) => at))].sort();
  const [at, setAt] = useState(moments.length - 1);
  useEffect(() => setAt(moments.length - 1), [played]);
  const now = moments[Math.min(at, moments.length - 1)] ?? played.until;
  const messages = played.messages.filter(({ created_at }) => created_at <= now);
  const notifications = played.notifications.filter(({ created_at }) => created_at <= now);
  return (
    <>
      {moments.length > 1 ? (
        <div className="turner">
          <label>
            <span className="strong">Clock</span>
            <output className="number">
              <At at={now} />
            </output>
            <input
              type="range"
              aria-label="Turn the clock"
              min={0}
              max={moments.length - 1}
              value={at}
              aria-valuetext={new Date(now).toUTCString()}
              onChange={(event) => setAt(Number(event.target.value))}
            />
          </label>
        </div>
      ) : null}
      <Section title="What happens">
        <ol className="line moments" role="list">
          {played.timeline.map((moment, index) => (
            <MomentLine key={index} moment={moment} later={moment.at > now} />
          ))}
        </ol>
      </Section>
      <Section
        title="What is read"
        about={messages.length + notifications.length === 0 ? "Nothing yet." : undefined}
      >
        <div className="stack">
          {notifications.map((notification) => (
            <article
              key={notification.id}
              className="stack tight"
              aria-label={`Notification to ${notification.user_id}`}
            >
              <p className="muted small">In the feed of {notification.user_id}</p>
              <div className="notice">
                <Bell aria-hidden />
                <div>
                  <p className="strong">{notification.title}</p>
                  {notification.body ? <p className="muted">{notification.body}</p> : null}
                </div>
              </div>
            </article>
          ))}
          {messages.map((message) => (
            <article
              key={message.id}
              className="stack tight"
              aria-label={`${kindName(message.channel)} to ${message.user_id ?? "the tenant"}`}
            >
              <p className="muted small">
                {kindName(message.channel)} to {message.recipient ?? message.user_id ?? "the tenant"}
              </p>
              {message.content ? (
                <MessageView channel={message.channel} content={message.content} />
              ) : (
                <p className="why">{sentence({ reason: message.error ?? message.status })}.</p>
              )}
            </article>
          ))}
        </div>
      </Section>
    </>
  );
}
