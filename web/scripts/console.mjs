import { runnerImport } from "vite";

await runnerImport("./testing/console-dev.ts");
