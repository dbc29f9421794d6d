// Tabs over one panel: one of them is reached by Tab, the arrow keys choose another.

import { html, nothing, type TemplateResult } from "lit";

export interface Tab {
  name: string;
  label: string;
  count?: number;
}

export interface Tabs {
  label: string;
  tabs: readonly Tab[];
  current: string;
  /** The id of the panel they change. */
  controls: string;
  choose(name: string): void;
}

export function tabsTemplate(view: Tabs): TemplateResult {
  const { tabs, current, controls, label, choose } = view;
  return html`<div
    class="tabs"
    part="tabs"
    role="tablist"
    aria-label=${label}
    @keydown=${(event: KeyboardEvent) => moved(event, view)}
  >
    ${tabs.map(({ name, label, count }) => {
      const chosen = name === current;
      return html`<button
        id="tab-${name}"
        part=${chosen ? "tab tab-current" : "tab"}
        class="tab"
        type="button"
        role="tab"
        aria-selected=${chosen ? "true" : "false"}
        aria-controls=${controls}
        tabindex=${chosen ? 0 : -1}
        @click=${() => choose(name)}
      >
        ${label}${count ? html`<span class="count">${count > 99 ? "99+" : count}</span>` : nothing}
      </button>`;
    })}
  </div>`;
}

function moved(event: KeyboardEvent, { tabs, current, choose }: Tabs): void {
  const list = event.currentTarget as HTMLElement;
  const forth = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forth === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
  const at = tabs.findIndex(({ name }) => name === current);
  const to = { [forth]: at + 1, [back]: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  const tab = to === undefined ? undefined : tabs.at(to % tabs.length);
  if (!tab) return;
  event.preventDefault();
  event.stopPropagation();
  choose(tab.name);
  list.querySelector<HTMLElement>(`#tab-${tab.name}`)?.focus();
}
