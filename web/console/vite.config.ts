import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { CSS_TARGETS } from "../scripts/targets.mjs";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// The console is served at `/` with `script-src 'self'; style-src 'self'`: nothing may be inlined.
export default defineConfig({
  root: path("."),
  base: "/",
  publicDir: path("../page/public"),
  oxc: { jsx: { runtime: "automatic" } },
  build: {
    target: "es2022",
    cssTarget: CSS_TARGETS,
    outDir: path("../dist/console"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    rolldownOptions: {
      // Libraries mark what belongs to the browser; here everything does.
      onwarn: (warning, warn) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)),
    },
  },
});
