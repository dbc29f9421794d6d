// The document's sentences: paragraphs, and `code` in them. Nothing else of Markdown is used there.

import { h } from "../../page/dom.js";

export function inline(text: string): Array<Node | string> {
  return text.split(/`([^`]*)`/).map((part, at) => (at % 2 === 1 ? h("code", {}, part) : part));
}

export function paragraphs(text: string | undefined): HTMLElement[] {
  return (text ?? "")
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => h("p", {}, ...inline(part)));
}
