import { useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import X from "lucide-react/icons/x";
import type { Schemas } from "../../api/client.js";
import { Button } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Field, Input, SearchInput, Select } from "../../kit/field.js";

type Search = Partial<
  Record<"type" | "category" | "tenant" | "user" | "app" | "entity" | "from" | "to", string | undefined>
>;

const MORE: Array<[keyof Search, string, string]> = [
  ["category", "Category", "session"],
  ["tenant", "Tenant", "acme"],
  ["user", "User it names", "ada"],
  ["entity", "Entity", "session:S-4711"],
];

/** What narrows the events. Everything stands in the address, so a view can be sent to somebody. */
export function EventFilters({ search, apps }: { search: Search; apps: Schemas["AppView"][] }) {
  const navigate = useNavigate();
  const [type, setType] = useState(search.type ?? "");
  const [open, setOpen] = useState(false);
  const set = (changed: Search) =>
    void navigate({ to: "/events", search: { ...search, ...changed }, replace: true });
  const shown = (["category", "tenant", "user", "entity", "from", "to"] as const).filter(
    (name) => search[name],
  );
  return (
    <div className="filters" role="search" aria-label="Narrow the events">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set({ type: type.trim() });
        }}
      >
        <SearchInput
          label="Event type"
          value={type}
          onChange={(event) => {
            setType(event.target.value);
            if (!event.target.value) set({ type: "" });
          }}
          onBlur={() => type.trim() !== (search.type ?? "") && set({ type: type.trim() })}
        />
      </form>
      <Select
        aria-label="Application"
        value={search.app ?? ""}
        onChange={(event) => set({ app: event.target.value })}
      >
        <option value="">All applications</option>
        {apps.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Button icon={<SlidersHorizontal aria-hidden />} onClick={() => setOpen(true)}>
        More filters
      </Button>
      {shown.map((name) => (
        <Button
          key={name}
          small
          aria-label={`${name}: ${search[name]}, take away`}
          onClick={() => set({ [name]: "" })}
        >
          {name}: {search[name]}
          <X aria-hidden />
        </Button>
      ))}
      {open ? <MoreFilters search={search} onSet={set} onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

function MoreFilters({
  search,
  onSet,
  onClose,
}: {
  search: Search;
  onSet: (changed: Search) => void;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState<Search>(search);
  const local = (at: string | undefined) => (at ? at.slice(0, 16) : "");
  const time = (name: "from" | "to", label: string) => (
    <Field label={label} hint="UTC">
      <Input
        type="datetime-local"
        value={local(draft[name])}
        onChange={(event) =>
          setDraft({ ...draft, [name]: event.target.value ? `${event.target.value}:00Z` : "" })
        }
      />
    </Field>
  );
  return (
    <FormDialog
      title="Narrow the events"
      action="Show these"
      onClose={onClose}
      onSubmit={() => {
        onSet(draft);
        onClose();
      }}
    >
      {MORE.map(([name, label, example]) => (
        <Field key={name} label={label}>
          <Input
            value={draft[name] ?? ""}
            placeholder={example}
            onChange={(event) => setDraft({ ...draft, [name]: event.target.value.trim() })}
          />
        </Field>
      ))}
      {time("from", "Not before")}
      {time("to", "Before")}
    </FormDialog>
  );
}
