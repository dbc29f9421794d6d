// What makes a page look again: the machine slept, the network came or went, somebody came back to the tab.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onWake } from "../src/wake.js";

let heard: string[] = [];
let stop = () => {};
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const window = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  page.visibilityState = "visible";
  heard = [];
  const say = (what: string) => () => void heard.push(what);
  stop = onWake({ reconnect: say("reconnect"), probe: say("probe"), offline: say("offline") });
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("time that passes as it should is nothing", () => {
  vi.advanceTimersByTime(600_000);
  expect(heard).toEqual([]);
});

test("a machine that slept reconnects at once; a hidden page, whose timers are late anyway, asks first", () => {
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(5_000);
  expect(heard).toEqual(["reconnect"]);
  page.visibilityState = "hidden";
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(5_000);
  expect(heard).toEqual(["reconnect", "probe"]);
});

test("network and visibility are heard, until stopped", () => {
  window.dispatchEvent(new Event("offline"));
  window.dispatchEvent(new Event("online"));
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(heard).toEqual(["offline", "reconnect", "probe"]);
  stop();
  window.dispatchEvent(new Event("online"));
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(5_000);
  expect(heard).toHaveLength(3);
});
