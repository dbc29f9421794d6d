// Makes web/dist, which the server's binary carries: bell.js, client.js and the pages. Beside it, each
// package gets the `dist` that it is published with.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { checkFirstLoad } from "./first-load.mjs";
import { CSS_TARGETS } from "./targets.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(web, "dist");
/** A host page loads this on every page view; more than this is a mistake. */
const LARGEST_BELL = 30 * 1024;

for (const folder of [dist, join(web, "client/dist"), join(web, "bell/dist")]) {
  rmSync(folder, { recursive: true, force: true });
}

function tsc(project) {
  execFileSync(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "-p", join(web, project)], {
    stdio: "inherit",
  });
}

/** One ES module with everything in it. */
async function bundle(name, entry) {
  await build({
    configFile: false,
    root: web,
    logLevel: "warn",
    resolve: { alias: { "@campanile/client": join(web, "client/src/index.ts") } },
    build: {
      target: "es2022",
      cssTarget: CSS_TARGETS,
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: { polyfill: false },
      // Not `lib`: that mode keeps white space for the next bundler, and this is what a browser loads.
      rolldownOptions: {
        input: join(web, entry),
        preserveEntrySignatures: "strict",
        output: { format: "es", entryFileNames: `${name}.js` },
      },
    },
  });
  const bytes = readFileSync(join(dist, `${name}.js`));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  console.log(`${name}.js  ${bytes.length} bytes, ${gzip} gzip`);
  return gzip;
}

tsc("client/tsconfig.build.json");
await bundle("client", "client/src/index.ts");
const size = await bundle("bell", "bell/src/index.ts");
if (size > LARGEST_BELL) throw new Error(`bell.js is ${size} bytes gzip, more than ${LARGEST_BELL}`);
tsc("bell/tsconfig.build.json");
mkdirSync(join(web, "bell/dist"), { recursive: true });
copyFileSync(join(dist, "bell.js"), join(web, "bell/dist/bell.js"));
for (const page of ["demo", "reference", "console"]) {
  await build({ configFile: join(web, page, "vite.config.ts"), root: join(web, page), logLevel: "warn" });
}
checkFirstLoad(join(dist, "console"));
