import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@campanile/client": path("./client/src/index.ts"),
      "@campanile/react": path("./react/src/index.ts"),
      "@campanile/elements/bell": path("./elements/src/bell/index.ts"),
      "@campanile/elements": path("./elements/src/index.ts"),
    },
  },
  test: {
    include: ["{client,elements,react,demo,reference,console}/test/**/*.test.ts", "e2e/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
