import "@campanile/elements/bell";
import { actionButtons } from "./actions.js";
import { api, type Config } from "./api.js";
import { byId, h } from "../../page/dom.js";
import { watchPanels } from "./panels.js";
import "../../page/base.css";
import "./page.css";
import "./panels.css";
import { commandBlocks } from "./terminal.js";
import { themeToggle } from "../../page/theme.js";

themeToggle(byId<HTMLButtonElement>("theme"));
start().catch((error: unknown) => {
  const problem = byId("problem");
  problem.textContent = `The demo could not start: ${error instanceof Error ? error.message : String(error)}`;
  problem.hidden = false;
});

async function start(): Promise<void> {
  const config = await api.config();
  const user = chooseUser(config);
  const look = watchPanels(byId("received"), byId("deliveries"));
  byId("actions").replaceChildren(...actionButtons(() => user, look));
  byId("commands").replaceChildren(...commandBlocks(config.commands));
  byId<HTMLAnchorElement>("second").href = address(user);

  const bell = byId<HTMLElementTagNameMap["campanile-bell"]>("the-bell");
  // The page is served by the server it talks to, under whatever name it was opened.
  bell.url = location.origin;
  bell.token = () => api.token(user);
  // The product's pages behind the links do not exist: stay here.
  bell.addEventListener("campanile-navigate", (event) => event.preventDefault());
}

/** Who looks at this page: the address says so, that a second tab may be somebody else. */
function chooseUser(config: Config): string {
  const users = config.users.map((user) => (typeof user === "string" ? { id: user, name: user } : user));
  const asked = new URLSearchParams(location.search).get("user");
  const user = users.some(({ id }) => id === asked) ? String(asked) : config.user;
  const select = byId<HTMLSelectElement>("user");
  select.replaceChildren(
    ...users.map(({ id, name }) => h("option", { value: id, selected: id === user }, name ?? id)),
  );
  select.addEventListener("change", () => location.assign(address(select.value)));
  return user;
}

function address(user: string): string {
  const url = new URL(location.href);
  url.searchParams.set("user", user);
  return url.href;
}
