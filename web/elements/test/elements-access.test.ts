// Every element in every state: what axe finds, how narrow it can be, whose words it speaks.

import { expect, test } from "vitest";
import { axeViolations } from "../../testing/browser.js";
import { STRICT_CSP } from "../../testing/demo-routes.js";
import { fillServer } from "../../testing/sample.js";
import { SCENES } from "../../testing/scenes.js";
import { eventually, stage, type Shown } from "./support.js";

const on = stage();

const ELEMENTS = ["inbox", "preferences", "channels", "webhooks"];
const THEMES = ["light", "dark"] as const;
const scenes = SCENES.filter(({ element }) => element !== "bell");

/** What moves has come to rest. */
const settled = async ({ page }: Shown) => page.waitForTimeout(350);

for (const scene of scenes) {
  test(`axe finds nothing wrong: ${scene.name}`, { timeout: 60_000 }, async () => {
    for (const colorScheme of THEMES) {
      on.server.faults.refuse = () => null;
      on.server.faults.latency = () => 0;
      if (colorScheme === "light" && !scene.bare) fillServer(on.server);
      scene.prepare?.(on.server);
      const shown = await on.show(scene.element, scene.query, { colorScheme });
      await scene.act?.(shown.page, on.server);
      await settled(shown);
      expect(await axeViolations(shown.page)).toEqual([]);
      await shown.page.context().close();
    }
  });
}

test.each(ELEMENTS)(
  "states of %s: waiting, signed out, forbidden, failed, offline",
  { timeout: 60_000 },
  async (name) => {
    fillServer(on.server);
    const waiting = await on.show(name, { token: "none" });
    await waiting.element.locator("[part=loading]").waitFor();
    const asked = on.server.requests.filter(({ path }) => path.startsWith("/api/"));
    expect(asked).toEqual([]);
    expect(await axeViolations(waiting.page)).toEqual([]);
    await waiting.page.evaluate(() => {
      (window as never as { element: { token: unknown } }).element.token = async () => null;
    });
    await waiting.element.getByText("You’re signed out").waitFor();
    expect(await axeViolations(waiting.page)).toEqual([]);
    await waiting.signIn("ada");
    await waiting.element.getByText("You’re signed out").waitFor({ state: "detached" });
    await waiting.element.locator(".card").first().waitFor();

    on.server.faults.refuse = () => 403;
    const forbidden = await on.show(name);
    await forbidden.element.getByText("This isn’t yours to see").waitFor();
    expect(await axeViolations(forbidden.page)).toEqual([]);

    on.server.faults.refuse = () => 400;
    const failed = await on.show(name);
    const again = failed.element.getByRole("button", { name: "Try again" });
    await again.waitFor();
    expect(await axeViolations(failed.page)).toEqual([]);
    on.server.faults.refuse = () => null;
    await again.click();
    await again.waitFor({ state: "detached" });
    await failed.page.context().setOffline(true);
    await failed.element.locator(".notice").getByText("You’re offline").waitFor();
    expect(await axeViolations(failed.page)).toEqual([]);
  },
);

test.each(ELEMENTS)("%s fits 320 pixels, and fingers", { timeout: 60_000 }, async (name) => {
  fillServer(on.server);
  const mine = scenes.filter(({ element, query }) => element === name && !query);
  for (const scene of mine.filter(({ bare, prepare }) => !bare && !prepare)) {
    const viewport = { width: 320, height: 640 };
    const shown = await on.show(name, {}, { viewport, hasTouch: true, isMobile: true });
    await scene.act?.(shown.page, on.server);
    await settled(shown);
    const width = await shown.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, scene.name).toBeLessThanOrEqual(320);
    const small = await shown.element
      .locator(".button, .tab, .menu-item, .input, select")
      .evaluateAll((all) =>
        all.flatMap((one) => {
          const { width, height } = one.getBoundingClientRect();
          return width > 1 && height > 1 && height < 40 ? [`${one.className} ${height}`] : [];
        }),
      );
    expect(small, scene.name).toEqual([]);
    await shown.page.context().close();
  }
});

test.each(ELEMENTS)("%s: words are the host page's to choose, the theme as well", async (name) => {
  fillServer(on.server);
  const { page, element } = await on.show(name, { theme: "dark" }, { colorScheme: "light" });
  await element.locator(".card").first().waitFor();
  const title = name === "inbox" ? "notifications" : "title";
  await page.evaluate(
    (word) =>
      Object.assign((window as never as { element: object }).element, { labels: { [word]: "Überschrift" } }),
    title,
  );
  await element.getByRole("heading", { name: "Überschrift" }).waitFor();
  const surface = await element
    .locator(".card")
    .first()
    .evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(surface).toContain("0.205");
});

test.each(ELEMENTS)("%s under the strictest policy: nothing inline", async (name) => {
  fillServer(on.server);
  const { page, element } = await on.show(name);
  await element.locator(".card").first().waitFor();
  expect((await page.request.get(page.url())).headers()["content-security-policy"]).toBe(STRICT_CSP);
  const inline = await element.evaluate((one) => one.shadowRoot?.querySelectorAll("[style], style").length);
  expect(inline).toBe(0);
});

const HARM = `<img src=x onerror="window.harmed=1">"><script>window.harmed=1</script>`;

test("what comes from elsewhere stays text", async () => {
  const { configs, preferences, webhooks } = on.server;
  configs.choices.events.push({ event: "x", label: HARM });
  configs.choices.channels[0]!.label = HARM;
  configs.add({ channel: "email", email_addresses: [HARM] });
  preferences.base.workflows[0]!.name = HARM;
  preferences.base.apps[0]!.name = HARM;
  const webhook = webhooks.add({ url: "https://x.example/", description: HARM });
  const delivery = webhooks.deliver(webhook, HARM, "failed", [
    { status_code: 500, response: HARM, error: HARM },
  ]);
  delivery.request!.body = HARM;
  for (const name of ["channels", "preferences", "webhooks"]) {
    const { page, element } = await on.show(name);
    await element.getByText(HARM).first().waitFor();
    if (name === "webhooks") {
      await element.getByRole("button", { name: "https://x.example/" }).click();
      await element.locator("[part~=log] .line-main").click();
      await element.locator(".code").first().waitFor();
    }
    expect(await element.locator("img, script, iframe").count()).toBe(0);
    expect(await page.evaluate(() => (window as never as { harmed?: number }).harmed)).toBeUndefined();
  }
});

test("moved in the document, an element goes on; taken out, it asks nothing", async () => {
  fillServer(on.server);
  const shown = await on.show("channels");
  await shown.element.locator(".card").first().waitFor();
  await shown.page.evaluate(() => {
    const { element } = window as never as { element: HTMLElement };
    element.remove();
    document.body.append(element);
  });
  await shown.element.locator(".card").first().waitFor();
  await shown.page.evaluate(() => (window as never as { element: HTMLElement }).element.remove());
  const asked = on.server.requests.length;
  await shown.page.waitForTimeout(200);
  expect(on.server.requests.length).toBe(asked);
  await eventually(
    () => shown.element.count(),
    (count) => expect(count).toBe(0),
  );
});
