// A schema as a list of fields; what lies inside a field is made when somebody opens it, so that nothing is without end.

import { h } from "../../page/dom.js";
import { nullable, resolve, type OpenApi, type Schema } from "./document.js";
import { inline } from "./prose.js";

/** In a few words: "string", "array of EventView", "integer or null". */
export function typeName(document: OpenApi, given: Schema): string {
  const schema = resolve(document, given);
  const or = nullable(given) || nullable(schema) ? " or null" : "";
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (one) => one && one !== "null",
  );
  if (types[0] === "array" && schema.items) return `array of ${typeName(document, schema.items)}${or}`;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map((choice) => typeName(document, choice)).join(" or ");
  if (types.length === 0) return `any${or}`;
  return `${types.map((type) => (type === "string" && schema.format === "date-time" ? "time" : type)).join(" or ")}${or}`;
}

/** The fields inside a schema: its own, or those of what it is a list of. */
function inside(document: OpenApi, given: Schema): Schema | null {
  const schema = resolve(document, given);
  if (schema.properties && Object.keys(schema.properties).length > 0) return schema;
  if (schema.items) return inside(document, schema.items);
  if (typeof schema.additionalProperties === "object") return inside(document, schema.additionalProperties);
  return null;
}

/** Null where there are no fields to list. */
export function fieldList(document: OpenApi, given: Schema): HTMLElement | null {
  const schema = inside(document, given);
  if (!schema?.properties) return null;
  const required = new Set(schema.required);
  const names = Object.keys(schema.properties).sort(
    (a, b) => Number(required.has(b)) - Number(required.has(a)),
  );
  return h(
    "ul",
    { class: "fields", role: "list" },
    ...names.map((name) => field(document, name, schema.properties![name]!, required.has(name))),
  );
}

export function field(document: OpenApi, name: string, given: Schema, required: boolean): HTMLElement {
  const schema = resolve(document, given);
  const description = given.description ?? schema.description;
  const row = h(
    "li",
    {},
    h("code", { class: "name" }, name),
    h("span", { class: "type" }, typeName(document, given)),
    required && h("span", { class: "required" }, "required"),
    h("div", { class: "says" }, ...inline(description ?? ""), ...limits(schema)),
  );
  if (inside(document, given)) {
    const more = h("details", {}, h("summary", {}, "Fields of ", h("code", {}, name)));
    more.addEventListener("toggle", () => {
      if (more.open && more.childElementCount === 1) more.append(fieldList(document, given) ?? "");
    });
    row.append(more);
  }
  return row;
}

function limits(schema: Schema): HTMLElement[] {
  const said: string[] = [];
  if (schema.enum) said.push(schema.enum.map((value) => JSON.stringify(value)).join(" · "));
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const ranges: Array<[number | undefined, number | undefined, string]> = [
    [minimum, maximum, ""],
    [minLength, maxLength, " characters"],
    [minItems, maxItems, " entries"],
  ];
  for (const [least, most, unit] of ranges) {
    if (least !== undefined && most !== undefined) said.push(`${count(least)} to ${count(most)}${unit}`);
    else if (most !== undefined) said.push(`at most ${count(most)}${unit}`);
    else if (least !== undefined && least !== 0) said.push(`at least ${count(least)}${unit}`);
  }
  if (pattern) said.push(pattern);
  return said.length > 0 ? [h("span", { class: "limits" }, said.join(", "))] : [];
}

function count(number: number): string {
  return number.toLocaleString("en");
}
