// What the webhooks begin with: the endpoints, and beside them the catalogue.

import { html, nothing, type TemplateResult } from "lit";
import { boundary } from "../kit/boundary.js";
import { tabsTemplate } from "../kit/tabs.js";
import { catalogueTemplate, type CatalogueView } from "./catalogue.js";
import { addButton, listTemplate, type ListView } from "./list.js";

export interface OverviewView extends ListView, CatalogueView {
  tab: "list" | "catalogue";
  choose(tab: "list" | "catalogue"): void;
  retry(): void;
}

export function overviewTemplate(view: OverviewView): TemplateResult {
  const { words, tab, store, readonly } = view;
  const offers = tab === "list" && !readonly && store.list.value?.rows.length;
  return html`<div class="top" part="header">
      <div>
        <h2 id="title" part="title" tabindex="-1">${words.title}</h2>
        <p class="muted" part="intro">${words.intro}</p>
      </div>
      ${offers ? addButton(view) : nothing}
    </div>
    ${tabsTemplate({
      label: words.title,
      current: tab,
      controls: "panel",
      choose: (name) => view.choose(name as OverviewView["tab"]),
      tabs: [
        { name: "list", label: words.endpoints },
        { name: "catalogue", label: words.catalogue },
      ],
    })}
    <div id="panel" class="panel" role="tabpanel" aria-labelledby="tab-${tab}">
      ${tab === "list" ? endpoints(view) : catalogue(view)}
    </div>`;
}

function endpoints(view: OverviewView): TemplateResult | typeof nothing {
  const { words, store, retry } = view;
  return boundary({ resource: store.list, words, retry, show: (list) => listTemplate(list, view) });
}

function catalogue(view: OverviewView): TemplateResult | typeof nothing {
  const { words, store } = view;
  const retry = () => store.loadCatalogue();
  return boundary({
    resource: store.catalogue,
    words,
    retry,
    show: (entries) => catalogueTemplate(entries, view),
  });
}
