import { useEffect, useMemo, useState } from "react";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import Play from "lucide-react/icons/play";
import Trash2 from "lucide-react/icons/trash-2";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge } from "../../kit/badge.js";
import { Button, IconButton } from "../../kit/button.js";
import { FormDialog, ProblemLine } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Page, Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { say } from "../../kit/toast.js";
import { MessageView } from "../../show/message.js";
import { Kind } from "../../words/channel.js";
import { readDocument } from "../../words/document.js";
import { usesOf } from "./use.js";
import "../workflows/edit.css";

const FIRST = `<p>Hello {{ recipient.name }}</p>\n`;

export function TemplatePage() {
  const { template } = useParams({ from: "/shell/templates/$template" });
  const fresh = useSearch({ from: "/shell/templates/$template" }).new === "1";
  const query = useRead(
    "/api/v1/templates/{template}",
    { path: { template } },
    { enabled: !fresh, staleTime: Infinity },
  );
  if (fresh) return <Edit name={template} source={FIRST} fresh />;
  return query.data ? (
    <Edit key={query.data.updated_at} name={template} source={query.data.source} />
  ) : (
    <Page title={template} up={{ to: "/templates", label: "Templates" }}>
      <Loaded query={query}>{() => null}</Loaded>
    </Page>
  );
}

function Edit({ name, source, fresh = false }: { name: string; source: string; fresh?: boolean }) {
  const [text, setText] = useState(source);
  const [saved, setSaved] = useState(source);
  const [deleting, setDeleting] = useState(false);
  const refusal = useRefusal();
  const navigate = useNavigate();
  const workflows = useRead("/api/v1/workflows", { query: { limit: 100 } });
  const uses = usesOf(name, workflows.data?.data ?? []);
  const save = useChange("put", "/api/v1/templates/{template}", ["/api/v1/templates", "/api/v1/workflows"]);
  const changed = text !== saved;
  useBlocker({
    shouldBlockFn: () => !confirm("Leave without saving what was changed?"),
    disabled: !changed,
    enableBeforeUnload: () => changed,
  });
  useEffect(() => save.reset(), [text]);
  const marks = (save.error?.faults ?? []).map(({ detail }) => ({
    line: Number(/line (\d+)/.exec(detail)?.[1] ?? 1),
    text: detail,
  }));
  const submit = () => {
    if (refusal || save.isPending) return;
    save.mutate(
      { path: { template: name }, body: { source: text } },
      {
        onSuccess: () => {
          setSaved(text);
          say(uses.length > 0 ? "Saved. Every workflow that names it has a new version." : "Saved.");
          if (fresh)
            setTimeout(
              () =>
                void navigate({
                  to: "/templates/$template",
                  params: { template: name },
                  search: {},
                  replace: true,
                }),
            );
        },
      },
    );
  };
  return (
    <Page
      title={name}
      up={{ to: "/templates", label: "Templates" }}
      beside={changed || fresh ? <Badge tone="wait">{fresh ? "Not written yet" : "Not saved"}</Badge> : null}
      actions={
        <>
          {fresh ? null : (
            <IconButton label="Delete the template" refusal={refusal} onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden />
            </IconButton>
          )}
          <Button
            look="primary"
            busy={save.isPending}
            refusal={refusal ?? (!changed && !fresh ? "Nothing was changed." : null)}
            onClick={submit}
          >
            Save
          </Button>
        </>
      }
    >
      {save.error && marks.length === 0 ? <ProblemLine problem={save.error} /> : null}
      <div className="edit">
        <Editor
          label={`Source of ${name}`}
          value={text}
          onChange={setText}
          marks={marks}
          refusal={refusal}
          lines={18}
          onSave={submit}
        />
        <div className="preview">
          <Rendered name={name} source={text} />
          <Section title="Read by">
            {uses.length === 0 ? <p className="muted">No workflow names it yet.</p> : null}
            <ul className="stack tight">
              {uses.map(({ workflow, step, channel }) => (
                <li key={workflow + step} className="row wrap">
                  <Kind kind={channel} />
                  <Link className="link" to="/workflows/$workflow" params={{ workflow }}>
                    {workflow}
                  </Link>
                  <span className="muted">step {step}</span>
                </li>
              ))}
            </ul>
          </Section>
        </div>
      </div>
      {deleting ? <DeleteDialog name={name} onClose={() => setDeleting(false)} /> : null}
    </Page>
  );
}

/** Renders it by a workflow of one mail that is made for this, in the server's own words. */
function Rendered({ name, source }: { name: string; source: string }) {
  const [data, setData] = useState("problem_summary: VPN drops every hour\nsession_id: S-4711\n");
  const read = useMemo(() => readDocument(data), [data]);
  const play = useChange("post", "/api/v1/workflows/preview");
  const isLayout = /\{\{-?\s*content/.test(source);
  const render = () => {
    const mail = isLayout
      ? { layout: name, html: "<p>Here stands the mail’s own text.</p>" }
      : { html: `{% render "${name}", data: data %}` };
    play.mutate({
      body: {
        resources: [
          { kind: "template", name, source },
          {
            kind: "workflow",
            key: "template-preview",
            steps: [{ name: "mail", email: { subject: "Preview", ...mail } }],
          },
        ],
        events: [{ workflow: "template-preview", recipients: ["sample"], data: read.value ?? {} }] as never,
        users: [{ id: "sample", name: "Ada", email: "ada@example.com" }],
      },
    });
  };
  useEffect(() => {
    const later = setTimeout(() => read.marks.length === 0 && render(), 500);
    return () => clearTimeout(later);
  }, [source, data]);
  const message = (
    play.data?.messages as Array<{ content: Record<string, unknown> | null }> | undefined
  )?.[0];
  return (
    <Section
      title="As it is read"
      actions={
        <Button small icon={<Play aria-hidden />} busy={play.isPending} onClick={render}>
          Render
        </Button>
      }
    >
      <Editor label="Sample data" value={data} lines={3} marks={read.marks} onChange={setData} />
      {play.error ? (
        <ProblemLine problem={play.error} />
      ) : message?.content ? (
        <MessageView channel="email" content={message.content} large />
      ) : null}
    </Section>
  );
}

function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const remove = useChange("delete", "/api/v1/templates/{template}", ["/api/v1/templates"]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title={`Delete ${name}?`}
      action="Delete the template"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate({ path: { template: name } }, { onSuccess: () => void navigate({ to: "/templates" }) })
      }
    >
      <p>A template that a workflow still names cannot be deleted.</p>
    </FormDialog>
  );
}
