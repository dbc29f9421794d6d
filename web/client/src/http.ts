// One request with its manners: deadline, retries with backoff, `Retry-After`, `Idempotency-Key`, problem errors.

import { backoffDelay, retryAfter, sleep, type Backoff } from "./backoff.js";
import { SignedOut } from "./credentials.js";
import { ApiError, ConnectionError, problemOf } from "./errors.js";

export interface HttpOptions {
  /** Where the server is, without `/api/v1`. */
  url: string;
  /** The credentials for the next request; `fresh` asks for ones made after the last were refused. */
  credentials: (fresh: boolean) => Promise<string | null>;
  /** Counts the users: what was asked for one is not sent with the credentials of the next. */
  session?: () => number;
  /** How often a request is tried again after 429, 5xx or a network failure. Default 3. */
  retries?: number;
  /** Milliseconds one try may take. Default 15,000. */
  timeout?: number;
  backoff?: Backoff;
  fetch?: typeof fetch;
  random?: () => number;
}

export interface RequestOptions {
  query?: object;
  body?: unknown;
  headers?: Record<string, string>;
  idempotencyKey?: string;
  /** Overrides the number of retries for this call. */
  retries?: number;
  signal?: AbortSignal | undefined;
  /** Looked at before each try, with the credentials at hand: once it is false the call ends as `SignedOut`. */
  while?: () => boolean;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Longer than this the caller decides, not the server's `Retry-After`. */
const LONGEST_WAIT = 60_000;
const DEFAULT_BACKOFF: Backoff = { first: 400, most: 10_000 };

export class Http {
  readonly base: string;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.base = options.url.replace(/\/+$/, "");
    this.#options = options;
  }

  async get<T>(path: string, query?: object, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>("GET", path, query ? { ...options, query } : options)).body;
  }

  /** Creates something: carries an `Idempotency-Key`, so that a try whose answer got lost can be repeated. */
  async create<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
    const idempotencyKey = options.idempotencyKey ?? freshKey();
    return (await this.request<T>("POST", path, { ...options, body, idempotencyKey })).body;
  }

  async send<T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>(method, path, { ...options, body })).body;
  }

  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const retries = options.retries ?? this.#options.retries ?? 3;
    const session = this.#options.session?.();
    let refreshed = false;
    for (let attempt = 0; ; attempt += 1) {
      let wait: number | null = null;
      let failure: Error;
      // Outside the try: a caller who cannot give credentials is not a network that failed.
      const credentials = await this.#options.credentials(refreshed);
      if (options.while?.() === false || session !== this.#options.session?.()) throw new SignedOut();
      try {
        const response = await this.#once(method, path, options, credentials);
        if (response.ok || response.status === 304) return await readAnswer<T>(response);
        failure = new ApiError(await problemOf(response));
        if (response.status === 401 && !refreshed) {
          // A token that ran out between two requests is worth one more try with a new one.
          refreshed = true;
          attempt -= 1;
          continue;
        }
        if (response.status !== 429 && response.status < 500) throw failure;
        wait = retryAfter(response.headers.get("retry-after"), Date.now());
      } catch (error) {
        if (error instanceof ApiError || options.signal?.aborted) throw error;
        failure = error instanceof ConnectionError ? error : new ConnectionError("No answer", error);
      }
      if (attempt >= retries || (wait ?? 0) > LONGEST_WAIT) throw failure;
      const { backoff = DEFAULT_BACKOFF, random = Math.random } = this.#options;
      await sleep(Math.max(wait ?? 0, backoffDelay(attempt, backoff, random)), options.signal);
    }
  }

  #once(
    method: Method,
    path: string,
    options: RequestOptions,
    credentials: string | null,
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json", ...options.headers };
    if (credentials) headers["authorization"] = `Bearer ${credentials}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
    const deadline = AbortSignal.timeout(this.#options.timeout ?? 15_000);
    const init: RequestInit & { keepalive?: boolean } = {
      method,
      headers,
      credentials: "omit",
      signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
    };
    if (options.body !== undefined) init.body = JSON.stringify(options.body);
    // A click that leaves the page must still be told: a small request may outlive its page.
    if (method === "PATCH") init.keepalive = true;
    return (this.#options.fetch ?? fetch)(`${this.base}/api/v1${path}${queryString(options.query)}`, init);
  }
}

async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  try {
    const body = (text ? JSON.parse(text) : undefined) as T;
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    throw new ConnectionError("The answer is not JSON", error);
  }
}

/** An `Idempotency-Key` for one call and its tries. */
export function freshKey(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  const hex = () => Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // Browsers keep `randomUUID` from pages that came over plain HTTP.
  return (crypto as Partial<Crypto>).randomUUID?.() ?? hex();
}

export function queryString(query: object | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") params.append(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** One path segment of the caller's own making, which may hold any character. */
export function segment(value: string): string {
  return encodeURIComponent(value);
}
