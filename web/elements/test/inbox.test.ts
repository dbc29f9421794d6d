import { expect, test } from "vitest";
import { eventually, stage, type Shown } from "./support.js";

const on = stage();

const rows = ({ element }: Shown) => element.locator("li[data-id]");
const titles = (shown: Shown) => rows(shown).locator(".main > span:last-child").allTextContents();
const has = (shown: Shown, name: string) =>
  eventually(
    () => shown.focused(),
    (now) => expect(now).toContain(name),
  );
const lists = (shown: Shown, ...wanted: string[]) =>
  eventually(
    () => titles(shown),
    (now) => expect(now).toEqual(wanted),
  );
const status = (id: string, wanted: string) =>
  eventually(
    () => on.log.rows.get(id)?.status,
    (now) => expect(now).toBe(wanted),
  );

test("all, unread and archived, live", async () => {
  const old = on.log.add({ title: "old" });
  on.log.set(old.id, "read");
  const gone = on.log.add({ title: "gone" });
  on.log.set(gone.id, "dismissed");
  on.log.add({ title: "new" });
  const shown = await on.show("inbox");
  const { element, heard } = shown;
  await lists(shown, "new", "old");
  await element.getByRole("tab", { name: "Unread" }).click();
  await lists(shown, "new");
  on.log.add({ title: "newer" });
  await lists(shown, "newer", "new");
  await element.getByRole("tab", { name: "Archived" }).click();
  await lists(shown, "gone");
  on.log.set(old.id, "dismissed");
  await lists(shown, "gone", "old");
  await rows(shown).first().getByRole("button", { name: "Restore “gone”" }).click();
  await lists(shown, "old");
  await status(gone.id, "read");
  expect(await heard("tab")).toEqual([{ tab: "unread" }, { tab: "archived" }]);
  await eventually(
    () => on.log.counters().unseen,
    (unseen) => expect(unseen).toBe(0),
  );
});

test("what is read in the unread tab stays until the tab is left", async () => {
  for (const title of ["one", "two"]) on.log.add({ title });
  const shown = await on.show("inbox");
  await shown.element.getByRole("tab", { name: "Unread" }).click();
  await rows(shown).first().hover();
  await rows(shown).first().getByRole("button", { name: "Mark “two” as read" }).click();
  await eventually(
    () => rows(shown).first().locator(".dot").count(),
    (dots) => expect(dots).toBe(0),
  );
  await lists(shown, "two", "one");
  await shown.element.getByRole("tab", { name: "All" }).click();
  await shown.element.getByRole("tab", { name: "Unread" }).click();
  await lists(shown, "one");
  await rows(shown).first().locator(".main").click();
  await eventually(
    () => shown.element.getByRole("tab", { name: "Unread" }).locator(".count").count(),
    (count) => expect(count).toBe(0),
  );
});

test("keyboard alone: tabs, j and k, Enter, e, Ctrl+Z, u", async () => {
  for (const title of ["one", "two", "three"]) on.log.add({ title, link: "/page/?x" });
  const shown = await on.show("inbox");
  const { element, press, heard } = shown;
  await lists(shown, "three", "two", "one");
  await element.getByRole("tab", { name: "All" }).focus();
  await press("j");
  await press("Tab");
  await has(shown, "three");
  await press("j");
  await has(shown, "two");
  await press("j", "j");
  await has(shown, "one");
  await press("k");
  await has(shown, "two");
  await press("e");
  await lists(shown, "three", "one");
  await has(shown, "one");
  await press("Control+z");
  await lists(shown, "three", "two", "one");
  await has(shown, "two");
  await press("Enter");
  await eventually(
    () => heard("navigate"),
    (all) => expect(all).toHaveLength(1),
  );
  const two = [...on.log.rows.values()].find(({ title }) => title === "two")!;
  await status(two.id, "clicked");
  await press("u");
  await status(two.id, "unread");
  await press("Home", "e");
  await element.getByRole("tab", { name: "All" }).focus();
  await press("End");
  await has(shown, "Archived");
  await lists(shown, "three");
  await press("Tab");
  await has(shown, "three");
  await press("u");
  await lists(shown);
});

test("F31: by application, each with its own number", async () => {
  on.log.add({ title: "of belfry" });
  on.log.add({ title: "of crm", app: { id: "app_1", uid: "crm", name: "CRM" } });
  const shown = await on.show("inbox");
  const { element } = shown;
  await lists(shown, "of crm", "of belfry");
  await element.getByLabel("Filter by application").selectOption({ label: "CRM" });
  await lists(shown, "of crm");
  await eventually(
    () => element.getByRole("tab", { name: "Unread" }).textContent(),
    (text) => expect(text?.replace(/\s/g, "")).toBe("Unread1"),
  );
  await element.getByRole("button", { name: "Mark all as read" }).click();
  await eventually(
    () => on.log.counters().unread,
    (unread) => expect(unread).toBe(1),
  );
  await element.getByLabel("Filter by application").selectOption("");
  await lists(shown, "of belfry", "of crm");
});

test("scrolling loads the rest, in the archive as well", async () => {
  for (let at = 0; at < 45; at += 1) on.log.set(on.log.add({ title: `d${at}` }).id, "dismissed");
  for (let at = 0; at < 65; at += 1) on.log.add({ title: `n${at}` });
  const shown = await on.show("inbox");
  const all = async (count: number) => {
    await rows(shown).first().waitFor();
    await eventually(
      async () => {
        await shown.page.mouse.wheel(0, 4_000);
        return rows(shown).count();
      },
      (now) => expect(now).toBe(count),
    );
  };
  await all(65);
  await shown.element.getByRole("tab", { name: "Archived" }).click();
  await all(45);
});

test("a failed page of the archive asks before it tries again", async () => {
  on.log.set(on.log.add({ title: "gone" }).id, "dismissed");
  const shown = await on.show("inbox");
  const { element } = shown;
  await element.getByText("You’re all caught up").waitFor();
  on.server.faults.refuse = () => 400;
  await element.getByRole("tab", { name: "Archived" }).click();
  await element.getByText("Notifications didn’t load").waitFor();
  on.server.faults.refuse = () => null;
  await element.getByRole("button", { name: "Try again" }).click();
  await lists(shown, "gone");
});

test("signed out, another user, forbidden", async () => {
  on.log.add({ title: "for ada" });
  on.server.feed("bob").add({ title: "for bob" });
  const shown = await on.show("inbox");
  const { page, element, signIn } = shown;
  await lists(shown, "for ada");
  await page.evaluate(() => {
    (window as never as { element: { token: null } }).element.token = null;
  });
  await element.getByText("You’re signed out").waitFor();
  expect(await rows(shown).count()).toBe(0);
  await signIn("bob");
  await lists(shown, "for bob");
  on.server.faults.refuse = () => 403;
  const second = await on.show("inbox");
  await second.element.getByText("This isn’t yours to see").waitFor();
});
