import { expect, test } from "vitest";
import { makeId } from "../../testing/console-data.js";
import { focused, stage, stands } from "./support.js";

const all = stage();

test("every page is two keys away, and the keyboard goes on from there", async () => {
  const page = await all.open("/");
  await stands(page, "Overview");
  for (const [key, title] of [
    ["e", "Events"],
    ["d", "Deliveries"],
    ["x", "Sandbox"],
    ["w", "Workflows"],
    ["p", "Templates"],
    ["y", "Event types"],
    ["u", "Users"],
    ["t", "Tenants"],
    ["a", "Applications"],
    ["i", "Integrations"],
    ["m", "Team"],
    ["l", "Audit log"],
    ["s", "Settings"],
    ["o", "Overview"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await stands(page, title);
    expect(await page.title()).toBe(`${title} · Campanile`);
    expect(
      await page
        .getByRole("navigation", { name: "Pages" })
        .getByRole("link", { name: title, exact: true })
        .getAttribute("aria-current"),
    ).toBe("page");
  }
});

test("the palette finds pages, ids and people, by keyboard alone", async () => {
  const page = await all.open("/");
  await stands(page, "Overview");
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Search or jump to" }).waitFor();
  await page.keyboard.type("audit");
  await page.keyboard.press("Enter");
  await stands(page, "Audit log");
  await page.keyboard.press("Control+K");
  await page.keyboard.type(makeId("evt", 0));
  await page.getByRole("option", { name: /Open event/ }).waitFor();
  await page.keyboard.press("Enter");
  await stands(page, "session.escalated");
  await page.keyboard.press("Control+K");
  await page.keyboard.type("ada");
  await page.getByRole("option", { name: "Open user ada" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await stands(page, "Ada Lindqvist");
  await page.keyboard.press("Control+K");
  await page.keyboard.type("no such thing");
  await page.getByText("Nothing is called “no such thing”.").waitFor();
  await page.keyboard.press("Escape");
  expect(await page.locator("dialog[open]").count()).toBe(0);
});

test("the keys are listed on `?`, and `/` leads to the list’s field; while typing they are letters", async () => {
  const page = await all.open("/users");
  await stands(page, "Users");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  expect(await focused(page)).toBe("Open a user by id");
  await page.keyboard.type("ge?/");
  expect(page.url()).toContain("/users");
  expect(await page.getByRole("searchbox", { name: "Open a user by id" }).inputValue()).toBe("ge?/");
});

test("the theme follows the system until somebody chooses, and the choice stays", async () => {
  const page = await all.open("/team", { colorScheme: "light" });
  await stands(page, "Team");
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  expect(await background()).toBe(light);
  await page.reload();
  await stands(page, "Team");
  expect(await background()).toBe(light);
  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("menuitemradio", { name: "As the system has it" }).click();
  expect(await background()).toBe(dark);
});

test("another environment shows nothing of the one before, by keyboard alone", async () => {
  const page = await all.open("/users");
  await stands(page, "Users");
  await page.getByRole("row", { name: "ada" }).first().waitFor();
  await page.getByRole("button", { name: "Environment: production" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByText("Nobody is known yet").waitFor();
  expect(await page.getByText("ada@globex").count()).toBe(0);
  await page.reload();
  await page.getByText("Nobody is known yet").waitFor();
  const sent = all.server.calls.filter(({ path }) => path === "/api/v1/users").map(({ role }) => role);
  expect(sent.at(-1)).toBe("developer");
});

test("a viewer sees everything; what changes something is refused with the reason", async () => {
  const page = await all.open("/applications", { environment: 1 });
  await stands(page, "Applications");
  await page.getByText("You are a viewer here").waitFor();
  const button = page.getByRole("button", { name: "Make an application" });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await button.focus();
  await page
    .getByRole("tooltip", { name: /Viewers can look at everything/ })
    .first()
    .waitFor();
  await button.click({ force: true });
  expect(await page.locator("dialog[open]").count()).toBe(0);
  await page.goto(`${all.server.url}/users/ada?tab=preferences`);
  const toggle = page.getByRole("switch", { name: /^Email/ }).first();
  await toggle.waitFor();
  const before = await toggle.isChecked();
  await toggle.click({ force: true });
  expect(await toggle.isChecked()).toBe(before);
  expect(all.server.calls.filter(({ method }) => method !== "GET")).toEqual([]);
});

test("on a phone the menu is a drawer that goes away when it led somewhere", async () => {
  const page = await all.open("/", { viewport: { width: 390, height: 844 } });
  await stands(page, "Overview");
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("link", { name: "Deliveries", exact: true }).click();
  await stands(page, "Deliveries");
  await page.getByRole("link", { name: "Team", exact: true }).waitFor({ state: "hidden" });
});

test("offline is said, what was read stays, and the page comes back by itself", async () => {
  const page = await all.open("/tenants");
  await stands(page, "Tenants");
  await page.context().setOffline(true);
  await page.getByText("You are offline. What you see was read before").waitFor();
  await page.getByRole("row", { name: "acme" }).first().waitFor();
  await page.getByRole("link", { name: "Team", exact: true }).click();
  await page.getByText("You are offline", { exact: true }).first().waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.getByText("Jonas Weber").waitFor();
});

test("what goes wrong names its request and can be tried again", async () => {
  all.server.faults.refuse = (_, path) => (path === "/api/v1/users" ? 500 : null);
  const page = await all.open("/users");
  await page.getByText("This could not be read").waitFor();
  await page.getByText(/req_\d+/).waitFor();
  all.server.faults.refuse = () => null;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("row", { name: "ada" }).first().waitFor();
});

test("what is not there is told apart from what is broken", async () => {
  const page = await all.open("/users/nobody");
  await page.getByText("There is no such thing here").waitFor();
  await page.goto(`${all.server.url}/no/such/page`);
  await page.getByText("There is no such thing here").waitFor();
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await stands(page, "Overview");
});
