import { useMemo, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.js";
import { useChange } from "../../api/queries.js";
import { FormDialog } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Field, Input, Select } from "../../kit/field.js";
import { say } from "../../kit/toast.js";
import { marksOf, readDocument, write } from "../../words/document.js";

type Type = Schemas["EventTypeView"];
const LISTS = ["/api/v1/event-types", "/api/v1/event-types/{name}"];

export const VISIBLE: Record<Schemas["VisibilityView"], string> = {
  app: "Its application",
  platform: "Every application",
  internal: "Nobody outside",
};

/** Registers a type, or changes one. */
export function TypeDialog({ type, onClose }: { type?: Type; onClose: () => void }) {
  const [name, setName] = useState(type?.name ?? "");
  const [category, setCategory] = useState(type?.category ?? "");
  const [description, setDescription] = useState(type?.description ?? "");
  const [visibility, setVisibility] = useState(type?.visibility ?? "app");
  const [schema, setSchema] = useState(type?.schema ? write(type.schema, "yaml") : "");
  const read = useMemo(() => readDocument(schema), [schema]);
  const add = useChange("post", "/api/v1/event-types", LISTS);
  const change = useChange("patch", "/api/v1/event-types/{name}", LISTS);
  const navigate = useNavigate();
  const problem = add.error ?? change.error;
  const faults = problem?.faults ?? [];
  const ofSchema = faults.filter(({ pointer }) => pointer.startsWith("/schema"));
  const about = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const done = (saved: string) => {
    say(type ? "Saved." : `${saved} is registered.`);
    onClose();
    if (!type) void navigate({ to: "/event-types/$name", params: { name: saved } });
  };
  const submit = () => {
    const body = {
      category,
      description,
      visibility,
      schema: (schema.trim() ? read.value : null) as Record<string, never> | null,
    };
    if (type) change.mutate({ path: { name: type.name }, body }, { onSuccess: () => done(type.name) });
    else add.mutate({ body: { name, ...body }, idempotent: true }, { onSuccess: () => done(name) });
  };
  return (
    <FormDialog
      title={type ? `Change ${type.name}` : "Register a type"}
      action={type ? "Save" : "Register"}
      wide
      busy={add.isPending || change.isPending}
      problem={problem && faults.length === 0 ? problem : null}
      refusal={
        !name || !category
          ? "A name and a category are needed."
          : read.marks.length > 0
            ? "The schema cannot be read yet."
            : null
      }
      onClose={onClose}
      onSubmit={submit}
    >
      {type ? null : (
        <Field label="Name" error={about("/name")}>
          <Input
            autoFocus
            value={name}
            placeholder="order.shipped"
            onChange={(event) => setName(event.target.value.trim())}
          />
        </Field>
      )}
      <Field label="Category" error={about("/category")}>
        <Input
          value={category}
          placeholder="order"
          onChange={(event) => setCategory(event.target.value.trim())}
        />
      </Field>
      <Field label="Description">
        <Input value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label="Who may see it">
        <Select
          value={visibility}
          onChange={(event) => setVisibility(event.target.value as Type["visibility"])}
        >
          {Object.entries(VISIBLE).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <div className="field">
        <span className="strong">
          JSON Schema <span className="muted">of its data, as YAML or JSON; optional</span>
        </span>
        <Editor
          label="JSON Schema"
          value={schema}
          lines={8}
          onChange={setSchema}
          marks={read.marks.length > 0 ? read.marks : marksOf(ofSchema, read, "/schema")}
        />
      </div>
    </FormDialog>
  );
}
