// Every page in both themes, wide and narrow: axe finds nothing, nothing sticks out, nothing breaks the policy.

import { expect, test } from "vitest";
import { axeViolations } from "../../testing/browser.js";
import { makeId } from "../../testing/console-data.js";
import { stage } from "./support.js";

const all = stage();
const app = makeId("app", 0);
const endpoint = makeId("ep", 1);

const PAGES = [
  "/",
  "/events",
  `/events/${makeId("evt", 0)}?app=${app}`,
  "/deliveries",
  `/deliveries?delivery=${makeId("dlv", 3)}`,
  `/deliveries/webhooks?app=${app}&webhook=${endpoint}&delivery=${makeId("dlv", `w${endpoint}.1`)}`,
  "/sandbox",
  "/workflows",
  "/workflows/proposal-pending",
  "/workflows/session-escalated/edit",
  "/workflows/session-escalated/versions",
  "/templates",
  "/templates/helpdesk-mail",
  "/event-types",
  "/event-types/session.escalated",
  "/users",
  "/users/ada",
  "/users/ada?tab=got",
  "/users/ada?tab=preferences",
  "/tenants",
  "/tenants/acme?tab=channels",
  "/applications",
  `/applications/${app}?tab=keys`,
  `/applications/${app}/webhooks/${endpoint}`,
  "/settings/integrations",
  "/settings/integrations/email",
  "/team",
  "/audit",
  "/settings",
  "/settings?tab=tokens",
];

test.each([
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
  ["dark", 390],
] as const)("%s at %i", { timeout: 120_000 }, async (colorScheme, width) => {
  const page = await all.open("/", { colorScheme, viewport: { width, height: 900 } });
  const found: string[] = [];
  for (const path of PAGES) {
    await page.goto(all.server.url + path);
    await page.locator("h1").first().waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
    for (const violation of await axeViolations(page)) found.push(`${path} ${violation}`);
    const sticks = await page.evaluate(
      () => document.querySelector("main")!.scrollWidth - document.querySelector("main")!.clientWidth,
    );
    if (sticks > 0) found.push(`${path} sticks out by ${sticks}`);
  }
  expect(found).toEqual([]);
});

test.each(["light", "dark"] as const)(
  "what opens over a page, and empty pages: %s",
  { timeout: 120_000 },
  async (colorScheme) => {
    const page = await all.open("/", { colorScheme });
    const found: string[] = [];
    const look = async (what: string) => {
      for (const violation of await axeViolations(page)) found.push(`${what} ${violation}`);
    };
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.keyboard.press("Control+K");
    await page.getByRole("combobox", { name: "Search or jump to" }).waitFor();
    await look("palette");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await look("help");
    await page.keyboard.press("Escape");
    await page.goto(`${all.server.url}/deliveries`);
    await page.getByRole("button", { name: "Retry many" }).click();
    await look("retry many");
    await page.evaluate(
      (id) => localStorage.setItem("campanile-environment", id),
      all.server.environments[2]!.id,
    );
    for (const path of [
      "/",
      "/events",
      "/deliveries",
      "/workflows",
      "/users",
      "/applications",
      "/settings/integrations/email",
    ]) {
      await page.goto(all.server.url + path);
      await page.locator("h1").first().waitFor();
      await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
      await look(`empty ${path}`);
    }
    await page.goto(`${all.server.url}/users/nobody`);
    await page.getByText("There is no such thing here").waitFor();
    await look("missing");
    all.server.signedIn = false;
    await page.goto(`${all.server.url}/login`);
    await page.getByRole("heading", { name: "Sign in to Campanile" }).waitFor();
    await look("login");
    expect(found).toEqual([]);
  },
);
