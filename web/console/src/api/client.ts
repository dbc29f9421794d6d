// The one place that speaks to the server: typed by the OpenAPI document and, until it lists them, by `coming.ts`.

import type { components, paths } from "../../../client/src/schema.js";
import type { Coming, ComingMethods } from "./coming.js";

export type Schemas = components["schemas"];
type New = Coming & ComingMethods;
type Method = "get" | "post" | "put" | "patch" | "delete";

type Of<Paths, P, M> = P extends keyof Paths ? (M extends keyof Paths[P] ? Paths[P][M] : never) : never;
type Operation<P, M> = [Of<New, P, M>] extends [never] ? Of<paths, P, M> : Of<New, P, M>;
export type PathWith<M extends Method> = {
  [P in keyof paths | keyof New]: [NonNullable<Operation<P, M>>] extends [never] ? never : P;
}[keyof paths | keyof New];

type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Good = 200 | 201 | 202;
export type Result<P, M> =
  Operation<P, M> extends { responses: infer R }
    ? { [S in keyof R & Good]: Json<R[S]> }[keyof R & Good]
    : never;
type Loose<Q> = { [K in keyof Q]?: Q[K] | undefined };
type Part<Op, Name extends string> = Op extends { parameters: infer Ps }
  ? Name extends keyof Ps
    ? NonNullable<Ps[Name]>
    : never
  : never;
type PathPart<Op> = [Part<Op, "path">] extends [never] ? { path?: never } : { path: Part<Op, "path"> };
type QueryPart<Op> = [Part<Op, "query">] extends [never]
  ? { query?: never }
  : { query?: Loose<Part<Op, "query">> };
type BodyPart<Op> = Op extends { requestBody?: { content: { "application/json": infer B } } }
  ? { body?: B }
  : { body?: never };
type One<Op> = PathPart<Op> & QueryPart<Op> & BodyPart<Op> & { signal?: AbortSignal; idempotent?: boolean };
/** What a call of a route takes. Conditional, so that the compiler looks at one route and not at all of them. */
export type Input<P, M> = [P] extends [string] ? One<Operation<P, M>> : never;

/** One thing wrong with what was sent. */
export type Fault = Schemas["FaultView"];

/** What went wrong, as the server said it; or that there was nobody to say it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId: string | null = null,
    readonly faults: Fault[] = [],
    readonly extra: Record<string, unknown> = {},
  ) {
    super(detail);
    this.name = "Problem";
  }
  /** Whether nothing was answered at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** What every call carries; the session and the environment switcher set it. */
export const calling: { csrf: string | null; environment: string | null } = { csrf: null, environment: null };

export function address(path: string, params: Record<string, string> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

export function headers(method: string): Record<string, string> {
  const all: Record<string, string> = { accept: "application/json" };
  if (calling.environment) all["campanile-environment"] = calling.environment;
  if (method !== "GET" && calling.csrf) all["campanile-csrf"] = calling.csrf;
  return all;
}

export async function problemOf(response: Response): Promise<Problem> {
  const id = response.headers.get("x-request-id");
  try {
    const said = (await response.json()) as Partial<Schemas["ProblemView"]> & Record<string, unknown>;
    const detail = said.detail ?? said.title ?? `The server answered ${response.status}`;
    return new Problem(
      response.status,
      said.code ?? "unknown",
      detail,
      said.request_id ?? id,
      said.errors ?? [],
      said,
    );
  } catch {
    // A proxy in between has pages of its own.
    return new Problem(response.status, "unknown", `The server answered ${response.status}`, id);
  }
}

export interface Given {
  path?: Record<string, string>;
  query?: object;
  body?: unknown;
  signal?: AbortSignal;
  idempotent?: boolean;
}

type Call = <M extends Method, P extends PathWith<M>>(
  method: M,
  path: P,
  input: Input<P, M>,
) => Promise<Result<P, M>>;
/** Calls a route. What it takes and answers is known by its path. */
export const call = request as unknown as Call;

/** The same without the types, for what calls any route. */
export async function request(method: string, route: string, given: Given): Promise<unknown> {
  const verb = method.toUpperCase();
  const { path: params, query, body, signal, idempotent } = given;
  const all = headers(verb);
  if (body !== undefined) all["content-type"] = "application/json";
  if (idempotent) all["idempotency-key"] = crypto.randomUUID();
  let response: Response;
  try {
    response = await fetch(address(route, params, query), {
      method: verb,
      headers: all,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "The server cannot be reached.");
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return text ? (JSON.parse(text) as unknown) : undefined;
}
