import "../../page/base.css";
import { byId, h } from "../../page/dom.js";
import { themeToggle } from "../../page/theme.js";
import { groups, type Group, type OpenApi, type Operation } from "./document.js";
import { keys } from "./keys.js";
import { methodTag, operationCard } from "./operation.js";
import { inline, paragraphs } from "./prose.js";
import "./reference.css";
import { search } from "./search.js";

themeToggle(byId<HTMLButtonElement>("theme"));
start().catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error);
  byId("content").replaceChildren(
    h("p", { class: "state", role: "alert" }, `The API’s document could not be read: ${why}`),
  );
});

async function start(): Promise<void> {
  const response = await fetch("/api/v1/openapi.json");
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const document = (await response.json()) as OpenApi;
  const all = groups(document);
  const sections = all.map((group) => section(document, group));
  const none = h("p", { class: "state", role: "status", hidden: true });
  byId("content").replaceChildren(introduction(document), none, ...sections);
  byId("contents").replaceChildren(...all.map(contents));
  search(byId<HTMLInputElement>("search"), all, none);
  keys(byId<HTMLInputElement>("search"));
  addEventListener("hashchange", reveal);
  reveal();
}

/** Opens what the address names. */
function reveal(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
  for (const link of document.querySelectorAll("nav a[aria-current]")) link.removeAttribute("aria-current");
  document.querySelector(`nav a[href="${CSS.escape(location.hash)}"]`)?.setAttribute("aria-current", "true");
}

function introduction({ info, components }: OpenApi): HTMLElement {
  const bearer = Object.values(components?.securitySchemes ?? {})[0]?.description;
  return h(
    "div",
    { class: "intro" },
    h("h1", {}, `${info.title} API`, h("small", {}, info.version)),
    ...paragraphs(info.description),
    h(
      "dl",
      {},
      h("dt", {}, "Address"),
      h("dd", {}, h("code", {}, `${location.origin}/api/v1`)),
      h("dt", {}, "Credentials"),
      h("dd", {}, h("code", {}, "Authorization: Bearer …"), h("br"), ...inline(bearer ?? "")),
      h("dt", {}, "Repeating"),
      h(
        "dd",
        {},
        ...inline(
          "A `POST` that creates takes an `Idempotency-Key`: the same key and body gives the same answer for 24 hours.",
        ),
      ),
      h("dt", {}, "Problems"),
      h(
        "dd",
        {},
        ...inline(
          "What is refused is answered as `application/problem+json` with a stable `code`, and `errors` that point into the body.",
        ),
      ),
    ),
  );
}

function slug(name: string): string {
  return `tag-${name.replace(/\W+/g, "-")}`;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function section(document: OpenApi, group: Group): HTMLElement {
  return h(
    "section",
    { id: slug(group.name), "data-group": group.name, "aria-labelledby": `${slug(group.name)}-title` },
    h("h2", { id: `${slug(group.name)}-title` }, capital(group.name)),
    ...paragraphs(group.description),
    ...group.operations.map((operation) => operationCard(document, operation, location.origin)),
  );
}

function contents(group: Group): HTMLElement {
  return h(
    "div",
    { "data-group": group.name },
    h("a", { class: "group", href: `#${slug(group.name)}` }, capital(group.name)),
    h("ul", { role: "list" }, ...group.operations.map(entry)),
  );
}

function entry(operation: Operation): HTMLElement {
  // Without what is said of the order and beside: that stands in the line itself.
  const text = (operation.summary ?? operation.path)
    .replace(/([.:]|, (newest|unread|by|as|and|with)\b).*$/s, "")
    .replaceAll("`", "");
  return h(
    "li",
    { "data-operation": operation.id },
    h("a", { href: `#${operation.id}`, title: text }, methodTag(operation.method), h("span", {}, text)),
  );
}
