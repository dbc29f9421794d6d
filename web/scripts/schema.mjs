// Makes client/src/schema.ts, the API's types, from client/openapi.json. With --check it only says whether they belong together.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapi, { astToString } from "openapi-typescript";
import { format, resolveConfig } from "prettier";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const document = new URL("../client/openapi.json", import.meta.url);
const types = path("../client/src/schema.ts");

const head = "// Made by `npm run generate` from openapi.json. Not to be changed by hand.\n\n";
const body = astToString(await openapi(document, { emptyObjectsUnknown: true }));
const text = await format(head + body, { ...(await resolveConfig(types)), parser: "typescript" });

if (!process.argv.includes("--check")) writeFileSync(types, text);
else if (readFileSync(types, "utf8") !== text) {
  console.error("client/src/schema.ts does not belong to client/openapi.json: npm run generate");
  process.exit(1);
}
