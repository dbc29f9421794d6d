// Keyboard, screen reader, colours, and content that means harm.

import { expect, test } from "vitest";
import { axeViolations } from "../../testing/browser.js";
import { eventually, stage, type Host } from "./support.js";

const on = stage();

/** What has the keyboard: its label or text, through the shadow root. */
const focused = ({ page }: Host) =>
  page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return (
      element?.getAttribute("aria-label") ??
      (element?.id === "panel" ? "panel" : element?.textContent?.trim())
    );
  });

test("F22: keyboard alone: open, move, follow, dismiss, undo, leave", async () => {
  for (const title of ["one", "two", "three"]) on.log.add({ title, link: "/host/x.html" });
  const host = await on.open();
  const { page, button, titles, heard } = host;
  const press = (key: string) => page.keyboard.press(key);
  const has = (name: string) =>
    eventually(
      () => focused(host),
      (now) => expect(now).toContain(name),
    );
  await button.waitFor();
  await page.locator("#elsewhere").focus();
  await press("Tab");
  await has("Notifications, 3 unread");
  await press("Enter");
  await eventually(titles, (shown) => expect(shown).toEqual(["three", "two", "one"]));
  await press("Escape");
  await press("ArrowDown");
  await has("three");
  await press("ArrowDown");
  await has("two");
  await press("End");
  await has("one");
  await press("ArrowDown");
  await has("one");
  await press("Home");
  await has("three");
  await press("Delete");
  await eventually(titles, (shown) => expect(shown).toEqual(["two", "one"]));
  await has("two");
  await press("Tab");
  await has("Dismiss “two”");
  await press("Tab");
  await has("Undo");
  await press("Enter");
  await eventually(titles, (shown) => expect(shown).toEqual(["three", "two", "one"]));
  await has("three");
  await press("Delete");
  await eventually(titles, (shown) => expect(shown).toEqual(["two", "one"]));
  await press("Control+z");
  await has("three");
  await press("Enter");
  await eventually(
    () => heard("navigate"),
    (events) => expect(events).toHaveLength(1),
  );
  await eventually(
    () => on.log.counters().unread,
    (unread) => expect(unread).toBe(2),
  );
  await button.focus();
  await press("Enter");
  await press("Escape");
  await has("Notifications, 2 unread");
  expect(await button.getAttribute("aria-expanded")).toBe("false");
});

test("opened by the mouse, Tab goes through header, tabs, one item, and out, which closes", async () => {
  for (const title of ["one", "two"]) on.log.add({ title });
  const host = await on.open();
  const { page, button, rows } = host;
  await button.click();
  await rows.first().waitFor();
  const order: Array<string | undefined | null> = [await focused(host)];
  for (let tabs = 0; tabs < 6; tabs += 1) {
    await page.keyboard.press("Tab");
    order.push(await focused(host));
  }
  expect(order[0]).toBe("panel");
  expect(order[1]).toBe("Mark all as read");
  expect(order[2]).toBe("Notification settings");
  expect(order[3]).toContain("All");
  expect(order[4]).toContain("two");
  expect(order[5]).toBe("Dismiss “two”");
  expect(order[6]).toBe("After");
  await eventually(
    () => button.getAttribute("aria-expanded"),
    (expanded) => expect(expanded).toBe("false"),
  );
});

test("F20: Escape and a click outside close; the focus goes back to the bell", async () => {
  const host = await on.open();
  const { page, button, panel } = host;
  await button.click();
  await panel.waitFor();
  await page.keyboard.press("Escape");
  expect(await panel.isVisible()).toBe(false);
  expect(await focused(host)).toBe("Notifications");
  await button.click();
  await panel.waitFor();
  await page.mouse.click(30, 700);
  expect(await panel.isVisible()).toBe(false);
  await eventually(
    () => focused(host),
    (now) => expect(now).toBe("Notifications"),
  );
  await button.click();
  await page.locator("#elsewhere").click();
  expect(await panel.isVisible()).toBe(false);
  expect(await focused(host)).toBe("Elsewhere");
  await button.click();
  await button.click();
  expect(await panel.isVisible()).toBe(false);
});

/** Whether something on the page keeps Escape for itself. */
const escapeIsTaken = async ({ page }: Host) => {
  await page.evaluate(() =>
    addEventListener("keydown", (event) => Object.assign(window, { escapeTaken: event.defaultPrevented }), {
      once: true,
    }),
  );
  await page.keyboard.press("Escape");
  return page.evaluate(() => (window as never as { escapeTaken: boolean }).escapeTaken);
};

const signIn = ({ page }: Host, user: string) =>
  page.evaluate(
    (token) => (window as never as { signIn(t: string): void }).signIn(token),
    on.server.token(user),
  );

test("another tenant while the panel is open closes it, and leaves the keyboard with the bell", async () => {
  on.log.add({ title: "of none" });
  on.log.add({ title: "of acme", tenant: "acme" });
  const host = await on.open();
  const { page, button, panel, rows, titles, heard } = host;
  await button.click();
  await rows.nth(1).waitFor();
  await page.locator("campanile-bell").evaluate((bell) => Object.assign(bell, { tenant: "acme" }));
  await eventually(
    () => focused(host),
    (now) => expect(now).toBe("Notifications, 1 unread"),
  );
  expect(await button.getAttribute("aria-expanded")).toBe("false");
  expect(await heard("close")).toHaveLength(1);
  expect(await escapeIsTaken(host)).toBe(false);
  await button.click();
  await panel.waitFor();
  await eventually(titles, (shown) => expect(shown).toEqual(["of acme"]));
});

test("losing the token while the panel is open closes it, and the next user finds it closed", async () => {
  on.log.add({ title: "one" });
  const host = await on.open();
  const { page, button, panel, rows, heard } = host;
  await button.click();
  await rows.first().waitFor();
  await page.locator("campanile-bell").evaluate((bell) => Object.assign(bell, { token: null }));
  await button.waitFor({ state: "detached" });
  expect(await heard("close")).toHaveLength(1);
  expect(await escapeIsTaken(host)).toBe(false);
  await signIn(host, "ada");
  expect(await button.getAttribute("aria-expanded")).toBe("false");
  expect(await focused(host)).not.toBe("Notifications, 1 unread");
  await button.click();
  await panel.waitFor();
});

test("another user's token while the panel is open closes it, with all that was the first one's", async () => {
  for (const title of ["for ada", "dismissed"]) on.log.add({ title });
  on.server.feed("bob").add({ title: "for bob" });
  const host = await on.open();
  const { page, button, panel, rows, titles, heard } = host;
  await button.click();
  await rows.nth(1).waitFor();
  await page.keyboard.press("Tab");
  await rows.first().hover();
  await rows.first().locator(".dismiss").click();
  await panel.getByRole("button", { name: "Undo" }).waitFor();
  await signIn(host, "bob");
  on.server.dropSockets(4001);
  await eventually(
    () => heard("close"),
    (closed) => expect(closed).toHaveLength(1),
  );
  expect(await panel.isVisible()).toBe(false);
  await eventually(
    () => focused(host),
    (now) => expect(now).toBe("Notifications, 1 unread"),
  );
  await button.click();
  await eventually(titles, (shown) => expect(shown).toEqual(["for bob"]));
  expect(await panel.locator(".toast").count()).toBe(0);
});

test("a token taken away and another user's given in the same turn", async () => {
  on.log.add({ title: "for ada" });
  on.server.feed("bob").add({ title: "for bob" });
  const { page, button, rows, titles } = await on.open();
  await button.click();
  await rows.first().waitFor();
  await page.locator("campanile-bell").evaluate((bell, token) => {
    Object.assign(bell, { token: null });
    Object.assign(bell, { token: async () => token });
  }, on.server.token("bob"));
  await rows.first().waitFor({ state: "detached" });
  await button.click();
  await eventually(titles, (shown) => expect(shown).toEqual(["for bob"]));
});

test("whoever signs in later finds the keyboard where it was, not at the bell", async () => {
  const host = await on.open();
  const { page, button } = host;
  await button.focus();
  await page
    .locator("campanile-bell")
    .evaluate((bell) => Object.assign(bell, { tenant: "acme", token: async () => null }));
  await button.waitFor({ state: "detached" });
  await page.waitForTimeout(50);
  await signIn(host, "ada");
  await button.waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
});

/** What the live region said, one after the other, with the silence between. */
const listen = async ({ page }: Host) => {
  await page.locator("campanile-bell [aria-live=polite]").evaluate((region) => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push(region.textContent!.trim())).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  return () => page.evaluate(() => (window as never as { said: string[] }).said);
};

test("F22: what comes in is announced politely, each time, and what came together at once", async () => {
  on.log.add({ title: "before" });
  const host = await on.open();
  await host.button.locator(".badge").waitFor();
  const said = await listen(host);
  const one = "1 new notification";
  for (const heard of [[one], [one, "", one]]) {
    on.log.add({ title: "another" });
    await eventually(said, (now) => expect(now.slice(0, 3)).toEqual(heard));
  }
  await eventually(said, (now) => expect(now).toEqual([one, "", one, ""]));
  for (let at = 0; at < 3; at += 1) on.log.add({ title: `n${at}` });
  await eventually(said, (now) => expect(now.at(-1)).toBe("3 new notifications"));
});

test("what only becomes unread again is not announced", async () => {
  const old = on.log.add({ title: "old" });
  on.log.set(old.id, "read");
  const item = on.log.add({ title: "one" });
  const host = await on.open();
  const { button, panel, rows } = host;
  await button.locator(".badge").waitFor();
  const said = await listen(host);
  const badge = (number: string) =>
    eventually(
      () => button.locator(".badge").textContent(),
      (shown) => expect(shown?.trim()).toBe(number),
    );
  // In another tab, before this one knows more than the number.
  on.log.set(old.id, "unread");
  await badge("2");
  await button.click();
  await rows.nth(1).waitFor();
  await rows.first().hover();
  await rows.first().locator(".dismiss").click();
  await badge("1");
  await panel.getByRole("button", { name: "Undo" }).click();
  await badge("2");
  expect(on.log.rows.get(item.id)?.status).toBe("unread");
  on.server.faults.refuse = (method) => (method === "POST" ? 403 : null);
  await panel.getByRole("button", { name: "Mark all as read" }).click();
  await panel.getByText("didn’t go through").waitFor();
  await badge("2");
  for (const title of ["new", "newer"]) on.log.add({ title });
  await eventually(said, (now) => expect(now.at(0)).toBe("2 new notifications"));
});

const HARM = [
  `<img src=x onerror="window.harmed=1">`,
  `"><script>window.harmed=1</script>`,
  `{{constructor.constructor('window.harmed=1')()}}`,
  "${window.harmed=1}",
  `<svg/onload=window.harmed=1>&lt;b&gt;`,
];
const HARMFUL_LINKS = [
  "javascript:window.harmed=1",
  "JaVaScRiPt:window.harmed=1",
  " \u0001javascript:window.harmed=1",
  "java\nscript:window.harmed=1",
  "data:text/html,<script>parent.harmed=1</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:null/x",
  "http://[broken",
];

test("harmful titles, bodies, names, labels and links stay text", async () => {
  for (const [at, harm] of HARM.entries()) {
    on.log.add({
      title: harm,
      body: harm,
      event: harm,
      app: { id: "app_x", uid: null, name: harm },
      actions: [{ id: "x", label: harm, url: HARMFUL_LINKS[at]! }],
    });
  }
  for (const link of HARMFUL_LINKS) on.log.add({ title: `link ${link}`, link });
  const { page, button, rows, titles } = await on.open();
  await button.click();
  await rows.first().waitFor();
  expect((await titles()).slice(-HARM.length).reverse()).toEqual(HARM);
  expect(await rows.locator("script, img, iframe, a").count()).toBe(0);
  for (let at = 0; at < HARM.length + HARMFUL_LINKS.length; at += 1)
    await rows.nth(at).locator(".main").click();
  for (const action of await rows.locator(".action").all()) await action.click();
  expect(await page.evaluate(() => (window as never as { harmed?: number }).harmed)).toBeUndefined();
  expect(page.url()).toContain("/host/?");
});

test("only addresses that lead somewhere become links", async () => {
  const good = [
    "/a/b?c#d",
    "https://example.com/",
    "http://example.com/",
    "mailto:a@example.com",
    "relative/x",
  ];
  for (const link of good) on.log.add({ title: link, link });
  const { button, rows } = await on.open();
  await button.click();
  await rows.first().waitFor();
  const hrefs = await rows
    .locator("a.main")
    .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
  const { url } = on.server;
  expect(hrefs.reverse()).toEqual([`${url}/a/b?c#d`, good[1], good[2], good[3], `${url}/host/relative/x`]);
});

test.each(["light", "dark"] as const)(
  "axe finds nothing wrong: %s",
  { timeout: 60_000 },
  async (colorScheme) => {
    const host = await on.open({ theme: "auto" }, { colorScheme });
    const { page, button, panel, rows } = host;
    await button.click();
    await panel.getByText("You’re all caught up").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    const events = [
      "session.escalated",
      "session.high_priority",
      "proposal.pending",
      "proposal.approved",
      null,
    ];
    for (const [at, event] of [...events, "comment.created", "invoice.ready"].entries()) {
      const actions = [{ id: "x", label: "Open it", url: "/x" }];
      const item = on.log.add({
        title: `Title ${at}`,
        body: "Body text",
        event,
        link: at % 2 ? "/y" : null,
        actions,
      });
      if (at % 3 === 0) on.log.set(item.id, "read");
    }
    await button.locator(".badge").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await button.click();
    await rows.first().waitFor();
    await rows.first().hover();
    expect(await axeViolations(page)).toEqual([]);
    await rows.first().locator(".dismiss").click();
    await panel.locator(".toast").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.context().setOffline(true);
    await panel.locator(".notice").waitFor();
    expect(await axeViolations(page)).toEqual([]);
  },
);

test("the theme attribute wins over the page", async () => {
  const surface = async ({ button, panel }: Host) => {
    await button.click();
    await panel.waitFor();
    return panel.evaluate((element) => getComputedStyle(element).backgroundColor);
  };
  const light = await surface(await on.open({ theme: "light" }, { colorScheme: "dark" }));
  const dark = await surface(await on.open({ theme: "dark" }, { colorScheme: "light" }));
  const auto = await surface(await on.open({ theme: "auto" }, { colorScheme: "dark" }));
  expect(light).not.toBe(dark);
  expect(auto).toBe(dark);
});

test("the panel stays inside the window, on the side that has room", async () => {
  for (let at = 0; at < 30; at += 1) on.log.add({ title: `n${at}`, body: "Some body" });
  for (const [width, height] of [
    [390, 844],
    [320, 480],
    [1440, 900],
  ] as const) {
    const { button, panel, rows } = await on.open({}, { viewport: { width, height } });
    await button.click();
    await rows.first().waitFor();
    await panel.evaluate((element) =>
      Promise.all(element.getAnimations().map((animation) => animation.finished)),
    );
    const box = (await panel.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(8);
    expect(box.x + box.width).toBeLessThanOrEqual(width - 8 + 0.5);
    expect(box.y + box.height).toBeLessThanOrEqual(height);
  }
});

test("reduced motion is obeyed, forced colours keep the badge visible", async () => {
  on.log.add({ title: "one" });
  const { button, panel } = await on.open({}, { reducedMotion: "reduce", forcedColors: "active" });
  await button.locator(".badge").waitFor();
  await button.click();
  expect(await panel.evaluate((element) => getComputedStyle(element).animationName)).toBe("none");
  const badge = await button
    .locator(".badge")
    .evaluate((element) => getComputedStyle(element).borderTopWidth);
  expect(badge).toBe("1px");
});

test("words, pictures and language are the host page's to choose", async () => {
  on.log.add({ title: "Torte", event: "cake.baked" });
  on.log.add({ title: "Anderes", event: "other.thing" });
  const { page, button, panel, rows } = await on.open();
  await page.locator("campanile-bell").evaluate((bell) => {
    Object.assign(bell, {
      labels: { notifications: "Mitteilungen", unread: { one: "{count} neu", other: "{count} neu" } },
      locale: "de",
      icons: { other: { icon: "check", tone: "success" } },
    });
  });
  await eventually(
    () => button.getAttribute("aria-label"),
    (label) => expect(label).toBe("Mitteilungen, 2 neu"),
  );
  await button.click();
  await rows.first().waitFor();
  expect(await panel.locator("h2").textContent()).toBe("Mitteilungen");
  expect(await rows.nth(1).locator(".cake").textContent()).toBe("C");
  expect(await rows.nth(0).locator(".icon").getAttribute("class")).toContain("success");
  expect(await rows.nth(0).locator("time").textContent()).toBe("jetzt");
});
