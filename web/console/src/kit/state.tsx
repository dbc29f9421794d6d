// What a page shows while there is nothing to show: not yet, nothing at all, or not to be had.

import type { ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import CloudOff from "lucide-react/icons/cloud-off";
import LockKeyhole from "lucide-react/icons/lock-keyhole";
import RotateCw from "lucide-react/icons/rotate-cw";
import SearchX from "lucide-react/icons/search-x";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import { Problem } from "../api/client.js";
import { Button } from "./button.js";
import { Command } from "./code.js";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  /** The command that brings something here. */
  command?: string;
  action?: ReactNode;
}

export function Empty({ icon, title, children, command, action }: EmptyProps) {
  return (
    <div className="empty">
      {icon ? <div className="empty-icon">{icon}</div> : null}
      <h2>{title}</h2>
      {children ? <div className="muted">{children}</div> : null}
      {command ? <Command text={command} /> : null}
      {action ? <div className="row wrap center">{action}</div> : null}
    </div>
  );
}

export function Failed({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const missing = problem.status === 404;
  const denied = problem.status === 403;
  const title = problem.unreachable
    ? navigator.onLine
      ? "The server cannot be reached"
      : "You are offline"
    : missing
      ? "There is no such thing here"
      : denied
        ? "Your role cannot see this"
        : "This could not be read";
  const Icon = problem.unreachable ? CloudOff : missing ? SearchX : denied ? LockKeyhole : TriangleAlert;
  return (
    <div className="empty" role="alert">
      <div className="empty-icon">
        <Icon aria-hidden />
      </div>
      <h2>{title}</h2>
      <p className="muted">
        {problem.unreachable
          ? "Nothing was lost: the server keeps what it took. This page tries again when you do."
          : missing
            ? "It may belong to another environment, or was deleted."
            : problem.message}
      </p>
      {problem.requestId ? (
        <p className="small muted">
          Request <code>{problem.requestId}</code>
        </p>
      ) : null}
      {retry && !denied ? (
        <Button icon={<RotateCw aria-hidden />} onClick={retry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

export function Skeleton({ lines = 6, tall }: { lines?: number; tall?: boolean }) {
  return (
    <div className={`skeleton ${tall ? "tall" : ""}`} aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={`w${(line * 7) % 5}`} />
      ))}
    </div>
  );
}

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T, Problem>, "data" | "error" | "refetch" | "isPending">;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** One answer, or what stands in its place. What was read before stays when a later look fails. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failed problem={query.error} retry={() => void query.refetch()} />;
  return <>{skeleton ?? <Skeleton />}</>;
}
