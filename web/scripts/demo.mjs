import { runnerImport } from "vite";

await runnerImport("./testing/dev.ts");
