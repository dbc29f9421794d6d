import { useEffect, useId, useRef, type ReactNode } from "react";
import X from "lucide-react/icons/x";
import { IconButton } from "./button.js";

interface Props {
  title: ReactNode;
  /** Under the title: what it is in one line. */
  about?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A panel beside a list. The list stays in use, so that its cursor turns the panel's pages; where there is
 * little room the panel lies over it. Escape closes it and gives the focus back to the list.
 */
export function Sheet({ title, about, actions, onClose, children }: Props) {
  const heading = useId();
  const ref = useRef<HTMLElement>(null);
  const close = () => {
    onClose();
    document.querySelector<HTMLElement>("[data-rows]")?.focus();
  };
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      latest.current();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, []);
  return (
    <aside ref={ref} className="sheet" aria-labelledby={heading}>
      <header>
        <div className="sheet-title">
          <h2 id={heading}>{title}</h2>
          {about ? <div className="muted small">{about}</div> : null}
        </div>
        <IconButton label="Close" onClick={close}>
          <X aria-hidden />
        </IconButton>
      </header>
      {actions ? <div className="sheet-actions row wrap">{actions}</div> : null}
      <div className="sheet-body">{children}</div>
    </aside>
  );
}
