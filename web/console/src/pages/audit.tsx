import { useState } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import Download from "lucide-react/icons/download";
import ScrollText from "lucide-react/icons/scroll-text";
import { address, headers, problemOf, Problem, type Schemas } from "../api/client.js";
import { useRows } from "../api/queries.js";
import { Button } from "../kit/button.js";
import { Code, Id } from "../kit/code.js";
import { SearchInput } from "../kit/field.js";
import { Facts, Page } from "../kit/page.js";
import { Rows } from "../kit/rows.js";
import { Sheet } from "../kit/sheet.js";
import { Empty } from "../kit/state.js";
import type { Column } from "../kit/table.js";
import { Ago, At } from "../kit/time.js";
import { complain, say } from "../kit/toast.js";
import { title } from "../words/state.js";

type Line = Schemas["AuditView"];
type Words = Partial<Record<"action" | "actor" | "subject" | "from" | "to", string | undefined>>;

const COLUMNS: Array<Column<Line>> = [
  {
    name: "Action",
    main: true,
    width: "minmax(150px, 1fr)",
    cell: ({ action }) => <span className="strong">{action}</span>,
  },
  { name: "Subject", width: "minmax(0, 1.3fr)", spare: true, cell: ({ subject }) => <code>{subject}</code> },
  {
    name: "Who",
    width: "minmax(0, 1.3fr)",
    cell: ({ actor }) => (
      <span className="muted">
        {title(actor.kind)} {actor.id}
      </span>
    ),
  },
  {
    name: "From",
    width: "120px",
    spare: true,
    cell: ({ origin }) => <span className="muted">{origin ?? "–"}</span>,
  },
  {
    name: "When",
    end: true,
    width: "84px",
    cell: ({ at }) => (
      <span className="muted">
        <Ago at={at} />
      </span>
    ),
  },
];

export function Audit() {
  const search = useSearch({ from: "/shell/audit" });
  const { line, ...words } = search;
  const navigate = useNavigate();
  const source = useRows("/api/v1/audit", { query: words });
  const set = (changed: Words) =>
    void navigate({ to: "/audit", search: { ...words, ...changed }, replace: true });
  const open = (id: string | undefined) =>
    void navigate({ to: "/audit", search: { ...words, line: id }, replace: Boolean(line && id) });
  const chosen = source.rows.find(({ id }) => id === line);
  const filtered = Object.keys(words).length > 0;
  return (
    <Page
      full
      title="Audit log"
      about="Who did what, when, and from where."
      actions={<Export words={words} />}
    >
      <div className="filters" role="search" aria-label="Narrow the log">
        <WordFilter label="Action" value={words.action} onSet={(action) => set({ action })} />
        <WordFilter label="Subject" value={words.subject} onSet={(subject) => set({ subject })} />
        <WordFilter label="Key or person" value={words.actor} onSet={(actor) => set({ actor })} />
      </div>
      <div className={`beside ${chosen ? "open" : ""}`}>
        <Rows
          label="Audit log"
          source={source}
          columns={COLUMNS}
          id={({ id }) => id}
          chosen={line}
          onOpen={({ id }) => open(id)}
          empty={
            <Empty
              icon={<ScrollText aria-hidden />}
              title={filtered ? "No line is like this" : "Nothing was done yet"}
              action={
                filtered ? (
                  <Button onClick={() => void navigate({ to: "/audit", search: {} })}>
                    Show the whole log
                  </Button>
                ) : undefined
              }
            >
              {filtered ? null : (
                <p>Every change, every notification and every action of an administrator stands here.</p>
              )}
            </Empty>
          }
        />
        {chosen ? (
          <Sheet title={chosen.action} about={<Id id={chosen.id} copy />} onClose={() => open(undefined)}>
            <div className="stack">
              <Facts
                facts={[
                  ["When", <At at={chosen.at} />],
                  ["Subject", <code>{chosen.subject}</code>],
                  ["Who", `${title(chosen.actor.kind)} ${chosen.actor.id ?? ""}`],
                  ["From", chosen.origin],
                ]}
              />
              {chosen.detail ? <Code value={chosen.detail} label="Detail" /> : null}
            </div>
          </Sheet>
        ) : null}
      </div>
    </Page>
  );
}

function WordFilter({
  label,
  value,
  onSet,
}: {
  label: string;
  value: string | undefined;
  onSet: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? "");
  const say = (changed: string) => changed.trim() !== (value ?? "") && onSet(changed.trim() || undefined);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        say(text);
      }}
    >
      <SearchInput
        label={label}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (!event.target.value) say("");
        }}
        onBlur={() => say(text)}
      />
    </form>
  );
}

/** One JSON object a line, as many as the server gives at once. */
function Export({ words }: { words: Words }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const response = await fetch(address("/api/v1/audit", {}, { ...words, format: "ndjson" }), {
        headers: { ...headers("GET"), accept: "application/x-ndjson" },
      });
      if (!response.ok) throw await problemOf(response);
      const url = URL.createObjectURL(await response.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = "audit.ndjson";
      link.click();
      URL.revokeObjectURL(url);
      say(
        response.headers.has("next-cursor")
          ? "The newest 10,000 lines are saved. Narrow the log for older ones."
          : "The log is saved.",
      );
    } catch (error) {
      complain(
        error instanceof Problem ? error : new Problem(0, "unreachable", "The server cannot be reached."),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<Download aria-hidden />} busy={busy} onClick={() => void save()}>
      Export
    </Button>
  );
}
