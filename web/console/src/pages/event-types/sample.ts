// An example that a JSON Schema describes: its own examples where it has some, else something of the right kind.

type Schema = Record<string, unknown>;

export function sampleOf(schema: unknown, depth = 0): unknown {
  if (!schema || typeof schema !== "object" || depth > 8) return {};
  const {
    examples,
    example,
    default: usual,
    enum: choices,
    const: fixed,
  } = schema as Schema & { examples?: unknown[]; enum?: unknown[] };
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  for (const said of [example, usual, fixed]) if (said !== undefined) return said;
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  const own = schema as Schema;
  for (const way of ["oneOf", "anyOf", "allOf"]) {
    const ways = own[way];
    if (Array.isArray(ways) && ways.length > 0)
      return way === "allOf"
        ? Object.assign({}, ...ways.map((one) => sampleOf(one, depth + 1)))
        : sampleOf(ways[0], depth + 1);
  }
  const type = Array.isArray(own["type"]) ? own["type"].find((one) => one !== "null") : own["type"];
  if (type === "object" || own["properties"]) {
    const properties = (own["properties"] ?? {}) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, sampleOf(value, depth + 1)]),
    );
  }
  if (type === "array") return own["items"] ? [sampleOf(own["items"], depth + 1)] : [];
  if (type === "integer" || type === "number") return typeof own["minimum"] === "number" ? own["minimum"] : 1;
  if (type === "boolean") return true;
  if (own["format"] === "date-time") return "2026-01-31T09:30:00Z";
  if (own["format"] === "email") return "ada@example.com";
  return "text";
}

export interface SchemaField {
  path: string;
  type: string;
  required: boolean;
  about: string;
}

/** The fields of a schema, one a line, those within objects too. */
export function fieldsOf(schema: unknown, path = "", depth = 0): SchemaField[] {
  if (!schema || typeof schema !== "object" || depth > 5) return [];
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).flatMap(([name, own]) => {
    const here = path ? `${path}.${name}` : name;
    const type = Array.isArray(own["type"])
      ? (own["type"] as string[]).join(" or ")
      : String(own["type"] ?? "any");
    const items = own["items"] as Schema | undefined;
    const choices = Array.isArray(own["enum"])
      ? `one of ${(own["enum"] as unknown[]).map((one) => JSON.stringify(one)).join(", ")}`
      : "";
    const about = [own["description"], choices].filter(Boolean).join("; ");
    const shown = type === "array" && items?.["type"] ? `list of ${String(items["type"])}` : type;
    return [
      { path: here, type: shown, required: required.includes(name), about },
      ...fieldsOf(own, here, depth + 1),
      ...(items ? fieldsOf(items, `${here}[]`, depth + 1) : []),
    ];
  });
}
