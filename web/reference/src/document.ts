// The parts of an OpenAPI 3.1 document that the page shows.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  example?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  description?: string;
  required?: boolean;
  schema?: Schema;
}

interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value?: unknown }>;
}
export type Content = Record<string, Media>;

export interface Answer {
  description?: string;
  content?: Content;
}

interface RawOperation {
  tags?: string[];
  summary?: string;
  description?: string;
  operationId?: string;
  parameters?: Parameter[];
  requestBody?: { description?: string; required?: boolean; content?: Content };
  responses?: Record<string, Answer>;
}

export interface OpenApi {
  info: { title: string; version: string; description?: string };
  tags?: Array<{ name: string; description?: string }>;
  paths: Record<string, Record<string, unknown> & { parameters?: Parameter[] }>;
  components?: {
    schemas?: Record<string, Schema>;
    securitySchemes?: Record<string, { description?: string }>;
  };
}

export interface Operation extends RawOperation {
  id: string;
  method: string;
  path: string;
  parameters: Parameter[];
}

export interface Group {
  name: string;
  description: string;
  operations: Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete"];

/** What this page says first; tags that are not named here follow in the order of the document. */
const FIRST = [
  "events",
  "notifications",
  "feed",
  "live",
  "webhooks",
  "deliveries",
  "apps",
  "users",
  "tenants",
];

export function groups(document: OpenApi): Group[] {
  const byTag = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const raw = item[method] as RawOperation | undefined;
      if (!raw) continue;
      const tag = raw.tags?.[0] ?? "other";
      const id = raw.operationId ?? `${method}${path.replace(/\W+/g, "-")}`;
      const parameters = [...(item.parameters ?? []), ...(raw.parameters ?? [])];
      byTag.set(tag, [...(byTag.get(tag) ?? []), { ...raw, id, method, path, parameters }]);
    }
  }
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...byTag]
    .map(([name, operations]) => ({
      name,
      description: document.tags?.find((tag) => tag.name === name)?.description ?? "",
      operations,
    }))
    .sort((a, b) => rank(a.name) - rank(b.name));
}

/** Follows `$ref`, joins `allOf`, and looks through "this or null". What a reference says beside itself stays. */
export function resolve(document: OpenApi, schema: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    const found = document.components?.schemas?.[name];
    if (!found) return { title: name };
    const { $ref: _, ...beside } = schema;
    return { title: name, ...resolve(document, found), ...beside };
  }
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => resolve(document, part));
    const { allOf: _, ...beside } = schema;
    return {
      ...Object.assign({}, ...parts),
      ...beside,
      properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})) as Record<string, Schema>,
      required: parts.flatMap((part) => part.required ?? []),
    };
  }
  const choices = (schema.oneOf ?? schema.anyOf)?.filter((choice) => choice.type !== "null");
  if (choices?.length === 1) {
    const { oneOf: _, anyOf: __, ...beside } = schema;
    const one = resolve(document, choices[0]!);
    return {
      ...one,
      ...beside,
      description: schema.description ?? choices[0]!.description ?? one.description ?? "",
    };
  }
  return schema;
}

/** Whether null is one of the values. */
export function nullable(schema: Schema): boolean {
  if (Array.isArray(schema.type)) return schema.type.includes("null");
  return (schema.oneOf ?? schema.anyOf ?? []).some((choice) => choice.type === "null");
}

/** The schema of what goes over the wire in the media type that comes first. */
export function media(
  content: Content | undefined,
): { type: string; schema: Schema | undefined; example: unknown } | null {
  const [type, value] = Object.entries(content ?? {})[0] ?? [];
  if (!type || !value) return null;
  return {
    type,
    schema: value.schema,
    example: value.example ?? Object.values(value.examples ?? {})[0]?.value,
  };
}
