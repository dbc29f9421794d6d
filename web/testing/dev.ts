// The built demo page on a fake server: `npm run demo` in web/, after `npm run build`.

import { fileURLToPath } from "node:url";
import { serveDemo } from "./demo-routes.js";
import { FakeServer } from "./fake-server.js";

const server = await FakeServer.start(Number(process.env["PORT"] ?? 0));
serveDemo(server, fileURLToPath(new URL("../dist", import.meta.url)));
console.log(`${server.url}/demo/`);
