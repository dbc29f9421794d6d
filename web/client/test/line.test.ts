// One line, with time turned by hand: silence must not pass for life.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Line, lineUrl, type SocketLike } from "../src/line.js";

class FakeSocket implements SocketLike {
  onopen = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror = null;
  sent: string[] = [];
  closed = false;
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

let socket: FakeSocket;
let codes: number[];
let frames: string[];
let line: Line;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  codes = [];
  frames = [];
  line = new Line("ws://x", () => socket, {
    frame: (frame) => frames.push(frame.type),
    closed: (code) => codes.push(code),
  });
});
afterEach(() => vi.useRealTimers());

const hello = { type: "hello", seq: 1, epoch: "e", counters: { unread: 0, unseen: 0 }, heartbeat: 20 };

test("a server that accepts and says nothing is left", () => {
  vi.advanceTimersByTime(9_999);
  expect(codes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(codes).toEqual([1006]);
  expect(socket.closed).toBe(true);
});

test("asks for life at every heartbeat, and is content with any answer", () => {
  socket.say(hello);
  for (let beat = 1; beat <= 5; beat += 1) {
    vi.advanceTimersByTime(20_000);
    expect(socket.sent).toEqual(Array(beat).fill('{"type":"ping"}'));
    socket.say(beat % 2 ? { type: "pong" } : { type: "synced", through: 1 });
  }
  expect(codes).toEqual([]);
});

test("silence after the question ends the line, once", () => {
  socket.say(hello);
  vi.advanceTimersByTime(30_000);
  expect(codes).toEqual([1006]);
  socket.onclose?.({ code: 1001, reason: "" });
  line.close();
  vi.advanceTimersByTime(100_000);
  expect(codes).toEqual([1006]);
  expect(vi.getTimerCount()).toBe(0);
});

test("the server's own close code is passed on; what is not JSON ends the line", () => {
  socket.onclose?.({ code: 4001, reason: "" });
  expect(codes).toEqual([4001]);
  const other = new FakeSocket();
  new Line("ws://x", () => other, { frame: () => {}, closed: (code) => codes.push(code) });
  other.onmessage?.({ data: "<html>" });
  expect(codes).toEqual([4001, 1006]);
});

test("the line's address is the server's, as a WebSocket", () => {
  expect(lineUrl("https://x.example/base", "?token=t")).toBe(
    "wss://x.example/base/api/v1/events/stream?token=t",
  );
  expect(lineUrl("http://x:8300", "")).toBe("ws://x:8300/api/v1/events/stream");
});
