import { useId, type ReactNode } from "react";

/** A word beside whatever has the pointer or the focus. `silent` when it only repeats what is said anyway. */
export function Tip({
  text,
  id,
  silent,
  children,
}: {
  text: string;
  id?: string;
  silent?: boolean;
  children: ReactNode;
}) {
  const own = useId();
  return (
    <span className="tip-host">
      {children}
      <span className="tip" id={id ?? own} role="tooltip" aria-hidden={silent || undefined}>
        {text}
      </span>
    </span>
  );
}
