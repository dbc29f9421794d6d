import type { ReactNode } from "react";

export type Tone = "good" | "bad" | "wait" | "info" | "quiet";

/** A state in a word. The mark beside it says nothing that the word does not. */
export function Badge({
  tone = "quiet",
  children,
  plain,
}: {
  tone?: Tone;
  children: ReactNode;
  plain?: boolean;
}) {
  return (
    <span className={`badge ${tone} ${plain ? "plain" : ""}`}>
      {plain ? null : <span className="mark" aria-hidden />}
      {children}
    </span>
  );
}

export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}
