import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { CSS_TARGETS } from "../scripts/targets.mjs";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// The page is served as /api/v1/docs, without a slash at its end, with `script-src 'self'; style-src 'self'`.
export default defineConfig({
  root: path("."),
  base: "/api/v1/docs/",
  publicDir: path("../page/public"),
  build: {
    target: "es2022",
    cssTarget: CSS_TARGETS,
    outDir: path("../dist/reference"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
