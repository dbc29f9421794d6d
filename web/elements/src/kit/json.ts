// JSON for reading: indented and coloured, each token as it was sent, so that a number too large for a program here
// is not shown as another one.

import { html, type TemplateResult } from "lit";

export interface Token {
  kind: "key" | "string" | "number" | "word" | "mark" | "space";
  text: string;
}

const TOKENS = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g;
/** Larger ones are shown as they are: thousands of coloured pieces make a page slow. */
const MOST = 100_000;

/** Null when the text is not JSON, or too much of it. */
export function readJson(text: string): Token[] | null {
  if (text.length > MOST) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text.match(TOKENS) ?? []);
}

function indented(raw: string[]): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  const line = () => tokens.push({ kind: "space", text: `\n${"  ".repeat(depth)}` });
  raw.forEach((text, at) => {
    const before = raw[at - 1] ?? "";
    const closes = text === "}" || text === "]";
    if (closes) depth -= 1;
    const empty = closes && (before === "{" || before === "[");
    if ((closes && !empty) || before === ",") line();
    else if ((before === "{" || before === "[") && !closes) line();
    tokens.push({ kind: kindOf(text, raw[at + 1]), text });
    if (text === ":") tokens.push({ kind: "space", text: " " });
    if (text === "{" || text === "[") depth += 1;
  });
  return tokens;
}

function kindOf(text: string, next: string | undefined): Token["kind"] {
  if (text.startsWith('"')) return next === ":" ? "key" : "string";
  if (/^[{}[\],:]$/.test(text)) return "mark";
  return /^[tfn]/.test(text) ? "word" : "number";
}

/** Text that scrolls by itself, and can be reached by the keyboard for that. */
export function codeTemplate(text: string, label: string): TemplateResult {
  const tokens = readJson(text);
  return html`<pre class="code" part="code" tabindex="0" role="region" aria-label=${label}><code
    >${
    tokens
      ? tokens.map(({ kind, text }) =>
          kind === "space" || kind === "mark" ? text : html`<span class="json-${kind}">${text}</span>`,
        )
      : text
  }</code
  ></pre>`;
}
