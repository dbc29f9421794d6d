// Documents as people write them: YAML or JSON, what they say, and where in the text a JSON pointer leads.

import { LineCounter, isCollection, parseDocument, stringify, type Node } from "yaml";
import type { Fault } from "../api/client.js";

export interface Mark {
  /** Counted from 1. */
  line: number;
  text: string;
  pointer?: string;
}

export interface Read {
  value: unknown;
  /** What is no YAML or JSON at all. */
  marks: Mark[];
  /** The line that a pointer leads to. */
  lineOf: (pointer: string) => number;
}

export type Form = "yaml" | "json";

export function write(value: unknown, form: Form): string {
  if (form === "json") return `${JSON.stringify(value, null, 2)}\n`;
  return stringify(value, { lineWidth: 110, blockQuote: "literal", aliasDuplicateObjects: false });
}

export function readDocument(text: string): Read {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const marks = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    text: capital(error.message),
  }));
  let value: unknown = null;
  if (marks.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: 200 });
    } catch (error) {
      marks.push({ line: 1, text: (error as Error).message });
    }
  }
  const lineOf = (pointer: string) => {
    const parts = pointer
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    // The deepest part that stands in the text: what is missing is shown at what it is missing from.
    let node: unknown = document.contents;
    let offset = 0;
    for (const part of parts) {
      if (!isCollection(node)) break;
      const pair =
        "items" in node
          ? (node.items as Array<{ key?: Node; value?: Node }>).find(
              ({ key }) => String((key as { value?: unknown } | undefined)?.value) === part,
            )
          : undefined;
      const next = node.get(/^\d+$/.test(part) ? Number(part) : part, true) as Node | undefined;
      const at = pair?.key?.range?.[0] ?? next?.range?.[0];
      if (at === undefined) break;
      offset = at;
      node = next;
    }
    return lineAt(offset);
  };
  return { value, marks, lineOf };
}

/** Faults of the server, at their lines. A text's own line is added to that of the field it stands in. */
export function marksOf(faults: Fault[], read: Read, below = ""): Mark[] {
  return faults.map(({ pointer, detail }) => {
    const own = pointer.startsWith(below) ? pointer.slice(below.length) : pointer;
    const line = read.lineOf(own);
    const inner = /^line (\d+)/.exec(detail);
    return {
      line: line + (inner && Number(inner[1]) > 1 ? Number(inner[1]) : 0),
      text: capital(detail),
      pointer: own,
    };
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
