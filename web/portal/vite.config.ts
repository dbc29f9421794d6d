import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { CSS_TARGETS } from "../scripts/targets.mjs";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// The page is served under /portal/ with `script-src 'self'; style-src 'self'`: nothing may be inlined.
export default defineConfig({
  root: path("."),
  base: "./",
  publicDir: path("../page/public"),
  resolve: {
    alias: {
      "@campanile/elements": path("../elements/src/index.ts"),
      "@campanile/client": path("../client/src/index.ts"),
    },
  },
  build: {
    target: "es2022",
    cssTarget: CSS_TARGETS,
    outDir: path("../dist/portal"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
