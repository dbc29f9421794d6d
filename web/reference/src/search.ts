// Finding operations by any of their words: what is typed is looked for in path, method, summary and description.

import type { Group } from "./document.js";

export function search(input: HTMLInputElement, groups: Group[], none: HTMLElement): void {
  const texts = new Map(
    groups.flatMap((group) =>
      group.operations.map((one) => [
        one.id,
        [one.method, one.path, one.summary, one.description, group.name, one.id].join(" ").toLowerCase(),
      ]),
    ),
  );
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (id: string) => words.every((word) => texts.get(id)?.includes(word));
    let shown = 0;
    for (const card of document.querySelectorAll<HTMLElement>("details.operation")) {
      card.hidden = !found(card.id);
      if (!card.hidden) shown += 1;
    }
    for (const entry of document.querySelectorAll<HTMLElement>("li[data-operation]"))
      entry.hidden = !found(entry.dataset["operation"]!);
    for (const place of document.querySelectorAll<HTMLElement>("[data-group]")) {
      const all = [...place.querySelectorAll<HTMLElement>("details.operation, li[data-operation]")];
      place.hidden = all.every((one) => one.hidden);
    }
    document.body.classList.toggle("searching", words.length > 0);
    none.hidden = shown > 0;
    none.textContent = shown > 0 ? "" : `Nothing is called “${input.value.trim()}”.`;
  };
  input.addEventListener("input", apply);
  apply();
}
