import { Fragment, useMemo, useState, type ReactNode } from "react";
import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import { IconButton } from "./button.js";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_600);
  };
  return (
    <>
      <IconButton small label={copied ? "Copied" : label} onClick={() => void copy()}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
      <span className="hidden" role="status">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}

/** Something to type into a terminal. */
export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <pre tabIndex={0} aria-label="Command">
        {text.split("\n").map((line, index) => (
          <Fragment key={index}>
            {line}
            {"\n"}
          </Fragment>
        ))}
      </pre>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/** JSON with its keys, texts and values told apart. */
export function paintJson(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > at) out.push(text.slice(at, match.index));
    const kind = match[2] ? "key" : match[1] ? "text" : "value";
    out.push(
      <span key={match.index} className={`c-${kind}`}>
        {match[1] ?? match[0]}
      </span>,
      match[2] ?? "",
    );
    at = match.index + match[0].length;
  }
  out.push(text.slice(at));
  return out;
}

interface CodeProps {
  value: unknown;
  label: string;
  /** Text that is no JSON, as it is. */
  plain?: boolean;
  bounded?: boolean;
}

export function Code({ value, label, plain, bounded }: CodeProps) {
  const text = useMemo(() => (typeof value === "string" ? value : JSON.stringify(value, null, 2)), [value]);
  // Very long ones stay plain: a span for each token of a megabyte would stall the page.
  const painted = useMemo(() => (plain || text.length > 60_000 ? text : paintJson(text)), [text, plain]);
  return (
    <figure className={`code ${bounded ? "bounded" : ""}`}>
      <pre tabIndex={0} role="group" aria-label={label}>
        {painted}
      </pre>
      <CopyButton text={text} label={`Copy: ${label}`} />
    </figure>
  );
}

/** An id: short where it must be, whole when copied. */
export function Id({ id, copy }: { id: string; copy?: boolean }) {
  return (
    <span className="id">
      <code>{id}</code>
      {copy ? <CopyButton text={id} label={`Copy ${id}`} /> : null}
    </span>
  );
}
