import { useMemo } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRead } from "../../api/queries.js";
import { Badge } from "../../kit/badge.js";
import { Select, Field } from "../../kit/field.js";
import { Section } from "../../kit/page.js";
import { Failed, Loaded, Skeleton } from "../../kit/state.js";
import { Ago, ago } from "../../kit/time.js";
import { Table } from "../../kit/table.js";
import { difference } from "../../words/difference.js";
import { write } from "../../words/document.js";
import type { WorkflowVersion } from "../../api/coming.js";
import { WorkflowFrame } from "./frame.js";
import "./versions.css";

export function Versions() {
  const { workflow } = useParams({ from: "/shell/workflows/$workflow/versions" });
  const versions = useRead("/api/v1/workflows/{key}/versions", { path: { key: workflow } });
  return (
    <WorkflowFrame workflow={workflow} title={workflow}>
      <Loaded query={versions}>
        {({ data }) => (
          <>
            <Compare workflow={workflow} versions={data} />
            <Section title="Versions" about="What began goes on with the version it began with.">
              <Table
                label="Versions"
                rows={data}
                id={({ version }) => String(version)}
                columns={[
                  {
                    name: "Version",
                    main: true,
                    cell: ({ version }) => <span className="number">{version}</span>,
                  },
                  {
                    name: "State",
                    cell: ({ active }) =>
                      active ? <Badge tone="good">Starts now</Badge> : <Badge>Before</Badge>,
                  },
                  { name: "Saved", end: true, cell: ({ created_at }) => <Ago at={created_at} /> },
                ]}
              />
            </Section>
          </>
        )}
      </Loaded>
    </WorkflowFrame>
  );
}

function Compare({ workflow, versions }: { workflow: string; versions: WorkflowVersion[] }) {
  const search = useSearch({ from: "/shell/workflows/$workflow/versions" });
  const navigate = useNavigate();
  const after = search.to ?? String(versions[0]?.version ?? 1);
  const before =
    search.from ?? String(versions.find(({ version }) => version < Number(after))?.version ?? after);
  const read = (n: string) =>
    useRead("/api/v1/workflows/{key}/versions/{n}", { path: { key: workflow, n } }, { staleTime: Infinity });
  const [old, fresh] = [read(before), read(after)];
  const lines = useMemo(
    () => (old.data && fresh.data ? difference(write(old.data, "yaml"), write(fresh.data, "yaml")) : null),
    [old.data, fresh.data],
  );
  const problem = old.error ?? fresh.error;
  const choose = (name: "from" | "to") => (value: string) =>
    void navigate({
      to: "/workflows/$workflow/versions",
      params: { workflow },
      search: { from: before, to: after, [name]: value },
      replace: true,
    });
  if (versions.length < 2) return <p className="muted">There is one version, so nothing to compare.</p>;
  const options = versions.map(({ version, created_at }) => (
    <option key={version} value={version}>
      Version {version}, {ago(created_at)}
    </option>
  ));
  const changed = lines?.filter(({ kind }) => kind !== "same").length ?? 0;
  return (
    <Section
      title="Difference"
      about={
        lines
          ? changed === 0
            ? "They say the same."
            : `${lines.filter(({ kind }) => kind === "new").length} lines new, ${lines.filter(({ kind }) => kind === "gone").length} gone`
          : undefined
      }
    >
      <div className="filters">
        <Field label="From" quiet>
          <Select value={before} onChange={(event) => choose("from")(event.target.value)}>
            {options}
          </Select>
        </Field>
        <span className="muted">to</span>
        <Field label="To" quiet>
          <Select value={after} onChange={(event) => choose("to")(event.target.value)}>
            {options}
          </Select>
        </Field>
      </div>
      {problem ? (
        <Failed problem={problem} />
      ) : lines ? (
        <div className="difference" role="group" aria-label="Difference" tabIndex={0}>
          <table>
            <caption className="hidden">Lines of both versions</caption>
            <tbody>
              {lines.map((line, index) => (
                <tr key={index} className={line.kind}>
                  <td className="number">{line.before}</td>
                  <td className="number">{line.after}</td>
                  <td>
                    <span aria-hidden>{line.kind === "new" ? "+" : line.kind === "gone" ? "−" : " "}</span>
                    {line.kind === "same" ? null : <span className="hidden">{line.kind}: </span>}
                    <code>{line.text}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Skeleton />
      )}
    </Section>
  );
}
