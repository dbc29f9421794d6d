// A product of somebody else's on an origin of its own: a page under a strict policy that embeds the bell, or the element
// that its address names, and a backend that mints tokens with the environment's key.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Campanile } from "@campanile/client";

const ELEMENTS = fileURLToPath(new URL("../dist/elements.js", import.meta.url));

const SCRIPT = `
const params = new URLSearchParams(location.search);
const element = document.querySelector("[url]");
element.token = async () => (await (await fetch("/token" + location.search)).json()).token;
`;

export class HostPage {
  readonly origin: string;
  /** How many tokens were asked for. */
  tokens = 0;
  readonly #server: Server;
  #campanile: Campanile | null = null;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Listens at once, because the server must be told the origin before there is a server to embed the bell of. */
  static async start(): Promise<HostPage> {
    let page: HostPage | null = null;
    const server = createServer((request, response) => {
      page!.#answer(new URL(request.url ?? "/", page!.origin), response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    page = new HostPage(server);
    return page;
  }

  embed(campanile: Campanile): void {
    this.#campanile = campanile;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(url: URL, response: ServerResponse): Promise<void> {
    const campanile = this.#campanile!;
    if (url.pathname === "/token") {
      this.tokens += 1;
      const lifetime = Number(url.searchParams.get("lifetime") ?? 600);
      const user = url.searchParams.get("user") ?? "ada";
      const tenant = url.searchParams.get("tenant");
      const { token } = await campanile.tokens.create(user, {
        expires_in: lifetime,
        ...(tenant && { tenant }),
      });
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ token }));
    }
    if (url.pathname === "/host.js")
      return void response.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    // As a product that bundles the package would serve it.
    if (url.pathname === "/elements.js") {
      const bundle = await readFile(ELEMENTS);
      return void response.writeHead(200, { "content-type": "text/javascript" }).end(bundle);
    }
    if (url.pathname === "/favicon.ico") return void response.writeHead(204).end();
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(campanile.http.base),
    };
    response.writeHead(200, headers).end(html(campanile.http.base, url.searchParams));
  }
}

function policy(campanile: string): string {
  const socket = campanile.replace("http", "ws");
  return (
    `default-src 'none'; script-src 'self' ${campanile}; connect-src 'self' ${campanile} ${socket}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types lit-html"
  );
}

function html(campanile: string, query: URLSearchParams): string {
  const name = query.get("element");
  const element = name && /^[a-z]+$/.test(name) ? `campanile-${name}` : "campanile-bell";
  const script = name ? "/elements.js" : `${campanile}/bell.js`;
  const place = `<${element} url="${campanile}" tenant="${encodeURIComponent(query.get("tenant") ?? "")}" locale="en"></${element}>`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>A shop</title>
    <script type="module" src="${script}"></script>
    <script type="module" src="/host.js"></script>
  </head>
  <body>
    <header>${name ? "" : place}</header>
    <main><h1>A shop</h1>${name ? place : ""}</main>
  </body>
</html>`;
}
