import "../../page/base.css";
import "./portal.css";
import "@campanile/elements";
import type { PortalView } from "@campanile/client";
import { byId, h } from "../../page/dom.js";
import { lookAt, readAddress, type Part } from "./address.js";
import { enter, look, type Entry } from "./entry.js";

const WORDS: Record<Part, string> = { channels: "Channels", webhooks: "Webhooks" };

const state = byId("state");

function say(text: string, ...more: Node[]): void {
  byId("head").hidden = true;
  byId("part").replaceChildren();
  state.hidden = !text;
  state.replaceChildren(text, ...more);
}

function again(label: string, href: string): HTMLAnchorElement {
  return h("a", { href }, label);
}

async function open(tenant: string | null = null): Promise<void> {
  const entry = await enter(tenant);
  const token = await entry?.token();
  if (!entry || !token) {
    return say(
      "This link has expired, or it was taken back. Open this page again from where you came. ",
      ...(window.top === window ? [again("Sign in", "/login")] : []),
    );
  }
  const view = await look(token);
  if (!view)
    return say("This link has expired, or it was taken back. Open this page again from where you came.");
  say("");
  show(entry, view, token);
}

function show(entry: Entry, view: PortalView, first: string): void {
  // The token that was looked with is the elements' first one, too.
  let next: string | null = first;
  const token = async () => {
    const now = next ?? (await entry.token());
    next = null;
    return now;
  };
  byId("head").hidden = false;
  byId("whose").textContent = view.tenant?.name ?? view.tenant?.id ?? view.app?.name ?? "Notifications";
  document.title = `Notifications · ${byId("whose").textContent}`;
  tools(entry);
  const draw = () => {
    const asked = readAddress().part;
    const part = asked && view.parts.includes(asked) ? asked : view.parts[0];
    if (part) parts(view, part, token);
  };
  window.onpopstate = draw;
  draw();
}

function parts(view: PortalView, current: Part, token: () => Promise<string | null>): void {
  const link = (part: Part) => {
    const go = (event: Event) => {
      event.preventDefault();
      lookAt(part);
      parts(view, part, token);
    };
    const attributes = {
      href: `#part=${part}`,
      click: go,
      ...(part === current && { "aria-current": "page" }),
    };
    return h("a", attributes, WORDS[part]);
  };
  byId("parts").replaceChildren(...(view.parts.length > 1 ? view.parts.map(link) : []));
  const name = `campanile-${current}` as const;
  if (byId("part").firstElementChild?.localName === name) return;
  const element = document.createElement(name);
  element.token = token;
  element.toggleAttribute("readonly", view.read_only);
  byId("part").replaceChildren(element);
}

function tools(entry: Entry): void {
  const { places, place, signOut } = entry;
  const choose = h(
    "select",
    { "aria-label": "Tenant", change: (event) => void open((event.target as HTMLSelectElement).value) },
    ...places.map(({ tenant }) => h("option", { value: tenant, selected: tenant === place?.tenant }, tenant)),
  );
  const leave = async () => {
    await signOut?.();
    location.assign("/login");
  };
  byId("tools").replaceChildren(
    ...(places.length > 1 ? [choose] : []),
    ...(signOut ? [h("button", { type: "button", click: () => void leave() }, "Sign out")] : []),
  );
}

const { theme } = readAddress();
if (theme) document.documentElement.dataset["theme"] = theme;

function start(): void {
  open().catch(() => {
    const retry = h("button", { type: "button", click: start }, "Try again");
    say("The server cannot be reached. ", retry);
  });
}
start();
