import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@campanile/client": path("./client/src/index.ts"),
      "@campanile/bell": path("./bell/src/index.ts"),
    },
  },
  test: {
    include: ["{client,bell,demo,reference,console}/test/**/*.test.ts", "e2e/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
