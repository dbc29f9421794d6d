import type { ReactNode } from "react";

export interface Column<R> {
  name: string;
  cell: (row: R) => ReactNode;
  /** Shown as the row's first line where there is little room. */
  main?: boolean;
  /** Left out where there is little room. */
  spare?: boolean;
  /** Said to those who do not see only: its cells speak for themselves. */
  silent?: boolean;
  end?: boolean;
  width?: string;
}

/** A table for what fits on a page or a few. */
export function Table<R>({
  label,
  rows,
  columns,
  id,
}: {
  label: string;
  rows: R[];
  columns: Array<Column<R>>;
  id: (row: R) => string;
}) {
  return (
    <div className="table-box">
      <table className="table">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={mark(column)} style={{ width: column.width }}>
                <span className={column.silent ? "hidden" : ""}>{column.name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column) => (
                <td key={column.name} className={mark(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function mark<R>(column: Column<R>): string {
  return [column.main ? "main" : "", column.spare ? "spare" : "", column.end ? "end" : ""].join(" ");
}
