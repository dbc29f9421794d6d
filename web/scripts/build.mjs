// Makes web/dist, which the server's binary carries: bell.js, elements.js, client.js and the pages. Beside it,
// each package gets the `dist` that it is published with.

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
/** Bytes gzip. A host page loads the bell on every page view; more than this is a mistake. */
const LARGEST = { bell: 30 * 1024, elements: 75 * 1024 };

for (const folder of [dist, ...["client", "elements", "react"].map((name) => join(web, name, "dist"))]) {
  rmSync(folder, { recursive: true, force: true });
}

function tsc(project) {
  execFileSync(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "-p", join(web, project)], {
    stdio: "inherit",
  });
}

/**
 * A policy's name can be taken once where `trusted-types` allows no duplicates, and a page may load the bell and the
 * elements: the second copy of Lit takes the policy of the first.
 */
const sharedPolicy = {
  name: "shared-policy",
  transform(code, id) {
    if (!/lit-html\/lit-html\.js$/.test(id)) return null;
    const made = /[\w$]+\.createPolicy\("lit-html",\{[^}]*\}\)/;
    if (!made.test(code)) throw new Error("lit-html makes its policy in another way now");
    return code.replace(made, (call) => `(globalThis[Symbol.for("campanile.lit-html")]??=${call})`);
  },
};

/** One ES module with everything in it. */
async function bundle(name, entry) {
  await build({
    configFile: false,
    root: web,
    logLevel: "warn",
    plugins: [sharedPolicy],
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
  const most = LARGEST[name] ?? Infinity;
  if (gzip > most) throw new Error(`${name}.js is ${gzip} bytes gzip, more than ${most}`);
}

tsc("client/tsconfig.build.json");
await bundle("client", "client/src/index.ts");
await bundle("bell", "elements/src/bell/index.ts");
await bundle("elements", "elements/src/index.ts");
tsc("elements/tsconfig.build.json");
mkdirSync(join(web, "elements/dist"), { recursive: true });
for (const name of ["bell", "elements"]) {
  copyFileSync(join(dist, `${name}.js`), join(web, `elements/dist/${name}.js`));
}
tsc("react/tsconfig.build.json");
for (const page of ["demo", "portal", "reference", "console"]) {
  await build({ configFile: join(web, page, "vite.config.ts"), root: join(web, page), logLevel: "warn" });
}
checkFirstLoad(join(dist, "console"));
