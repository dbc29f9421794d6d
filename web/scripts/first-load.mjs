// How much a browser loads, compressed, before a page of the console stands: the document, the entry and the page's own
// part, each with everything it imports.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** The overview, which most see first. */
const FIRST = "src/pages/overview/overview.tsx";
const MOST_FIRST = 150 * 1024;
const MOST_ANY = 300 * 1024;

export function checkFirstLoad(folder) {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  // Made for this; the server need not carry it.
  rmSync(path);
  const weight = (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  const always = ["index.html", "theme.js", "favicon.svg"];
  const filesOf = (key, files = new Set()) => {
    const part = manifest[key];
    if (files.has(part.file)) return files;
    files.add(part.file);
    for (const style of part.css ?? []) files.add(style);
    for (const imported of part.imports ?? []) filesOf(imported, files);
    return files;
  };
  const total = (key) => {
    const files = new Set([...always, ...filesOf("index.html"), ...filesOf(key)]);
    return [...files].reduce((sum, file) => sum + weight(file), 0);
  };
  const pages = Object.keys(manifest).filter((key) => key.startsWith("src/pages/"));
  const first = total(FIRST);
  const [largest, most] = pages.map((key) => [key, total(key)]).sort((a, b) => b[1] - a[1])[0];
  console.log(`console  first load ${first} bytes gzip; largest page ${largest}: ${most}`);
  if (first > MOST_FIRST) throw new Error(`the console's first load is more than ${MOST_FIRST} bytes`);
  if (most > MOST_ANY) throw new Error(`${largest} loads more than ${MOST_ANY} bytes`);
}
