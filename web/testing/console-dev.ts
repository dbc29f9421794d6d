// The built console on its fake server: `npm run console` in web/, after `npm run build`. Somebody is signed in already,
// and now and then an event comes in.

import { ConsoleServer } from "./console-server.js";

const server = await ConsoleServer.start({
  port: Number(process.env["PORT"] ?? 0),
  deliveries: 10_000,
  signedIn: true,
});
setInterval(() => server.publish(), 4_000);
console.log(`${server.url}/`);
