// The buttons that make something happen.

import { api, type Kind } from "./api.js";
import { glyph, h } from "../../page/dom.js";

interface Happening {
  kind: Kind;
  title: string;
  text: string;
  path: string;
}

const HAPPENINGS: Happening[] = [
  {
    kind: "comment",
    title: "A teammate comments",
    text: "Mara, on the launch plan",
    path: "M20.5 11.7a8 8 0 0 1-8.2 7.8 8.5 8.5 0 0 1-3.6-.8L4 20l1.4-4a7.5 7.5 0 0 1-1.2-4.2A8 8 0 0 1 12.3 4a8 8 0 0 1 8.2 7.7Z",
  },
  {
    kind: "deploy",
    title: "A deploy goes out",
    text: "web ships to production",
    path: "M12 2.8c3 2.2 4.5 5.4 4.5 8.7L15 16H9l-1.5-4.5c0-3.3 1.5-6.5 4.5-8.7ZM7.6 11 4.8 14.5v4l4.2-2.5M16.4 11l2.8 3.5v4L15 16M12 19v2.5M12 9.5v.01",
  },
  {
    kind: "incident",
    title: "An incident opens",
    text: "Checkout answers slowly",
    path: "M12 4 2.9 19.2a.6.6 0 0 0 .5.9h17.2a.6.6 0 0 0 .5-.9L12 4ZM12 10v4.2M12 17.2v.01",
  },
  {
    kind: "invoice",
    title: "An invoice arrives",
    text: "The monthly bill is ready",
    path: "M6 3.5h12v17l-2.4-1.5-2.4 1.5-2.4-1.5-2.4 1.5L6 19V3.5ZM9 8h6M9 12h6",
  },
];

export function actionButtons(user: () => string, published: () => void): HTMLElement[] {
  return HAPPENINGS.map((happening) => {
    const result = h("code", { "aria-live": "polite" });
    const button = h(
      "button",
      { type: "button", class: `happening ${happening.kind}`, "data-kind": happening.kind },
      h("span", { class: "picture" }, glyph(happening.path)),
      h("span", { class: "words" }, h("strong", {}, happening.title), h("small", {}, happening.text)),
      result,
    );
    button.addEventListener("click", () => void press(happening.kind, user(), result, published));
    return button;
  });
}

async function press(kind: Kind, user: string, result: HTMLElement, published: () => void): Promise<void> {
  result.className = "busy";
  result.textContent = "publishing…";
  try {
    const { event_id } = await api.publish(kind, user);
    result.className = "done";
    result.textContent = shortId(event_id);
    result.title = event_id;
  } catch (error) {
    result.className = "failed";
    result.textContent = error instanceof Error ? error.message : "It did not work";
  }
  published();
}

/** The end of an id is what differs between two made in the same second. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 4)}…${id.slice(-6)}` : id;
}
