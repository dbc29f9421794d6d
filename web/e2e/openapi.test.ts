import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findBinary } from "../testing/real-server.js";

test("client/openapi.json is what the server says", () => {
  const binary = findBinary();
  const said: unknown = JSON.parse(execFileSync(binary, ["openapi"], { encoding: "utf8", maxBuffer: 1e8 }));
  const kept: unknown = JSON.parse(readFileSync(new URL("../client/openapi.json", import.meta.url), "utf8"));
  const refresh = `in web/: ${binary} openapi > client/openapi.json && npm run generate`;
  expect(kept, `client/openapi.json is stale; ${refresh}`).toEqual(said);
});
