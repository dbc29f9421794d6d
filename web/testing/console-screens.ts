// What `scripts/console-screens.mjs` does: opens each page as somebody would see it and takes its picture.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "./browser.js";
import { makeId } from "./console-data.js";
import { ConsoleServer } from "./console-server.js";

const NOW = Date.parse("2026-03-12T14:20:00Z");
const event = makeId("evt", 0);
const app = makeId("app", 0);
const endpoint = makeId("ep", 1);

interface Shot {
  name: string;
  path: string;
  environment?: number;
  before?: (page: Page) => Promise<unknown>;
  signedOut?: boolean;
}

const play = async (page: Page) => {
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("What is read").waitFor();
};

const openBy = async (page: Page, key: string) => {
  await page.keyboard.press(key);
  await page.locator("dialog[open]").waitFor();
};

const SHOTS: Shot[] = [
  { name: "login", path: "/login", signedOut: true },
  { name: "overview", path: "/" },
  { name: "first-minute", path: "/", environment: 2 },
  { name: "events", path: "/events" },
  { name: "event", path: `/events/${event}?app=${app}` },
  { name: "event-why", path: `/events/${event}?app=${app}&user=ada` },
  { name: "deliveries", path: "/deliveries" },
  { name: "delivery", path: `/deliveries?delivery=${makeId("dlv", 3)}` },
  { name: "delivery-skipped", path: `/deliveries?delivery=${makeId("dlv", 8)}` },
  { name: "deliveries-webhooks", path: "/deliveries/webhooks" },
  {
    name: "delivery-webhook",
    path: `/deliveries/webhooks?app=${app}&webhook=${endpoint}&delivery=${makeId("dlv", `w${endpoint}.1`)}`,
  },
  {
    name: "retry-many",
    path: "/deliveries",
    before: async (page) => {
      await page.getByRole("button", { name: "Retry many" }).click();
      await page.getByRole("button", { name: "Count them" }).click();
      await page.getByText("would be sent again").waitFor();
    },
  },
  { name: "sandbox", path: "/sandbox", before: async (page) => page.getByRole("row").nth(2).click() },
  {
    name: "sandbox-slack",
    path: "/sandbox?channel=slack",
    before: async (page) => page.getByRole("row").nth(1).click(),
  },
  {
    name: "sandbox-teams",
    path: "/sandbox?channel=teams",
    before: async (page) => page.getByRole("row").nth(1).click(),
  },
  { name: "workflows", path: "/workflows" },
  { name: "workflow", path: "/workflows/session-escalated" },
  { name: "workflow-branch", path: "/workflows/proposal-pending" },
  {
    name: "workflow-edit",
    path: "/workflows/observation-captured/edit",
    before: async (page) => (page.viewportSize()!.width > 1000 ? play(page) : undefined),
  },
  {
    name: "workflow-wrong",
    path: "/workflows/session-escalated/edit",
    before: async (page) => {
      const field = page.getByRole("textbox", { name: "The workflow" });
      await field.fill((await field.inputValue()).replace("  email:", "  carrier_pigeon:"));
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("is not known here").first().waitFor();
    },
  },
  { name: "workflow-versions", path: "/workflows/session-escalated/versions" },
  { name: "templates", path: "/templates" },
  {
    name: "template",
    path: "/templates/helpdesk-mail",
    before: async (page) => page.locator(".mail-frame").waitFor(),
  },
  { name: "event-types", path: "/event-types" },
  { name: "event-type", path: "/event-types/session.escalated" },
  { name: "users", path: "/users" },
  { name: "user", path: "/users/ada" },
  { name: "user-got", path: "/users/ada?tab=got" },
  { name: "user-preferences", path: "/users/ada?tab=preferences" },
  { name: "user-memberships", path: "/users/ada?tab=memberships" },
  { name: "tenants", path: "/tenants" },
  { name: "tenant", path: "/tenants/acme" },
  { name: "tenant-channels", path: "/tenants/acme?tab=channels" },
  { name: "applications", path: "/applications" },
  { name: "application", path: `/applications/${app}` },
  { name: "application-keys", path: `/applications/${app}?tab=keys` },
  { name: "webhook", path: `/applications/${app}/webhooks/${endpoint}` },
  { name: "integrations", path: "/settings/integrations" },
  { name: "channel-email", path: "/settings/integrations/email" },
  { name: "team", path: "/team" },
  { name: "audit", path: "/audit" },
  { name: "settings", path: "/settings" },
  { name: "settings-keys", path: "/settings?tab=keys" },
  { name: "settings-tokens", path: "/settings?tab=tokens" },
  { name: "viewer", path: "/settings", environment: 1 },
  { name: "empty-deliveries", path: "/deliveries", environment: 2 },
  { name: "empty-workflows", path: "/workflows", environment: 2 },
  { name: "missing", path: "/users/nobody" },
  { name: "palette", path: "/events", before: async (page) => openBy(page, "Control+K") },
  { name: "help", path: "/events", before: async (page) => openBy(page, "?") },
];

const [folder = "screens", ...words] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await ConsoleServer.start({ now: NOW, deliveries: 600 });
const browser = await launchBrowser();
try {
  for (const width of [1440, 390]) {
    for (const theme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport: { width, height: width > 400 ? 900 : 844 },
        colorScheme: theme,
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.error(error.message));
      await page.clock.setFixedTime(NOW);
      for (const shot of SHOTS) {
        if (words.length > 0 && !words.some((word) => `${shot.name}-${width}-${theme}`.includes(word)))
          continue;
        server.signedIn = !shot.signedOut;
        const environment = server.environments[shot.environment ?? 0]!.id;
        await page.goto(`${server.url}/login`);
        await page.evaluate((id) => localStorage.setItem("campanile-environment", id), environment);
        try {
          await page.goto(server.url + shot.path);
          await page.locator("h1").first().waitFor();
          await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached", timeout: 8_000 });
          await shot.before?.(page);
          await page.waitForTimeout(250);
        } catch (error) {
          console.error(`${shot.name}: ${(error as Error).message.split("\n")[0]}`);
        }
        await page.screenshot({ path: join(folder, `${shot.name}-${width}-${theme}.png`) });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
