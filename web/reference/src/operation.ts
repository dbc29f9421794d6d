// One operation: a line that says what it is, and when opened everything about it.

import { glyph, h } from "../../page/dom.js";
import { media, resolve, type Answer, type OpenApi, type Operation, type Parameter } from "./document.js";
import { curl } from "./example.js";
import { field, fieldList, typeName } from "./fields.js";
import { inline, paragraphs } from "./prose.js";

const CHEVRON = "m9 6 6 6-6 6";

export function methodTag(method: string): HTMLElement {
  return h("span", { class: `method ${method}` }, method === "delete" ? "DEL" : method.toUpperCase());
}

/** The path with its places to fill in marked. */
export function pathCode(path: string): HTMLElement {
  const parts = path.replace(/^\/api\/v1/, "").split(/(\{\w+\})/);
  return h(
    "code",
    { class: "path" },
    ...parts.map((part) => (part.startsWith("{") ? h("i", {}, part) : part)),
  );
}

export function operationCard(document: OpenApi, operation: Operation, origin: string): HTMLDetailsElement {
  const card = h(
    "details",
    { class: "operation", id: operation.id },
    h(
      "summary",
      {},
      methodTag(operation.method),
      pathCode(operation.path),
      h("span", { class: "summary" }, ...inline(operation.summary ?? "")),
      glyph(CHEVRON),
    ),
  );
  // Made when it is opened: sixty operations with all their fields are a page that nobody waits for.
  card.addEventListener("toggle", () => {
    if (card.open && card.childElementCount === 1) card.append(about(document, operation, origin));
  });
  return card;
}

function about(document: OpenApi, operation: Operation, origin: string): HTMLElement {
  const body = media(operation.requestBody?.content);
  const fields = body?.schema ? fieldList(document, body.schema) : null;
  const optional = operation.requestBody && !operation.requestBody.required ? " (may be left out)" : "";
  return h(
    "div",
    { class: "about" },
    h(
      "div",
      { class: "text" },
      ...paragraphs(operation.description),
      ...parameters(document, operation.parameters, "path", "In the path"),
      ...parameters(document, operation.parameters, "query", "In the query"),
      ...parameters(document, operation.parameters, "header", "In the headers"),
      ...(body ? [h("h3", {}, `Body${optional}`), fields ?? h("p", { class: "type" }, body.type)] : []),
      h("h3", {}, "Answers"),
      h(
        "div",
        { class: "answers" },
        ...Object.entries(operation.responses ?? {}).map(([status, one]) => answer(document, status, one)),
      ),
    ),
    example(curl(document, operation, origin)),
  );
}

function parameters(
  document: OpenApi,
  all: Parameter[],
  place: Parameter["in"],
  title: string,
): HTMLElement[] {
  const these = all.filter((parameter) => parameter.in === place);
  if (these.length === 0) return [];
  const rows = these.map(({ name, description, schema, required }) =>
    field(
      document,
      name,
      { ...schema, ...(description && { description }) },
      required === true && place !== "path",
    ),
  );
  return [h("h3", {}, title), h("ul", { class: "fields", role: "list" }, ...rows)];
}

const MEANINGS: Record<string, string> = {
  "101": "A WebSocket",
  "200": "Done",
  "201": "Made",
  "202": "Begun",
  "204": "Done, nothing to say",
  "304": "Nothing has changed",
  "4XX": "Refused: a problem that says what was wrong",
  "5XX": "Failed: a problem; try again later",
};

function answer(document: OpenApi, status: string, given: Answer): HTMLElement {
  const body = media(given.content);
  const schema = body?.schema && resolve(document, body.schema);
  const says = given.description || schema?.description || MEANINGS[status] || "";
  const tone =
    status.startsWith("2") || status.startsWith("1") ? "good" : status.startsWith("3") ? "" : "bad";
  const line = [
    h("code", { class: `status ${tone}` }, status),
    h("span", {}, ...inline(tone === "bad" ? given.description || MEANINGS[status] || says : says)),
    body && h("span", { class: "type" }, body.schema ? typeName(document, body.schema) : body.type),
  ];
  const fields = body?.schema ? fieldList(document, body.schema) : null;
  if (!fields) return h("div", { class: "answer" }, ...line);
  return h("details", { class: "answer" }, h("summary", {}, ...line), fields);
}

function example(command: string): HTMLElement {
  const copy = h("button", { type: "button" }, "Copy");
  const text = h("pre", { tabindex: "0", "aria-label": "Example" }, command);
  copy.addEventListener("click", () => void copyText(command, copy, text));
  return h("figure", { class: "example" }, h("figcaption", {}, "Example", copy), text);
}

async function copyText(command: string, button: HTMLElement, text: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(command);
    button.textContent = "Copied";
  } catch {
    // Without a secure origin there is no clipboard: mark the text, so that a key press copies it.
    getSelection()?.selectAllChildren(text);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1_500);
}
