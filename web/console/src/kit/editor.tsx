// A text with lines, colours and marks where something is wrong. The text is a plain field, so everything the
// browser does with fields (undo, selection, spelling of screen readers) works; the colours lie under it.

import { useId, useMemo, useRef, type KeyboardEvent, type ReactNode } from "react";
import "./editor.css";

export interface EditorMark {
  line: number;
  text: string;
  pointer?: string;
}

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  marks?: EditorMark[];
  refusal?: string | null;
  /** Smallest height in lines. */
  lines?: number;
  onSave?: () => void;
}

const TOKENS =
  /(#.*$)|^(\s*(?:- )*)("[^"]*"|[\w.~/-]+)(:)(?=\s|$)|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(\{\{.*?\}\}|\{%.*?%\})|\b(true|false|null|\d+(?:\.\d+)?)\b/g;

function paintLine(line: string): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKENS)) {
    if (match.index > at) out.push(line.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, note, lead, key, colon, text, output] = match;
    if (key) {
      out.push(
        lead,
        <span key={match.index} className="c-key">
          {key}
        </span>,
        colon,
      );
    } else {
      const kind = note ? "note" : text ? "text" : output ? "key" : "value";
      out.push(
        <span key={match.index} className={`c-${kind}`}>
          {whole}
        </span>,
      );
    }
  }
  out.push(line.slice(at));
  return out;
}

export function Editor({ label, value, onChange, marks = [], refusal, lines = 12, onSave }: Props) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const all = useMemo(() => value.split("\n"), [value]);
  const painted = useMemo(() => (value.length > 80_000 ? null : all.map(paintLine)), [all, value.length]);
  const wrong = new Set(marks.map(({ line }) => line));

  const goTo = (line: number) => {
    const start = all.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.current?.focus();
    field.current?.setSelectionRange(start, start + (all[line - 1]?.length ?? 0));
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      onSave?.();
    }
    // Enter keeps the indentation. Tab is left to the keyboard: it leads out of the field.
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      const { selectionStart: at } = event.currentTarget;
      const line = value.slice(0, at).split("\n").at(-1) ?? "";
      const indent = /^\s*/.exec(line)![0] + (/:\s*$/.test(line) ? "  " : "");
      if (!indent) return;
      event.preventDefault();
      // The one way that keeps the browser's own undo.
      document.execCommand("insertText", false, `\n${indent}`);
    }
  };
  return (
    <div className="editor">
      <div className="editor-box">
        <div className="editor-lines" aria-hidden>
          {all.map((_, index) => (
            <span key={index} className={wrong.has(index + 1) ? "wrong" : ""}>
              {index + 1}
            </span>
          ))}
        </div>
        <div className="editor-text">
          <pre aria-hidden>
            {painted
              ? painted.map((line, index) => (
                  <span key={index} className={`editor-line ${wrong.has(index + 1) ? "wrong" : ""}`}>
                    {line}
                    {"\n"}
                  </span>
                ))
              : value}
          </pre>
          <textarea
            ref={field}
            aria-label={label}
            aria-invalid={marks.length > 0 || undefined}
            aria-describedby={marks.length > 0 ? id : undefined}
            value={value}
            readOnly={Boolean(refusal)}
            rows={Math.max(lines, all.length)}
            wrap="off"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => onChange(event.target.value)}
            onKeyDown={press}
          />
        </div>
      </div>
      <div className="editor-marks" id={id} role="status">
        <ul>
          {marks.map((mark, index) => (
            <li key={index}>
              <button type="button" onClick={() => goTo(mark.line)}>
                <b>Line {mark.line}</b> {mark.text} {mark.pointer ? <code>{mark.pointer}</code> : null}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
