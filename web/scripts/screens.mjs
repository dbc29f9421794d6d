// Pictures of every element in its main states, wide and narrow, light and dark: node scripts/screens.mjs DIRECTORY [word]
// A word keeps to the pictures whose name has it. Needs `npm run build` before.

import { runnerImport } from "vite";

const { module } = await runnerImport("./testing/screens.ts");
await module.takeScreens(process.argv[2] ?? "screens", process.argv[3] ?? "");
