import { useEffect, useId, useRef, type FormEvent, type ReactNode } from "react";
import X from "lucide-react/icons/x";
import type { Problem } from "../api/client.js";
import { Button, IconButton } from "./button.js";

interface Props {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** Without a head: the content says what it is. */
  bare?: string;
  className?: string;
}

/** The browser's own dialog: it keeps the focus inside, gives it back, and closes on Escape. */
export function Dialog({ title, onClose, children, footer, wide, bare, className = "" }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // What is asked for comes first; where nothing is, the way out that changes nothing.
      const first = dialog.querySelector<HTMLElement>("input, select, textarea");
      (first ?? dialog.querySelector<HTMLElement>("footer button"))?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${wide ? "wide" : ""} ${className}`}
      aria-labelledby={bare ? undefined : heading}
      aria-label={bare}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-inner">
        {bare ? null : (
          <header>
            <h2 id={heading}>{title}</h2>
            <IconButton label="Close" onClick={onClose}>
              <X aria-hidden />
            </IconButton>
          </header>
        )}
        {bare ? children : <div className="dialog-body">{children}</div>}
        {footer ? <footer>{footer}</footer> : null}
      </div>
    </dialog>
  );
}

interface FormProps extends Omit<Props, "footer" | "bare"> {
  action: string;
  danger?: boolean;
  busy?: boolean;
  refusal?: string | null;
  problem?: Problem | null;
  onSubmit: () => void;
}

/** A dialog that asks for something and then does one thing. */
export function FormDialog({
  action,
  danger,
  busy,
  refusal,
  problem,
  onSubmit,
  children,
  ...rest
}: FormProps) {
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && !refusal) onSubmit();
  };
  return (
    <Dialog
      {...rest}
      footer={
        <>
          <Button onClick={rest.onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            look={danger ? "danger" : "primary"}
            busy={busy ?? false}
            refusal={refusal}
          >
            {action}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        {children}
        {problem ? <ProblemLine problem={problem} /> : null}
      </form>
    </Dialog>
  );
}

/** What was refused, in one line, with what helps to find it in the server's log. */
export function ProblemLine({ problem }: { problem: Problem }) {
  return (
    <div className="problem-line" role="alert">
      <p>{problem.message}</p>
      {problem.faults.length > 0 ? (
        <ul>
          {problem.faults.map((fault) => (
            <li key={fault.pointer + fault.code}>
              {fault.pointer ? <code>{fault.pointer}</code> : null} {fault.detail}
            </li>
          ))}
        </ul>
      ) : null}
      {problem.requestId ? (
        <p className="small">
          Request <code>{problem.requestId}</code>
        </p>
      ) : null}
    </div>
  );
}
