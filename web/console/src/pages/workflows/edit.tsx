import { useEffect, useMemo, useState } from "react";
import { useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { ProblemLine } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Choice } from "../../kit/field.js";
import { Loaded } from "../../kit/state.js";
import { say } from "../../kit/toast.js";
import { marksOf, readDocument, write, type Form } from "../../words/document.js";
import { WorkflowFrame } from "./frame.js";
import { Preview } from "./preview.js";
import "./edit.css";

const FIRST = {
  name: "",
  events: [{ type: "hello.world" }],
  recipients: [{ users_from: "data.user" }],
  steps: [
    { name: "bell", in_app: { title: "Hello {{ data.name }}", body: "This is the first notification." } },
    {
      name: "mail",
      email: {
        subject: "Hello {{ data.name }}",
        blocks: [{ heading: "Hello {{ data.name }}" }, { text: "This is the first mail." }],
      },
    },
  ],
};

export function EditWorkflow() {
  const { workflow } = useParams({ from: "/shell/workflows/$workflow/edit" });
  const fresh = useSearch({ from: "/shell/workflows/$workflow/edit" }).new === "1";
  const query = useRead(
    "/api/v1/workflows/{workflow}",
    { path: { workflow } },
    { enabled: !fresh, staleTime: Infinity },
  );
  if (fresh) return <Edit workflow={workflow} spec={FIRST} fresh />;
  return query.data ? (
    <Edit
      key={query.data.version}
      workflow={workflow}
      spec={query.data.spec as Record<string, unknown>}
      version={query.data.version}
    />
  ) : (
    <WorkflowFrame workflow={workflow} title={workflow}>
      <Loaded query={query}>{() => null}</Loaded>
    </WorkflowFrame>
  );
}

function Edit({
  workflow,
  spec,
  version,
  fresh = false,
}: {
  workflow: string;
  spec: Record<string, unknown>;
  version?: number;
  fresh?: boolean;
}) {
  const [form, setForm] = useState<Form>("yaml");
  const first = useMemo(() => {
    const { key: _, ...rest } = spec;
    return write(rest, "yaml");
  }, [spec]);
  const [text, setText] = useState(first);
  const [saved, setSaved] = useState(first);
  const [shown, setShown] = useState<"text" | "preview">("text");
  const refusal = useRefusal();
  const navigate = useNavigate();
  const read = useMemo(() => readDocument(text), [text]);
  const save = useChange("put", "/api/v1/workflows/{workflow}", [
    "/api/v1/workflows",
    "/api/v1/workflows/{key}/versions",
  ]);
  const changed = text !== saved;
  useBlocker({
    shouldBlockFn: () => !confirm("Leave without saving what was changed?"),
    disabled: !changed,
    enableBeforeUnload: () => changed,
  });
  // What was said about the text before is not true of the text now.
  useEffect(() => save.reset(), [text]);

  const faults = save.error?.faults ?? [];
  const marks = read.marks.length > 0 ? read.marks : marksOf(faults, read);
  const document = { key: workflow, ...(read.value as Record<string, unknown> | null) };
  const submit = () => {
    if (read.marks.length > 0 || refusal || save.isPending) return;
    save.mutate(
      { path: { workflow }, body: document as never },
      {
        onSuccess: (answer) => {
          setSaved(text);
          say(`Saved as version ${answer.version}.`);
          if (fresh) setTimeout(() => void navigate({ to: "/workflows/$workflow", params: { workflow } }));
        },
      },
    );
  };
  const turn = (to: Form) => {
    setForm(to);
    if (read.marks.length > 0) return;
    const turned = write(read.value, to);
    if (!changed) setSaved(turned);
    setText(turned);
  };
  return (
    <WorkflowFrame
      workflow={workflow}
      title={workflow}
      fresh={fresh}
      beside={
        changed || fresh ? (
          <Badge tone="wait">{fresh ? "Not declared yet" : "Not saved"}</Badge>
        ) : version ? (
          <Badge plain>Version {version}</Badge>
        ) : null
      }
      actions={
        <>
          <Choice
            label="Form of the text"
            value={form}
            options={[
              { value: "yaml", label: "YAML" },
              { value: "json", label: "JSON" },
            ]}
            onChange={turn}
          />
          <Button
            look="primary"
            busy={save.isPending}
            refusal={
              refusal ??
              (read.marks.length > 0
                ? "Put right what is marked first."
                : !changed && !fresh
                  ? "Nothing was changed."
                  : null)
            }
            onClick={submit}
          >
            Save
          </Button>
        </>
      }
    >
      {save.error && faults.length === 0 ? <ProblemLine problem={save.error} /> : null}
      <div className="edit-turn">
        <Choice
          label="What is shown"
          value={shown}
          options={[
            { value: "text", label: "Text" },
            { value: "preview", label: "Preview" },
          ]}
          onChange={setShown}
        />
      </div>
      <div className={`edit show-${shown}`}>
        <Editor
          label={`The workflow ${workflow} as ${form.toUpperCase()}`}
          value={text}
          onChange={setText}
          marks={marks}
          refusal={refusal}
          lines={28}
          onSave={submit}
        />
        <Preview workflow={workflow} document={document} broken={read.marks.length > 0} />
      </div>
    </WorkflowFrame>
  );
}
