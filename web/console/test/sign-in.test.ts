import { expect, test } from "vitest";
import { CONSOLE_CSP } from "../../testing/console-server.js";
import { stage, stands } from "./support.js";

const all = stage();

test("a link signs in once, and its code stays neither in the address nor in the history", async () => {
  all.server.signedIn = false;
  const page = await all.open("/login#code=good");
  await stands(page, "Overview");
  expect(page.url()).toBe(`${all.server.url}/`);
  expect(all.server.calls.filter(({ path }) => path === "/api/v1/session/code")).toHaveLength(1);
  await page.goBack();
  expect(page.url()).not.toContain("code");
});

test("a spent link says so, and a new one can be asked for", async () => {
  all.server.signedIn = false;
  const page = await all.open("/login#code=spent");
  await page.getByText("this link was used already").waitFor();
  expect(page.url()).not.toContain("code");
  await page.getByRole("textbox", { name: "Email" }).fill("ines@helpdesk.example");
  await page.keyboard.press("Enter");
  await page.getByText("ines@helpdesk.example").waitFor();
  expect(all.server.calls.at(-1)).toMatchObject({
    path: "/api/v1/session/mail",
    body: { email: "ines@helpdesk.example" },
  });
  await page.getByRole("button", { name: "Use another address" }).click();
  await page.getByRole("textbox", { name: "Email" }).waitFor();
});

test("single sign-on is offered where there is one", async () => {
  all.server.signedIn = false;
  const page = await all.open("/login");
  expect(await page.getByRole("link", { name: "Single sign-on" }).getAttribute("href")).toBe(
    "/api/v1/session/oidc",
  );
});

test("whoever comes by a deep link gets there after signing in", async () => {
  all.server.signedIn = false;
  const page = await all.open("/deliveries?undelivered=true");
  await page.getByRole("heading", { name: "Sign in to Campanile" }).waitFor();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/deliveries?undelivered=true");
  all.server.signedIn = true;
  await page.goto(page.url());
  await stands(page, "Deliveries");
  expect(page.url()).toContain("undelivered=true");
});

test("nothing leads elsewhere by `next`", async () => {
  const page = await all.open("/login?next=//elsewhere.example/");
  await stands(page, "Overview");
});

test("a session that ends while the console is open leads to the sign-in", async () => {
  const page = await all.open("/users");
  await stands(page, "Users");
  all.server.signedIn = false;
  await page.getByRole("row", { name: "ada" }).first().click();
  await page.getByRole("heading", { name: "Sign in to Campanile" }).waitFor();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/users/ada");
});

test("signing out", async () => {
  const page = await all.open("/");
  await page.getByRole("button", { name: "Account: Ines Okafor" }).click();
  await page.getByRole("menuitem", { name: /Sign out/ }).click();
  await page.getByRole("heading", { name: "Sign in to Campanile" }).waitFor();
  expect(all.server.signedIn).toBe(false);
});

test("when the server cannot be reached at the start, it says so and tries again", async () => {
  all.server.faults.unreachable = true;
  const page = await all.open("/");
  await page.getByText("The server cannot be reached").waitFor();
  all.server.faults.unreachable = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await stands(page, "Overview");
});

test("the policy that the console needs allows nothing inline and nothing from elsewhere", () => {
  expect(CONSOLE_CSP).not.toContain("unsafe");
  expect(CONSOLE_CSP).not.toContain("http");
});
