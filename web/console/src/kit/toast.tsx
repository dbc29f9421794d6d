import { useSyncExternalStore } from "react";
import CircleCheck from "lucide-react/icons/circle-check";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import X from "lucide-react/icons/x";
import type { Problem } from "../api/client.js";
import { IconButton } from "./button.js";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  requestId: string | null;
}

let toasts: Toast[] = [];
let next = 0;
const hearers = new Set<() => void>();

function set(changed: Toast[]): void {
  toasts = changed;
  for (const hearer of hearers) hearer();
}

function show(toast: Omit<Toast, "id">): void {
  const id = (next += 1);
  set([...toasts.slice(-2), { ...toast, id }]);
  // What went wrong stays until somebody puts it away.
  if (!toast.bad) setTimeout(() => dismiss(id), 5_000);
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Says in passing that something was done. */
export function say(text: string): void {
  show({ text, bad: false, requestId: null });
}

export function complain(problem: Problem): void {
  show({ text: problem.message, bad: true, requestId: problem.requestId });
}

export function Toasts() {
  const all = useSyncExternalStore(
    (hearer) => {
      hearers.add(hearer);
      return () => hearers.delete(hearer);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="region" aria-label="Messages" aria-live="polite">
      {all.map((toast) => (
        <div
          key={toast.id}
          className={`toast ${toast.bad ? "bad" : ""}`}
          role={toast.bad ? "alert" : undefined}
        >
          {toast.bad ? <TriangleAlert aria-hidden /> : <CircleCheck aria-hidden />}
          <div>
            {toast.text}
            {toast.requestId ? (
              <p className="small muted">
                Request <code>{toast.requestId}</code>
              </p>
            ) : null}
          </div>
          <IconButton small label="Dismiss" onClick={() => dismiss(toast.id)}>
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
