import { expect, test } from "vitest";
import { focused, stage, stands } from "./support.js";

const all = stage();

test("a workflow is drawn with its conditions and its ways", async () => {
  const page = await all.open("/workflows");
  await stands(page, "Workflows");
  await page.getByRole("link", { name: "Proposal to review" }).click();
  await stands(page, "Proposal to review");
  await page.getByText("if data.status = pending").waitFor();
  expect(await page.getByRole("list", { name: "Ways of how" }).getByRole("listitem").count()).toBeGreaterThan(
    3,
  );
  await page.getByText("lets 20 go on per 1h").waitFor();
  await page.getByText("if found.answer.happened = false").first().waitFor();
});

test("what is wrong is marked at its line; put right, it is saved as a new version", async () => {
  const page = await all.open("/workflows/session-escalated/edit");
  await stands(page, "session-escalated");
  const field = page.getByRole("textbox", { name: "The workflow session-escalated as YAML" });
  const right = await field.inputValue();
  const line = right.split("\n").findIndex((text) => text.includes("  email:")) + 1;
  await field.fill(right.replace("  email:", "  carrier_pigeon:"));
  await page.getByRole("button", { name: "Save" }).click();
  await page
    .getByRole("button", {
      name: `Line ${line} \`carrier_pigeon\` is not known here /steps/1/carrier_pigeon`,
    })
    .click();
  const chosen = await field.evaluate((element: HTMLTextAreaElement) =>
    element.value.slice(element.selectionStart, element.selectionEnd),
  );
  expect(chosen).toContain("carrier_pigeon");
  await field.fill(`${right}\n  broken: [`);
  expect(await page.getByRole("button", { name: "Save" }).getAttribute("aria-disabled")).toBe("true");
  await field.fill(right.replace("members_only: true\n", ""));
  await page.keyboard.press("Control+s");
  await page.getByText("Saved as version 4.").waitFor();
  await page.getByRole("link", { name: "Versions" }).click();
  await page.getByText("0 lines new, 1 gone").waitFor();
  await page.getByRole("group", { name: "Difference" }).getByText("members_only: true").waitFor();
});

test("JSON and YAML say the same; leaving without saving is asked about", async () => {
  const page = await all.open("/workflows/observation-captured/edit");
  await stands(page, "observation-captured");
  await page.getByRole("radio", { name: "JSON" }).check({ force: true });
  const field = page.getByRole("textbox", { name: /as JSON/ });
  const document = JSON.parse(await field.inputValue()) as { steps: unknown[] };
  expect(document.steps).toHaveLength(3);
  await page.getByText("Version 4").first().waitFor();
  await field.fill(JSON.stringify({ ...document, name: "Other" }));
  await page.getByText("Not saved").waitFor();
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.message());
    void dialog.dismiss();
  });
  await page.getByRole("link", { name: "Versions" }).click();
  await expect.poll(() => asked.length).toBe(1);
  expect(page.url()).toContain("/edit");
});

test("by keyboard alone: declared, tried with a turned clock, saved", async () => {
  const page = await all.open("/workflows");
  await stands(page, "Workflows");
  await page.getByRole("button", { name: "Declare a workflow" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("order-shipped");
  await page.keyboard.press("Enter");
  await stands(page, "order-shipped");
  const field = page.getByRole("textbox", { name: /The workflow order-shipped/ });
  await field.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(
    'events:\n  - type: session.escalated\nsteps:\n  - name: bell\n    in_app:\n      title: "{{ data.session_id }} is on its way"\n  - name: wait\n    delay:\n      for: 1d\n  - name: mail\n    email:\n      subject: "{{ data.session_id }} was a day ago"\n      text: "Hello {{ recipient.name }}"\n',
  );
  // Tab leads out of the text: it is a field, not a trap.
  await page.keyboard.press("Tab");
  expect(await focused(page)).not.toMatch(/The workflow/);
  await page.getByRole("button", { name: "Play" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("S-4800 is on its way").waitFor();
  await page.getByText("[Help desk]").waitFor({ state: "detached" });
  await page.getByRole("article", { name: /Email to ada/ }).waitFor();
  await page.getByRole("slider", { name: "Turn the clock" }).focus();
  await page.keyboard.press("Home");
  await page.getByRole("article", { name: /Email to ada/ }).waitFor({ state: "detached" });
  await page.getByText("S-4800 is on its way").waitFor();
  const played = all.server.calls.find(({ path }) => path === "/api/v1/workflows/preview")!;
  expect(played.body).toMatchObject({
    resources: [{ kind: "workflow", key: "order-shipped" }],
    users: ["ada"],
  });
  await field.focus();
  await page.keyboard.press("Control+s");
  await page.getByText("Saved as version 1.").waitFor();
  await page.waitForURL(/workflows\/order-shipped$/);
});

test("what cannot be played says why", async () => {
  const page = await all.open("/workflows/session-escalated/edit");
  await stands(page, "session-escalated");
  const field = page.getByRole("textbox", { name: /The workflow/ });
  await field.fill((await field.inputValue()).replace("{{ data.engineer_name }}", "{{ data.engineer_name"));
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("the output is not closed").waitFor();
});

test("templates: by channel, rendered as they are written, marked where they are wrong", async () => {
  const page = await all.open("/templates");
  await stands(page, "Templates");
  await page.getByRole("radio", { name: "Email" }).check({ force: true });
  await page.getByRole("link", { name: "helpdesk-mail" }).waitFor();
  expect(await page.getByRole("link", { name: "signature" }).count()).toBe(0);
  await page.getByRole("link", { name: "helpdesk-mail" }).click();
  await stands(page, "helpdesk-mail");
  await page.frameLocator("iframe.mail-frame").getByText("Here stands the mail’s own text.").waitFor();
  await page.getByRole("link", { name: "session-escalated" }).waitFor();
  const field = page.getByRole("textbox", { name: "Source of helpdesk-mail" });
  await field.fill(`${await field.inputValue()}\n{{ broken`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("the output is not closed").first().waitFor();
  await field.fill("<p>New frame</p>{{ content }}");
  await page.frameLocator("iframe.mail-frame").getByText("New frame").waitFor();
  await page.keyboard.press("Control+s");
  await page.getByText("Every workflow that names it has a new version.").waitFor();
});
