// The parts that only think: no browser.

import { expect, test } from "vitest";
import { fieldsOf, sampleOf } from "../src/pages/event-types/sample.js";
import { usesOf } from "../src/pages/templates/use.js";
import { only, parseSearch, stringifySearch } from "../src/search.js";
import { difference } from "../src/words/difference.js";
import { marksOf, readDocument, write } from "../src/words/document.js";
import { compared, conditionLines, sentence } from "../src/words/why.js";

test("a difference is the fewest lines, with their numbers", () => {
  const said = difference("a\nb\nc\nd", "a\nx\nc\nd\ne").map(({ kind, text, before, after }) => [
    kind,
    text,
    before,
    after,
  ]);
  expect(said).toEqual([
    ["same", "a", 1, 1],
    ["gone", "b", 2, null],
    ["new", "x", null, 2],
    ["same", "c", 3, 3],
    ["same", "d", 4, 4],
    ["new", "e", null, 5],
  ]);
  expect(difference("same\n", "same\n").every(({ kind }) => kind === "same")).toBe(true);
  const long = Array.from({ length: 4_000 }, (_, line) => `line ${line}`);
  const other = long.map((text) => `other ${text}`);
  expect(difference(long.join("\n"), other.join("\n"))).toHaveLength(8_000);
});

test("a pointer leads to its line, and to what it is missing from where it is missing", () => {
  const text = "name: A\nsteps:\n  - name: bell\n    in_app:\n      title: Hello\n  - name: mail\n";
  const read = readDocument(text);
  expect(read.marks).toEqual([]);
  expect(read.lineOf("/steps/0/in_app/title")).toBe(5);
  expect(read.lineOf("/steps/1")).toBe(6);
  expect(read.lineOf("/steps/1/email")).toBe(6);
  expect(read.lineOf("/nothing")).toBe(1);
  const [mark] = marksOf(
    [{ pointer: "/resources/0/steps/1", code: "x", detail: "must be" }],
    read,
    "/resources/0",
  );
  expect(mark).toEqual({ line: 6, text: "Must be", pointer: "/steps/1" });
});

test("what is no YAML is marked at its line; JSON is read as well", () => {
  expect(readDocument("a: 1\nb: [1, 2\n").marks[0]!.line).toBeGreaterThan(1);
  expect(readDocument('{"a": {"b": [1]}}').value).toEqual({ a: { b: [1] } });
  expect(readDocument(write({ a: "x: y", b: "l1\nl2" }, "yaml")).value).toEqual({ a: "x: y", b: "l1\nl2" });
});

test("what decided something becomes a sentence", () => {
  const because = [{ path: "data.score", operator: "at_least", expected: 70, actual: 55, holds: false }];
  expect(compared(because[0]!)).toBe("data.score is 55, which is below 70");
  expect(sentence({ reason: "condition", because })).toBe(
    "Its condition did not hold: data.score is 55, which is below 70",
  );
  expect(sentence({ reason: "preference", layer: "user", rule: "/channels/email" })).toBe(
    "Turned off in the user’s own preferences: /channels/email",
  );
  expect(sentence({ reason: "something_new" })).toBe("Something new");
  expect(sentence(null)).toBe("");
});

test("a condition is drawn in a line", () => {
  expect(conditionLines({ "data.score": { at_least: 70 } })).toEqual(["data.score ≥ 70"]);
  expect(
    conditionLines({
      any: [
        { path: "a", is: "exists" },
        { path: "b", is: "equals", value: "x" },
      ],
    }),
  ).toEqual(["a is there or b = x"]);
  expect(conditionLines({ not: { a: { in: [1, 2] } } })).toEqual(["not (a is one of [1,2])"]);
});

test("an address is read and written as words", () => {
  expect(parseSearch("?user=123&empty=")).toEqual({ user: "123", empty: "" });
  expect(stringifySearch({ user: "a b", none: undefined, empty: "" })).toBe("?user=a+b");
  expect(only("user")({ user: 12, other: "x" })).toEqual({ user: "12" });
});

test("an example of a schema", () => {
  const schema = {
    type: "object",
    required: ["id"],
    properties: {
      id: { type: "string", examples: ["S-1"] },
      tags: { type: "array", items: { type: "string" } },
      deep: { type: "object", properties: { when: { type: ["string", "null"], format: "date-time" } } },
    },
  };
  expect(sampleOf(schema)).toEqual({ id: "S-1", tags: ["text"], deep: { when: "2026-01-31T09:30:00Z" } });
  expect(fieldsOf(schema).map(({ path, type, required }) => [path, type, required])).toEqual([
    ["id", "string", true],
    ["tags", "list of string", false],
    ["deep", "object", false],
    ["deep.when", "string or null", false],
  ]);
});

test("who reads a template", () => {
  const spec = {
    steps: [
      { name: "mail", email: { subject: "x", layout: "frame", html: '{% render "piece", of: data %}' } },
      {
        name: "way",
        branch: {
          arms: [
            { if: {}, steps: [{ name: "deep", email: { subject: "x", html: "{%- render 'piece' -%}" } }] },
          ],
        },
      },
    ],
  };
  expect(usesOf("frame", [{ key: "w", spec }]).map(({ step }) => step)).toEqual(["mail"]);
  expect(usesOf("piece", [{ key: "w", spec }]).map(({ step }) => step)).toEqual(["mail", "way", "deep"]);
});
