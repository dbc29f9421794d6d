// Takes the pictures that `scripts/screens.mjs` asks for.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.js";
import { serveFiles } from "./demo-routes.js";
import { FakeServer } from "./fake-server.js";
import { SCENES, type Scene } from "./scenes.js";
import { fillServer } from "./sample.js";

const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const WIDTHS = { wide: 1440, narrow: 390 };

export async function takeScreens(directory: string, word: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const scene of SCENES.filter(({ name }) => name.includes(word)))
      for (const theme of ["light", "dark"] as const)
        for (const [size, width] of Object.entries(WIDTHS)) {
          const path = join(directory, `${scene.name}-${size}-${theme}.png`);
          await takeOne(browser, scene, theme, width, path);
        }
  } finally {
    await browser.close();
  }
}

async function takeOne(
  browser: Browser,
  scene: Scene,
  colorScheme: "light" | "dark",
  width: number,
  path: string,
): Promise<void> {
  const server = await FakeServer.start();
  const narrow = width < 500;
  const context = await browser.newContext({
    viewport: { width, height: narrow ? 844 : 900 },
    colorScheme,
    ...(narrow && { hasTouch: true, isMobile: true, deviceScaleFactor: 2 }),
  });
  try {
    serveFiles(server, "/host/", folder("../elements/test/host"));
    serveFiles(server, "/bell-host/", folder("../elements/test/bell-host"));
    serveFiles(server, "/", folder("../dist"));
    if (!scene.bare) fillServer(server);
    scene.prepare?.(server);
    const page = await context.newPage();
    await open(page, server, scene);
    await scene.act?.(page, server);
    await page.waitForTimeout(350);
    await page.screenshot({ path, fullPage: !scene.window });
  } finally {
    await context.close();
    await server.stop();
  }
}

async function open(page: Page, server: FakeServer, scene: Scene): Promise<void> {
  const query = new URLSearchParams({ element: scene.element, ...scene.query });
  if (!scene.signedOut) query.set("token", server.token("ada"));
  const host = scene.element === "bell" ? "bell-host" : "host";
  await page.goto(`${server.url}/${host}/?${query}`);
  if (scene.element !== "bell") await page.locator(`campanile-${scene.element}`).waitFor();
  await page.waitForTimeout(300);
}
