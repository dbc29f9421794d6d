// The states worth a picture.

import type { Page } from "playwright-core";
import type { FakeServer } from "./fake-server.js";

export interface Scene {
  name: string;
  element: string;
  query?: Record<string, string>;
  /** With nothing on the server. */
  bare?: boolean;
  signedOut?: boolean;
  /** Only what the window shows: dialogs and toasts belong to it. */
  window?: boolean;
  prepare?(server: FakeServer): void;
  act?(page: Page, server: FakeServer): Promise<void>;
}

const press = (name: string) => async (page: Page) => page.getByRole("button", { name }).first().click();

export const SCENES: Scene[] = [
  {
    name: "bell-open",
    element: "bell",
    window: true,
    act: async (page) => page.locator("campanile-bell #bell").click(),
  },
  { name: "inbox", element: "inbox" },
  {
    name: "inbox-archived",
    element: "inbox",
    act: async (page) => page.getByRole("tab", { name: "Archived" }).click(),
  },
  { name: "inbox-empty", element: "inbox", bare: true },
  {
    name: "inbox-dismissed",
    element: "inbox",
    window: true,
    act: async (page) => {
      const row = page.locator("campanile-inbox li").first();
      await row.hover();
      await row.locator(".dismiss").click();
    },
  },
  { name: "preferences", element: "preferences" },
  {
    name: "preferences-loading",
    element: "preferences",
    prepare: (server) => (server.faults.latency = (path) => (path.startsWith("/api/") ? 3_000 : 0)),
  },
  { name: "channels", element: "channels" },
  { name: "channels-readonly", element: "channels", query: { readonly: "" } },
  { name: "channels-empty", element: "channels", bare: true },
  { name: "channels-menu", element: "channels", window: true, act: press("Add channel") },
  {
    name: "channels-form",
    element: "channels",
    act: async (page) => {
      await press("Add channel")(page);
      await page.getByRole("menuitem", { name: "Email" }).click();
      await page.getByLabel("Email addresses").fill("nobody");
      await page.locator("form").getByRole("button", { name: "Add channel" }).click();
      await page.locator(".fault").waitFor();
    },
  },
  { name: "channels-delete", element: "channels", window: true, act: press("Delete Email") },
  {
    name: "channels-test",
    element: "channels",
    window: true,
    prepare: (server) => (server.configs.tested = { success: false, message: "Email delivery failed" }),
    act: press("Send test"),
  },
  { name: "channels-error", element: "channels", prepare: (server) => (server.faults.refuse = () => 400) },
  {
    name: "channels-forbidden",
    element: "channels",
    prepare: (server) => (server.faults.refuse = () => 403),
  },
  { name: "webhooks", element: "webhooks" },
  { name: "webhooks-empty", element: "webhooks", bare: true },
  {
    name: "webhooks-endpoint",
    element: "webhooks",
    act: async (page) => page.getByRole("button", { name: "https://api.acme" }).click(),
  },
  {
    name: "webhooks-menu",
    element: "webhooks",
    window: true,
    act: async (page) => {
      await page.getByRole("button", { name: "https://api.acme" }).click();
      await page.getByRole("button", { name: "More actions" }).click();
    },
  },
  {
    name: "webhooks-disabled",
    element: "webhooks",
    act: async (page) => page.getByRole("button", { name: "https://old.acme" }).click(),
  },
  {
    name: "webhooks-delivery",
    element: "webhooks",
    act: async (page) => {
      await page.getByRole("button", { name: "https://api.acme" }).click();
      await page.getByRole("button", { name: "sync.completed" }).first().click();
      await page.locator(".attempt").first().waitFor();
    },
  },
  {
    name: "webhooks-form",
    element: "webhooks",
    act: async (page) => {
      await page.getByRole("button", { name: "Add endpoint" }).click();
      await page.getByLabel("Endpoint URL").fill("ftp://nope");
      await page.getByLabel("Only these").check();
      await page.getByLabel("source.connected").check();
      await page.locator("form").getByRole("button", { name: "Add endpoint" }).click();
      await page.locator(".fault").waitFor();
    },
  },
  {
    name: "webhooks-secret",
    element: "webhooks",
    window: true,
    act: async (page) => {
      await page.getByRole("button", { name: "Add endpoint" }).click();
      await page.getByLabel("Endpoint URL").fill("https://shop.acme.example/hooks");
      await page.locator("form").getByRole("button", { name: "Add endpoint" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "webhooks-recover",
    element: "webhooks",
    window: true,
    act: async (page) => {
      await page.getByRole("button", { name: "https://api.acme" }).click();
      await page.getByRole("button", { name: "Recover what was missed" }).click();
    },
  },
  {
    name: "webhooks-catalogue",
    element: "webhooks",
    act: async (page) => {
      await page.getByRole("tab", { name: "Event catalogue" }).click();
      await page.getByRole("button", { name: "observation.created" }).click();
    },
  },
  {
    name: "webhooks-readonly",
    element: "webhooks",
    query: { readonly: "" },
    act: async (page) => page.getByRole("button", { name: "https://api.acme" }).click(),
  },
];
