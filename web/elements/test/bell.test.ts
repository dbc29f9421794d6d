import { expect, test } from "vitest";
import { STRICT_CSP } from "../../testing/demo-routes.js";
import { eventually, stage } from "./support.js";

const on = stage();

const text = async (locator: { textContent(): Promise<string | null> }) =>
  (await locator.textContent())?.trim();

test("F13, F16: the badge shows the number, only above none, and ends at 99+", async () => {
  const { button } = await on.open();
  await button.waitFor();
  expect(await button.locator(".badge").count()).toBe(0);
  expect(await button.getAttribute("aria-label")).toBe("Notifications");
  on.log.add({ title: "one" });
  await eventually(
    () => text(button.locator(".badge")),
    (shown) => expect(shown).toBe("1"),
  );
  expect(await button.getAttribute("aria-label")).toBe("Notifications, 1 unread");
  for (let at = 0; at < 120; at += 1) on.log.add({ title: `n${at}` });
  await eventually(
    () => text(button.locator(".badge")),
    (shown) => expect(shown).toBe("99+"),
  );
});

test("F12, F19: opening loads the list, unread first, and marks all as seen", async () => {
  const old = on.log.add({ title: "old", body: "read before" });
  on.log.set(old.id, "read");
  const fresh = on.log.add({ title: "fresh", body: "line one\nline two", event: "comment.created" });
  on.log.set(on.log.add({ title: "newer but read" }).id, "read");
  const { button, panel, rows, titles, heard } = await on.open();
  await button.click();
  await rows.first().waitFor();
  expect(await titles()).toEqual(["fresh", "newer but read", "old"]);
  expect(await panel.getAttribute("role")).toBe("dialog");
  expect(await button.getAttribute("aria-expanded")).toBe("true");
  expect(await rows.first().locator(".body").textContent()).toBe("line one\nline two");
  expect(await rows.first().locator("time").getAttribute("datetime")).toBe(fresh.created_at);
  expect(await rows.nth(0).locator(".dot").count()).toBe(1);
  expect(await rows.nth(1).locator(".dot").count()).toBe(0);
  await eventually(
    () => on.log.counters().unseen,
    (unseen) => expect(unseen).toBe(0),
  );
  expect(on.log.counters().unread).toBe(1);
  expect(await heard("open")).toHaveLength(1);
  await eventually(
    () => heard("count"),
    (counts) =>
      expect(counts).toMatchObject([
        { unread: 1, unseen: 1 },
        { unread: 1, unseen: 0 },
      ]),
  );
});

test("F17, F29: a click tells the host page first, marks the item clicked, and keeps to the page that says so", async () => {
  const item = on.log.add({ title: "go", link: "/host/there.html?x=1" });
  const { page, button, rows, heard } = await on.open();
  await button.click();
  await rows.first().locator(".main").click();
  await eventually(
    () => on.log.rows.get(item.id)?.status,
    (status) => expect(status).toBe("clicked"),
  );
  expect(await heard("navigate")).toMatchObject([
    { item: item.id, url: `${on.server.url}/host/there.html?x=1` },
  ]);
  expect(page.url()).toContain("/host/?");
  await eventually(
    () => button.locator(".badge").count(),
    (count) => expect(count).toBe(0),
  );
});

test("without a host page's no, the link is followed, and the click is told all the same", async () => {
  const item = on.log.add({ title: "go", link: "/host/?arrived=1" });
  const { page, button, rows } = await on.open({});
  await page.evaluate(() => history.replaceState(null, "", location.href.replace("stay=", "go=")));
  await page.reload();
  await button.click();
  await rows.first().locator(".main").click();
  await page.waitForURL("**/host/?arrived=1");
  await eventually(
    () => on.log.rows.get(item.id)?.status,
    (status) => expect(status).toBe("clicked"),
  );
});

test("an item without a link is marked read; an action tells which one", async () => {
  const plain = on.log.add({ title: "plain" });
  const acting = on.log.add({
    title: "acting",
    actions: [
      { id: "ack", label: "Acknowledge" },
      { id: "open", label: "Open", url: "/host/x.html" },
    ],
  });
  const { button, rows, heard } = await on.open();
  await button.click();
  await rows.nth(0).getByRole("button", { name: "Acknowledge" }).click();
  await eventually(
    () => on.log.rows.get(acting.id)?.status,
    (status) => expect(status).toBe("clicked"),
  );
  expect(await heard("action")).toMatchObject([{ item: acting.id, action: "ack" }]);
  const asked = on.server.requests.find((request) => request.method === "PATCH");
  expect(asked?.body).toEqual({ status: "clicked", action: "ack" });
  await rows.nth(1).locator(".main").click();
  await eventually(
    () => on.log.rows.get(plain.id)?.status,
    (status) => expect(status).toBe("read"),
  );
  await rows.nth(0).getByRole("link", { name: "Open" }).click();
  expect(await heard("navigate")).toMatchObject([{ action: "open" }]);
});

test("F28: dismiss takes it away, undo brings it back as it was", async () => {
  const item = on.log.add({ title: "first" });
  on.log.add({ title: "second" });
  const { button, panel, rows, titles } = await on.open();
  await button.click();
  await rows.nth(1).hover();
  await rows.nth(1).getByRole("button", { name: "Dismiss “first”" }).click();
  await eventually(titles, (shown) => expect(shown).toEqual(["second"]));
  await eventually(
    () => on.log.rows.get(item.id)?.status,
    (status) => expect(status).toBe("dismissed"),
  );
  await panel.getByRole("button", { name: "Undo" }).click();
  await eventually(titles, (shown) => expect(shown).toEqual(["second", "first"]));
  await eventually(
    () => on.log.rows.get(item.id)?.status,
    (status) => expect(status).toBe("unread"),
  );
  expect(await panel.locator(".toast").count()).toBe(0);
});

test("F15, F18: mark all as read, which keeps the keyboard where it is", async () => {
  for (const title of ["a", "b", "c"]) on.log.add({ title });
  const { page, button, panel, rows } = await on.open();
  await button.click();
  await rows.first().waitFor();
  const all = panel.getByRole("button", { name: "Mark all as read" });
  await all.click();
  await eventually(
    () => rows.locator(".dot").count(),
    (dots) => expect(dots).toBe(0),
  );
  expect(on.log.counters().unread).toBe(0);
  expect(await all.isDisabled()).toBe(true);
  expect(await all.evaluate((one) => one.matches(":focus"))).toBe(true);
  const asked = on.server.requests.length;
  await page.keyboard.press("Enter");
  await page.waitForTimeout(100);
  expect(on.server.requests.length).toBe(asked);
  expect(await rows.count()).toBe(3);
});

test("a host page can give “mark all” another look while all is read", async () => {
  on.log.add({ title: "one" });
  const { page, button, panel } = await on.open();
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      campanile-bell::part(mark-all) { letter-spacing: 3px; text-indent: 1px; }
      campanile-bell::part(mark-all-done) { text-indent: 2px; }
    `);
    document.adoptedStyleSheets = [sheet];
  });
  await button.click();
  const all = panel.getByRole("button", { name: "Mark all as read" });
  const look = () =>
    all.evaluate((one) => {
      const { letterSpacing, textIndent } = getComputedStyle(one);
      return [letterSpacing, textIndent];
    });
  expect(await look()).toEqual(["3px", "1px"]);
  await all.click();
  await eventually(look, (now) => expect(now).toEqual(["3px", "2px"]));
});

test("empty attributes, as templates leave them, filter nothing", async () => {
  on.log.add({ title: "of a tenant", tenant: "acme" });
  on.log.add({ title: "of none" });
  const { page, button, panel, rows } = await on.open({ token: "none" });
  await page.evaluate((token) => {
    const bell = document.querySelector("campanile-bell")!;
    for (const name of ["tenant", "app"]) bell.setAttribute(name, "");
    (window as never as { signIn(t: string): void }).signIn(token);
  }, on.server.token("ada"));
  await button.click();
  await rows.nth(1).waitFor();
  await panel.getByRole("button", { name: "Mark all as read" }).click();
  await button.locator(".badge").waitFor({ state: "detached" });
  const marks = on.server.requests.filter(({ method }) => method === "POST");
  expect(marks.map(({ body }) => body)).toEqual([{}, {}]);
});

test("a refusal puts things back and says so", async () => {
  on.log.add({ title: "stays" });
  const { button, panel, rows, titles } = await on.open();
  await button.click();
  await rows.first().hover();
  on.server.faults.refuse = (method) => (method === "PATCH" ? 403 : null);
  await rows.first().locator(".dismiss").click();
  await eventually(
    () => text(panel.locator(".toast")),
    (said) => expect(said).toContain("didn’t go through"),
  );
  expect(await titles()).toEqual(["stays"]);
});

test("two pages of one user stay in step", async () => {
  on.log.add({ title: "one" });
  const item = on.log.add({ title: "two" });
  const [here, there] = [await on.open(), await on.open()];
  await here.button.click();
  await there.button.click();
  await here.rows.first().hover();
  await here.rows.first().locator(".dismiss").click();
  await eventually(there.titles, (shown) => expect(shown).toEqual(["one"]));
  await there.panel.getByRole("button", { name: "Mark all as read" }).click();
  await eventually(
    () => here.rows.locator(".dot").count(),
    (dots) => expect(dots).toBe(0),
  );
  await eventually(
    () => here.button.locator(".badge").count(),
    (badges) => expect(badges).toBe(0),
  );
  await here.panel.getByRole("button", { name: "Undo" }).click();
  await eventually(there.titles, (shown) => expect(shown).toContain("two"));
  expect(on.log.rows.get(item.id)?.status).toBe("unread");
});

test("scrolling loads the rest", async () => {
  for (let at = 0; at < 57; at += 1)
    on.log.set(on.log.add({ title: `n${at}` }).id, at % 3 ? "read" : "unread");
  const { button, panel, rows, titles } = await on.open();
  await button.click();
  await rows.first().waitFor();
  expect(await rows.count()).toBeLessThan(57);
  await eventually(
    async () => {
      await panel.locator(".scroll").evaluate((scroll) => scroll.scrollTo(0, scroll.scrollHeight));
      return rows.count();
    },
    (count) => expect(count).toBe(57),
  );
  expect(await titles()).toEqual(on.log.shown().map((item) => item.title));
});

test("F09: the strictest policy that names the API's own host is enough to load, listen and act", async () => {
  const { page, button, panel, rows } = await on.open();
  const policy = (await page.request.get(page.url())).headers()["content-security-policy"];
  expect(policy).toBe(STRICT_CSP);
  on.log.add({ title: "one" });
  await eventually(
    () => text(button.locator(".badge")),
    (shown) => expect(shown).toBe("1"),
  );
  await button.click();
  await rows.first().waitFor();
  expect(await panel.evaluate((shown) => getComputedStyle(shown).position)).not.toBe("static");
});

test("F06, F08: no token: nothing is rendered; a token: the bell; none again: nothing", async () => {
  on.log.add({ title: "one" });
  const { page, button } = await on.open({ token: "none" });
  const empty = () =>
    page
      .locator("campanile-bell")
      .evaluate((bell) => bell.shadowRoot?.querySelectorAll("*:not(style)").length);
  await page.waitForTimeout(100);
  expect(await empty()).toBe(0);
  expect(on.server.requests.filter(({ path }) => path.startsWith("/api/"))).toEqual([]);
  await page.evaluate(() => (window as never as { signOut(): void }).signOut());
  await page.waitForTimeout(100);
  expect(await empty()).toBe(0);
  await page.evaluate(
    (token) => (window as never as { signIn(t: string): void }).signIn(token),
    on.server.token("ada"),
  );
  await eventually(
    () => text(button.locator(".badge")),
    (shown) => expect(shown).toBe("1"),
  );
  await page.evaluate(() => (window as never as { signOut(): void }).signOut());
  on.server.dropSockets(4001);
  await eventually(empty, (count) => expect(count).toBe(0));
});

test("what the states look like: loading, empty, error, offline", async () => {
  on.server.faults.latency = () => 300;
  const { page, button, panel, rows } = await on.open();
  await button.click();
  await panel.locator(".loading").waitFor();
  on.server.faults.latency = () => 0;
  await panel.getByText("You’re all caught up").waitFor();
  await page.keyboard.press("Escape");

  on.server.faults.refuse = () => 403;
  const second = await on.open();
  await second.button.click();
  await second.panel.getByText("Notifications didn’t load").waitFor();
  on.server.faults.refuse = () => null;
  on.log.add({ title: "back" });
  await second.panel.getByRole("button", { name: "Try again" }).click();
  await second.rows.first().waitFor();

  await button.click();
  await rows.first().waitFor();
  await page.context().setOffline(true);
  await panel.getByText("You’re offline").waitFor();
  expect(await rows.count()).toBe(1);
  await page.context().setOffline(false);
  await eventually(
    () => panel.locator(".notice").count(),
    (notices) => expect(notices).toBe(0),
  );
});

test("a refused token: the bell stays and says that the session has ended, until there is another", async () => {
  on.log.add({ title: "one" });
  const token = on.server.token("ada");
  const { page, panel, rows } = await on.open({ token });
  await page.locator("campanile-bell #bell").click();
  await rows.first().waitFor();
  on.server.revoke(token);
  on.server.dropSockets(4003);
  await panel.getByText("Your session has ended").waitFor();
  expect(await rows.count()).toBe(1);
  await page.evaluate(
    (fresh) => (window as never as { signIn(t: string): void }).signIn(fresh),
    on.server.token("ada"),
  );
  await panel.locator(".notice").waitFor({ state: "detached" });
  on.log.add({ title: "two" });
  await rows.nth(1).waitFor();
});

test("a token callback that fails for a while: the bell stays and says that it is offline", async () => {
  on.log.add({ title: "one" });
  const { page, button, panel, rows } = await on.open();
  await button.click();
  await rows.first().waitFor();
  await page.evaluate(() => {
    document.querySelector("campanile-bell")!.token = () => Promise.reject(new Error("down"));
  });
  on.server.dropSockets(4001);
  await panel.getByText("You’re offline").waitFor();
  expect(await rows.count()).toBe(1);
  await page.evaluate(
    (fresh) => (window as never as { signIn(t: string): void }).signIn(fresh),
    on.server.token("ada"),
  );
  await panel.locator(".notice").waitFor({ state: "detached", timeout: 15_000 });
});
