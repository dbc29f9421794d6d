// "/" goes to the search, Escape empties it, the arrows go from one operation to the next.

export function keys(input: HTMLInputElement): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (event.key === "/" && !(at instanceof HTMLInputElement)) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if (event.key === "Escape" && at === input) {
      input.value = "";
      input.dispatchEvent(new Event("input"));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      move(event, at === input, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && at === input) {
      const first = summaries()[0];
      first?.focus();
      if (first?.parentElement instanceof HTMLDetailsElement) first.parentElement.open = true;
    }
  });
}

function summaries(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("details.operation:not([hidden]) > summary")];
}

function move(event: KeyboardEvent, fromSearch: boolean, by: number): void {
  const all = summaries();
  const now = all.indexOf(document.activeElement as HTMLElement);
  if (now < 0 && !(fromSearch && by > 0)) return;
  event.preventDefault();
  const next = all[now < 0 ? 0 : now + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
