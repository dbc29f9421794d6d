// The small rules the rest stands on.

import { expect, test } from "vitest";
import { backoffDelay, retryAfter } from "../src/backoff.js";
import { FeedModel } from "../src/model.js";
import { readToken, renewalDelay } from "../src/token.js";
import { FeedLog } from "../../testing/feed-log.js";

test("a wait is between half and all of the doubled time, and has an end", () => {
  const backoff = { first: 100, most: 1000 };
  expect(backoffDelay(0, backoff, () => 0)).toBe(50);
  expect(backoffDelay(0, backoff, () => 1)).toBe(100);
  expect(backoffDelay(2, backoff, () => 1)).toBe(400);
  expect(backoffDelay(99, backoff, () => 1)).toBe(1000);
});

test("Retry-After in seconds, as a date, and as nonsense", () => {
  expect(retryAfter("2", 0)).toBe(2000);
  expect(retryAfter("Thu, 01 Jan 1970 00:00:05 GMT", 1000)).toBe(4000);
  expect(retryAfter("-1", 0)).toBeNull();
  expect(retryAfter("soon", 0)).toBeNull();
  expect(retryAfter(null, 0)).toBeNull();
});

test("reads a token's end and user, and takes nonsense for no claims", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `x.${part({ exp: 12, sub: "Zoë ✓" })}.y`;
  expect(readToken(token)).toEqual({ expiresAt: 12_000, subject: "Zoë ✓" });
  for (const bad of ["", "a.b", "a.%%%.c", `x.${part([])}.y`, `x.${part({ exp: "1" })}.y`]) {
    expect(readToken(bad)).toEqual({ expiresAt: null, subject: null });
  }
});

test("renews a minute early, a short token at half of its time, and never waits longer than a timer can", () => {
  expect(renewalDelay(3_600_000, 0)).toBe(3_540_000);
  expect(renewalDelay(10_000, 0)).toBe(5_000);
  expect(renewalDelay(0, 5_000)).toBe(0);
  expect(renewalDelay(1e15, 0)).toBe(2 ** 31 - 1);
});

function modelOf(log: FeedLog): FeedModel {
  const model = new FeedModel({});
  model.adopt(0, log.epoch, { unread: 0, unseen: 0 });
  log.listeners.add(() => {});
  return model;
}

const counters = { unread: 1, unseen: 1 };

test("a number missing on the live line is a gap; the position stays below it", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const [one, , three] = ["one", "two", "three"].map((title) => log.add({ title }));
  expect(model.change(1, one!, counters)).toBe("applied");
  expect(model.change(3, three!, counters)).toBe("gap");
  expect(model.seq).toBe(1);
  expect(model.change(1, one!, counters)).toBe("known");
});

test("live frames between the frames of a catch-up do not move the position past what is missing", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const made = ["one", "two", "three", "four"].map((title) => log.add({ title }));
  model.beginCatchUp();
  expect(model.change(4, made[3]!, counters)).toBe("applied");
  expect(model.seq).toBe(0);
  for (const at of [0, 1, 2]) model.change(at + 1, made[at]!, counters);
  expect(model.caughtUp(3)).toBe("applied");
  expect(model.seq).toBe(4);
});

test("a mark holds for what comes in late below it, and not for what changed after it", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const old = log.add({ title: "old" });
  const mark = log.markAll("read")!;
  const young = log.add({ title: "young" });
  model.mark(mark, counters);
  model.change(young.seq, young, counters);
  model.change(old.seq, { ...old, status: "unread" }, counters);
  expect(model.item(old.id)?.status).toBe("read");
  expect(model.item(young.id)?.status).toBe("unread");
});

test("an item deleted elsewhere does not come back with a page read before", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const item = log.add({ title: "one" });
  const page = { ...log.list({}), seq: log.seq, epoch: log.epoch, counters };
  log.delete(item.id);
  model.change(log.seq, log.rows.get(item.id)!, { unread: 0, unseen: 0 });
  model.addPage(model.unread, page);
  model.addPage(model.all, page);
  expect(model.items()).toEqual([]);
  expect(model.counters.unread).toBe(0);
});

test("an answer that comes in after a reset does not undo a mark that the reset made unknown", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const item = log.add({ title: "one" });
  const change = model.changing(item.id, "unread");
  const answer = { ...item };
  log.markAll("read");
  model.adopt(log.seq, log.epoch, log.counters());
  model.addPage(model.unread, {
    ...log.list({ status: "unread" }),
    seq: log.seq,
    epoch: log.epoch,
    counters,
  });
  model.addPage(model.all, { ...log.list({}), seq: log.seq, epoch: log.epoch, counters });
  model.acknowledge(change, answer);
  expect(model.items().map(({ status }) => status)).toEqual(["read"]);
});

test("of two versions with one number, the read one stays", () => {
  const log = new FeedLog("ada");
  const model = modelOf(log);
  const before = { ...log.add({ title: "one" }) };
  log.markAll("read");
  const after = log.rows.get(before.id)!;
  model.change(before.seq, after, counters);
  model.change(before.seq, before, counters);
  expect(model.item(before.id)?.status).toBe("read");
});
