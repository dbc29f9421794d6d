// What a request is and what answers look like, for every part of the fake server.

import type { IncomingMessage } from "node:http";

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is. */
  raw?: Buffer | string;
}

export function problem(status: number, code: string): Answer {
  return {
    status,
    body: { type: "about:blank", title: code, status, code, detail: code, request_id: "req_0" },
  };
}

/** An input refused, by what is wrong at which pointer. */
export function invalid(faults: Record<string, string>): Answer {
  const errors = Object.entries(faults).map(([pointer, detail]) => ({ pointer, code: "invalid", detail }));
  const detail = errors[0]?.detail ?? "invalid";
  const body = { type: "about:blank", title: "Unprocessable", status: 422, code: "invalid", detail, errors };
  return { status: 422, body: { ...body, request_id: "req_0" } };
}
