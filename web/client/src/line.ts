// One WebSocket to the server, from opening to closing: says what came in, notices silence, nothing more.

import type { FeedFrame } from "./types.js";

/** The part of the browser's WebSocket that is used; Node's `ws` has it too. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketFactory = (url: string) => SocketLike;

export interface LineHandlers {
  frame(frame: FeedFrame): void;
  closed(code: number): void;
}

export const CloseCode = {
  goingAway: 1001,
  abnormal: 1006,
  protocol: 4000,
  tokenExpired: 4001,
  tooSlow: 4002,
  refused: 4003,
  noPong: 4004,
} as const;

const HELLO_WITHIN = 10_000;
const PONG_WITHIN = 10_000;

export class Line {
  readonly #socket: SocketLike;
  readonly #handlers: LineHandlers;
  #closed = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #heartbeat = 30_000;

  constructor(url: string, open: SocketFactory, handlers: LineHandlers) {
    this.#handlers = handlers;
    this.#socket = open(url);
    this.#socket.onopen = null;
    this.#socket.onmessage = ({ data }) => this.#message(data);
    this.#socket.onclose = ({ code }) => this.#end(code);
    // An error is always followed by a close, which says the same.
    this.#socket.onerror = () => {};
    this.#expect(HELLO_WITHIN);
  }

  send(frame: object): void {
    if (this.#closed) return;
    try {
      this.#socket.send(JSON.stringify(frame));
    } catch {
      this.close();
    }
  }

  /** Asks for a sign of life: without one in time the line counts as dead. */
  probe(within = PONG_WITHIN): void {
    this.send({ type: "ping" });
    this.#expect(within);
  }

  /** Ends the line now, without waiting for the other side to agree. */
  close(): void {
    if (this.#closed) return;
    try {
      this.#socket.close(1000);
    } catch {
      // Closing a socket that never opened is an error in some browsers, and does what is wanted.
    }
    this.#end(CloseCode.abnormal);
  }

  #message(data: unknown): void {
    if (this.#closed || typeof data !== "string") return;
    let frame: FeedFrame;
    try {
      frame = JSON.parse(data) as FeedFrame;
    } catch {
      return this.close();
    }
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    if (frame.type === "hello" && frame.heartbeat) this.#heartbeat = frame.heartbeat * 1000;
    // Browsers do not show the server's own pings to a page, so silence is measured with ours.
    clearTimeout(this.#beat);
    this.#beat = setTimeout(() => this.probe(), this.#heartbeat);
    this.#handlers.frame(frame);
  }

  #expect(within: number): void {
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.close(), within);
  }

  #end(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#beat);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#handlers.closed(code);
  }
}

/** The live line's address for an HTTP one. */
export function lineUrl(base: string, query: string): string {
  const origin = typeof location === "undefined" ? undefined : location.href;
  const url = new URL(`${base}/api/v1/events/stream${query}`, origin);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
