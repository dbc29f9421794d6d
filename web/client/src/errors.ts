import type { Problem, ProblemField } from "./types.js";

/** An answer of the server that says no: what it said, with the stable `code` to decide on. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: ProblemField[];
  readonly requestId: string | null;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `The server answered ${problem.status}`);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "unknown";
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id ?? null;
  }

  /** The credentials were refused: another token may help, another try will not. */
  get refused(): boolean {
    return this.status === 401;
  }
}

/** No usable answer came: the network failed, the deadline passed, or the answer was not what it must be. */
export class ConnectionError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ConnectionError";
  }
}

/** Reads the problem out of a failed answer, also when something between here and the server wrote the body. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === "object") return { ...parsed, status: response.status };
  } catch {
    // Not JSON: a proxy's page. The status is all that can be relied on.
  }
  return { status: response.status, title: response.statusText || `HTTP ${response.status}` };
}
