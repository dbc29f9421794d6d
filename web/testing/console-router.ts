// How the routes of the console's fake server are declared, and what they have in common.

import { makeId, type Schemas } from "./console-data.js";
import type { Kept } from "./console-kept.js";
import type { Call, Reply } from "./console-server.js";

export type { Kept };

type Handler = (kept: Kept, call: Call, part: Record<string, string>) => Reply | null;
const routes: Array<{ method: string; pattern: RegExp; names: string[]; handler: Handler }> = [];

export function on(methods: string, path: string, handler: Handler): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const pattern = new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, "([^/]+)")}$`);
  for (const method of methods.split(" ")) routes.push({ method, pattern, names, handler });
}

export function answer(kept: Kept, call: Call): Reply | null {
  for (const { method, pattern, names, handler } of routes) {
    const found = method === call.method ? pattern.exec(call.path) : null;
    if (found)
      return handler(
        kept,
        call,
        Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1]!)])),
      );
  }
  return null;
}

/** A page of rows, by a cursor that is the place of the next. */
export function page<T>(rows: T[], query: URLSearchParams): Reply {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Math.min(Number(query.get("limit") ?? 20), 100);
  return { body: { data: rows.slice(from, to), next_cursor: to < rows.length ? String(to) : null } };
}
export const one = (row: unknown): Reply | null => (row ? { body: row } : null);
export const done: Reply = { status: 204 };
export const stamp = (kept: Kept) => new Date(kept.world.now).toISOString();
export const fresh = (kept: Kept, prefix: string) => makeId(prefix, `new${(kept.made += 1)}`);
export const wants = (query: URLSearchParams, name: string, value: unknown) =>
  !query.get(name) || query.get(name) === value;
export const within = (query: URLSearchParams, at: string) =>
  (!query.get("from") || at >= query.get("from")!) && (!query.get("to") || at < query.get("to")!);
export function take<T>(rows: T[], keep: (row: T) => boolean): void {
  rows.splice(0, rows.length, ...rows.filter(keep));
}

export function problem(
  status: number,
  code: string,
  detail: string,
  errors: Schemas["FaultView"][] = [],
): Reply {
  return {
    status,
    body: { type: `urn:campanile:problem:${code}`, title: code, status, code, detail, errors },
  };
}

/** A JSON merge patch (RFC 7396). */
export function merge(into: unknown, patch: unknown): unknown {
  if (!patch || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> = { ...(into as Record<string, unknown> | undefined) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}
