// The pure rules under the elements.

import { expect, test } from "vitest";
import { categoryPatch, cellPatch, channelPatch } from "../src/preferences/document.js";
import { readFrequency, readWindow, writeFrequency, writeWindow } from "../src/preferences/times.js";
import { ApiError } from "@campanile/client";
import { Faults } from "../src/kit/faults.js";
import { readJson } from "../src/kit/json.js";
import { Queue } from "../src/kit/queue.js";
import { mergePatch } from "../../testing/fake-preferences.js";

test("frequencies are read and written as documents have them", () => {
  for (const text of ["immediate", "5m", "1h", "daily at 09:00", "weekly fri at 18:30"])
    expect(writeFrequency(readFrequency(text))).toBe(text);
  expect(readFrequency(null).kind).toBe("immediate");
  expect(readFrequency("immediately").kind).toBe("immediate");
  expect(readFrequency("hourly").kind).toBe("1h");
  expect(readFrequency("daily")).toMatchObject({ kind: "daily", at: "09:00" });
  expect(readFrequency("mon-fri at 09:00").kind).toBe("mon-fri at 09:00");
});

test("windows keep their days, channels and the whole day", () => {
  const read = (on?: string | string[]) => readWindow({ during: "22:00-07:00", ...(on && { on }) }).days;
  expect(read()).toHaveLength(7);
  expect(read("daily")).toHaveLength(7);
  expect(read("mon-wed,sun")).toEqual(["mon", "tue", "wed", "sun"]);
  expect(read("sat-mon")).toEqual(["mon", "sat", "sun"]);
  expect(read(["sun", "mon"])).toEqual(["mon", "sun"]);
  const whole = readWindow({ during: "00:00-24:00", on: ["sun"], channels: ["email"] });
  expect(whole).toMatchObject({ from: "00:00", to: "00:00" });
  const before = { during: "", channels: ["email"] };
  expect(writeWindow(whole, before)).toEqual({ during: "00:00-24:00", on: ["sun"], channels: ["email"] });
  expect(writeWindow(readWindow({ during: "09:00-17:00" }), undefined)).toEqual({ during: "09:00-17:00" });
});

test("a channel turned off leaves no “on” in it, and no empty topic", () => {
  const document = {
    workflows: {
      a: { channels: { email: "on" as const } },
      b: { channels: { email: "on" as const, sms: "off" as const } },
      c: { send: "on" as const, channels: { email: { send: "on" as const } } },
      d: { channels: { email: "off" as const } },
      e: "on" as const,
    },
    categories: { news: { channels: { email: "on" as const } } },
  };
  const merged = mergePatch(document, channelPatch(document, "email", false));
  expect(merged).toEqual({
    channels: { email: "off" },
    workflows: {
      b: { channels: { sms: "off" } },
      c: { send: "on", channels: {} },
      d: document.workflows.d,
      e: "on",
    },
    categories: {},
  });
  expect(channelPatch(document, "email", true)).toEqual({ channels: { email: "on" } });
});

test("a box beside a whole workflow, a category with channels of its own", () => {
  const document = {
    workflows: { a: "off" as const },
    categories: { c: { channels: { sms: "off" as const } } },
  };
  expect(mergePatch(document, cellPatch(document, "a", "email", true))).toMatchObject({
    workflows: { a: { send: "off", channels: { email: "on" } } },
  });
  expect(mergePatch(document, categoryPatch(document, "c", false))).toMatchObject({
    categories: { c: { send: "off", channels: { sms: "off" } } },
  });
  expect(categoryPatch({}, "c", true)).toEqual({ categories: { c: "on" } });
});

test("JSON keeps each token as it was sent", () => {
  const text = (json: string) =>
    readJson(json)
      ?.map((token) => token.text)
      .join("");
  expect(text('{"a":[1,{"b":null}],"c":{},"d":[]}')).toBe(
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {},\n  "d": []\n}',
  );
  expect(text('{"id":12345678901234567890,"s":"a:b,{\\"x\\":1}"}')).toContain("12345678901234567890");
  expect(text('{"s":"a:b,{\\"x\\":1}"}')).toBe('{\n  "s": "a:b,{\\"x\\":1}"\n}');
  expect(readJson('{"k":"v"}')?.find(({ kind }) => kind === "key")?.text).toBe('"k"');
  expect(readJson("not json")).toBeNull();
  expect(readJson("")).toBeNull();
});

test("faults find their field by pointer, and what has none is still said", () => {
  const error = new ApiError({
    status: 422,
    detail: "wrong",
    errors: [
      { pointer: "/url", code: "x", detail: "must be https" },
      { pointer: "/event_types/2", code: "x", detail: "is unknown" },
      { pointer: "", code: "x", detail: "is too much" },
    ],
  });
  const faults = Faults.of(error)!;
  expect(faults.under("/url")).toBe("Must be https");
  expect(faults.under("/event_types")).toBe("Is unknown");
  expect(faults.under("/event")).toBeNull();
  expect(faults.besides("/url", "/event_types")).toBe("Is too much");
  expect(Faults.of(new ApiError({ status: 422, detail: "no" }))?.besides("/url")).toBe("No");
  expect(Faults.of(new ApiError({ status: 403 }))).toBeNull();
  expect(Faults.of(new Error("x"))).toBeNull();
});

test("a queue keeps the order, goes on after a failure, and says which was last", async () => {
  const queue = new Queue();
  const done: string[] = [];
  const act = (name: string, ms: number, fails = false) =>
    queue.run("k", async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (fails) throw new Error(name);
      done.push(name);
      return name;
    });
  const [a, b, c] = await Promise.allSettled([act("a", 20), act("b", 10, true), act("c", 0)]);
  expect(done).toEqual(["a", "c"]);
  expect([a, b, c].map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(a.status === "fulfilled" && a.value.last).toBe(false);
  expect(c.status === "fulfilled" && c.value.last).toBe(true);
});
