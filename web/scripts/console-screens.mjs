// Pictures of every page of the console, on its fake server: `node scripts/console-screens.mjs DIR [WORD…]`, after
// `npm run build`. Words narrow which pages. Each is taken at 1440 and 390 pixels, light and dark.

import { runnerImport } from "vite";

await runnerImport("./testing/console-screens.ts");
