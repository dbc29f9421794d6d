// A list of any length: only the rows in sight are drawn, the next page is asked for before its end comes into sight.
// The keyboard moves a cursor over it (arrows or j and k, Home, End, Enter), which need not be drawn to be remembered.

import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from "react";
import type { Rows as Source } from "../api/queries.js";
import { Failed, Skeleton } from "./state.js";
import { Button } from "./button.js";
import type { Column } from "./table.js";

const SPARE_ROWS = 8;
const NARROW = matchMedia("(max-width: 760px)");

interface Props<R> {
  label: string;
  source: Source<R>;
  columns: Array<Column<R>>;
  id: (row: R) => string;
  chosen?: string | null | undefined;
  onOpen: (row: R) => void;
  empty: ReactNode;
  /** Between head and rows, such as a word about what came in. */
  notice?: ReactNode;
}

export function Rows<R>({ label, source, columns, id, chosen, onOpen, empty, notice }: Props<R>) {
  const { rows, query, more } = source;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [cursor, setCursor] = useState(0);
  const height = useRowHeight();

  const look = useCallback(() => {
    const { scrollTop, clientHeight } = box.current ?? { scrollTop: 0, clientHeight: 800 };
    setView({ top: scrollTop, height: clientHeight });
  }, []);
  useLayoutEffect(() => {
    if (!box.current) return;
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(box.current);
    return () => sizes.disconnect();
  }, [look, rows.length === 0]);

  const first = Math.max(0, Math.floor(view.top / height) - SPARE_ROWS);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / height) + SPARE_ROWS);
  const nearEnd = last >= rows.length - 20;
  useEffect(() => {
    if (nearEnd) more();
  });

  if (rows.length === 0) {
    if (query.isError && query.error)
      return <Failed problem={query.error} retry={() => void query.refetch()} />;
    if (query.isPending) return <Skeleton lines={12} tall />;
    return <>{empty}</>;
  }

  const at = Math.min(cursor, rows.length - 1);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setCursor(next);
    const top = next * height;
    const element = box.current!;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + element.clientHeight - height)
      element.scrollTop = top + 2 * height - element.clientHeight;
    if (chosen) onOpen(rows[next]!);
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.height / height) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      j: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      k: () => go(at - 1),
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Enter: () => onOpen(rows[at]!),
    };
    const move = moves[event.key];
    if (!move || (event.target as HTMLElement).closest("a, button:not([role])")) return;
    event.preventDefault();
    move();
  };

  const template = columns.map((column) => column.width ?? "minmax(0, 1fr)").join(" ");
  return (
    <div className="rows-frame">
      {notice}
      <div
        ref={box}
        className="rows"
        role="grid"
        aria-label={label}
        aria-rowcount={query.hasNextPage ? -1 : rows.length + 1}
        aria-activedescendant={`row-${id(rows[at]!)}`}
        tabIndex={0}
        data-rows=""
        onKeyDown={press}
        onScroll={look}
      >
        <div className="rows-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <span key={column.name} role="columnheader" className={cls(column)}>
              <span className={column.silent ? "hidden" : ""}>{column.name}</span>
            </span>
          ))}
        </div>
        <div className="rows-body" role="rowgroup" style={{ height: rows.length * height }}>
          {rows.slice(first, last).map((row, index) => {
            const place = first + index;
            return (
              <div
                key={id(row)}
                id={`row-${id(row)}`}
                role="row"
                aria-rowindex={place + 2}
                aria-selected={chosen === id(row)}
                className={`rows-row ${place === at ? "cursor" : ""}`}
                style={{
                  transform: `translateY(${place * height}px)`,
                  height,
                  gridTemplateColumns: template,
                }}
                onClick={() => {
                  setCursor(place);
                  onOpen(row);
                }}
              >
                {columns.map((column) => (
                  <span key={column.name} role="gridcell" className={cls(column)}>
                    {column.cell(row)}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      <p className="rows-foot muted small" role="status">
        {query.isError && query.error ? (
          <>
            {query.error.message}{" "}
            <Button small onClick={() => void query.refetch()}>
              Try again
            </Button>
          </>
        ) : query.isFetchingNextPage ? (
          "Reading more…"
        ) : (
          `${rows.length.toLocaleString("en")}${query.hasNextPage ? " so far" : ""}`
        )}
      </p>
    </div>
  );
}

function cls<R>(column: Column<R>): string {
  return ["cell", column.main ? "main" : "", column.spare ? "spare" : "", column.end ? "end" : ""].join(" ");
}

/** The height of a row is a token of the design, and another one where there is little room. */
function useRowHeight(): number {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const hear = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", hear);
    return () => NARROW.removeEventListener("change", hear);
  }, []);
  const name = narrow ? "--row-tall" : "--row";
  return parseInt(getComputedStyle(document.documentElement).getPropertyValue(name), 10) || 40;
}
