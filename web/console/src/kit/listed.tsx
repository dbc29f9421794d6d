import { useState, type ReactNode } from "react";
import type { Rows as Source } from "../api/queries.js";
import { Button } from "./button.js";
import { SearchInput } from "./field.js";
import { Failed, Skeleton } from "./state.js";
import { Table, type Column } from "./table.js";

interface Props<R> {
  label: string;
  source: Source<R>;
  columns: Array<Column<R>>;
  id: (row: R) => string;
  empty: ReactNode;
  /** The words by which what is loaded can be narrowed. */
  find?: (row: R) => string;
}

/** A table of what the server lists, with more of it on demand. For lists that a person reads, not scrolls through. */
export function Listed<R>({ label, source, columns, id, empty, find }: Props<R>) {
  const { rows, query, more } = source;
  const [text, setText] = useState("");
  if (rows.length === 0) {
    if (query.isError && query.error)
      return <Failed problem={query.error} retry={() => void query.refetch()} />;
    return query.isPending ? <Skeleton tall /> : <>{empty}</>;
  }
  const wanted = text.trim().toLowerCase();
  const shown = find && wanted ? rows.filter((row) => find(row).toLowerCase().includes(wanted)) : rows;
  return (
    <div className="stack tight">
      {find && (rows.length > 4 || text) ? (
        <div className="filters">
          <SearchInput
            label="Narrow the list"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      ) : null}
      {shown.length > 0 ? (
        <Table label={label} rows={shown} columns={columns} id={id} />
      ) : (
        <p className="muted">Nothing of what is loaded is like “{text}”.</p>
      )}
      {query.hasNextPage ? (
        <div className="row">
          <Button busy={query.isFetchingNextPage} onClick={more}>
            Show more
          </Button>
          <span className="muted small">{rows.length} so far</span>
        </div>
      ) : null}
      {query.isError && query.error ? (
        <p className="bad-text" role="alert">
          {query.error.message}
        </p>
      ) : null}
    </div>
  );
}
