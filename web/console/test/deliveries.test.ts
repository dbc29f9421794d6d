import { expect, test } from "vitest";
import { makeId } from "../../testing/console-data.js";
import { focused, stage, stands } from "./support.js";

const all = stage();

test("by mouse: one delivery with its content and attempts, and once more", async () => {
  const page = await all.open("/deliveries");
  await stands(page, "Deliveries");
  await page.locator(`#row-${makeId("dlv", 3)}`).click();
  const panel = page.getByRole("complementary", { name: /to/ });
  await panel.getByText("Attempt 4").waitFor();
  await panel.getByText("connection timed out").first().waitFor();
  await panel.getByRole("button", { name: "Retry" }).click();
  await page.getByText("It is on its way again.").waitFor();
  await panel.getByText("Pending").first().waitFor();
  expect(await panel.getByRole("button", { name: "Retry" }).getAttribute("aria-disabled")).toBe("true");
});

test("by keyboard alone: the cursor turns the panel’s pages, Escape gives the list back", async () => {
  const page = await all.open("/deliveries");
  await stands(page, "Deliveries");
  await page.getByRole("grid", { name: "Deliveries to people" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(makeId("dlv", 1)));
  await page.keyboard.press("j");
  await page.waitForURL(new RegExp(makeId("dlv", 2)));
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.search.includes("delivery"));
  expect(await focused(page)).toBe("Deliveries to people");
  await page.goBack();
  expect(new URL(page.url()).pathname).not.toBe("/events");
});

test("a mail is drawn as its reader sees it, with its styles and without scripts", async () => {
  const index = all.server.worlds[all.server.environments[0]!.id]!.messages.findIndex(
    ({ channel, content }) => channel === "email" && content,
  );
  const message = all.server.worlds[all.server.environments[0]!.id]!.messages[index]!;
  (message.content as { html: string }).html +=
    `<script>parent.document.title = "taken"</script><img src="https://elsewhere.example/pixel.gif" alt="Logo" onerror="parent.document.title = 'taken'"><p id="styled" style="color:rgb(1, 2, 3)">x</p>`;
  const page = await all.open(`/deliveries?delivery=${message.id}`);
  const frame = page.frameLocator("iframe.mail-frame");
  expect(await frame.locator("#styled").evaluate((element) => getComputedStyle(element).color)).toBe(
    "rgb(1, 2, 3)",
  );
  await frame.getByText("[Logo]").waitFor();
  expect(await frame.locator("script").count()).toBe(0);
  expect(await page.locator("iframe.mail-frame").getAttribute("sandbox")).toBe("allow-same-origin");
  const before = await frame.locator("body").evaluate((element) => getComputedStyle(element).backgroundColor);
  await page.getByRole("radio", { name: "Dark" }).check({ force: true });
  await expect
    .poll(() => frame.locator("body").evaluate((element) => getComputedStyle(element).backgroundColor))
    .not.toBe(before);
  expect(await page.title()).toBe("Deliveries · Campanile");
  await page.getByRole("radio", { name: "Source" }).check({ force: true });
  await page.getByRole("region", { name: "Content" }).last().getByText("subject").first().waitFor();
});

test("what was skipped says why and cannot be sent again", async () => {
  const message = all.server.worlds[all.server.environments[0]!.id]!.messages.find(
    ({ status, error }) => status === "skipped" && error === "no_address",
  )!;
  const page = await all.open(`/deliveries?delivery=${message.id}`);
  await page.getByText("There is no address to send to.").waitFor();
  expect(await page.getByRole("button", { name: "Retry", exact: true }).getAttribute("aria-disabled")).toBe(
    "true",
  );
});

test("filters and the undelivered view", async () => {
  const page = await all.open("/deliveries");
  await stands(page, "Deliveries");
  await page.getByRole("radio", { name: "Undelivered" }).check({ force: true });
  await page.waitForURL(/undelivered=true/);
  await page.getByRole("combobox", { name: "Channel" }).selectOption("teams");
  await page.waitForURL(/channel=teams/);
  await expect.poll(() => page.getByRole("row").nth(1).textContent()).toMatch(/Exhausted|Failed|Cancelled/);
  expect(all.server.calls.at(-1)!.query.toString()).toContain("undelivered=true");
  await page.getByRole("searchbox", { name: "User id" }).fill("nobody");
  await page.keyboard.press("Enter");
  await page.getByText("No delivery is like this").waitFor();
});

test("many at once: first how many, then all of them", async () => {
  const page = await all.open("/deliveries");
  await stands(page, "Deliveries");
  await page.getByRole("button", { name: "Retry many" }).click();
  await page.getByRole("combobox", { name: "Made in" }).selectOption("week");
  await page.getByRole("button", { name: "Count them" }).click();
  const confirm = page.getByRole("button", { name: /^Retry \d+$/ });
  await confirm.waitFor();
  const asked = () => all.server.calls.filter(({ path }) => path === "/api/v1/deliveries/retry");
  expect(asked()).toHaveLength(1);
  expect(asked()[0]!.body["dry_run"]).toBe(true);
  // What is counted anew is confirmed anew.
  await page.getByRole("checkbox", { name: "Cancelled" }).check();
  await page.getByRole("button", { name: "Count them" }).click();
  await confirm.click();
  await page.getByText("are on the way again.").waitFor();
  expect(asked().at(-1)!.body).toMatchObject({
    dry_run: false,
    status: ["failed", "exhausted", "cancelled"],
  });
});

test("the tab of the webhooks: request and answer, and once more", async () => {
  const endpoint = makeId("ep", 1);
  const page = await all.open("/deliveries");
  await stands(page, "Deliveries");
  await page.getByRole("link", { name: "Webhooks", exact: true }).click();
  const choice = page.getByRole("combobox", { name: "Webhook" });
  await choice.selectOption(endpoint);
  await page.waitForURL(new RegExp(endpoint));
  await page.getByRole("row").nth(1).click();
  await page.getByText("POST https://automation.globex.example/in/7f21").waitFor();
  await page.getByLabel("Headers of the request").getByText("webhook-id").waitFor();
  await page.getByLabel("Answer to attempt 1").getByText("upstream unavailable").waitFor();
  await page.getByRole("button", { name: "Retry", exact: true }).click();
  await page.getByText("It is on its way again.").waitFor();
  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("delivery="));
});
