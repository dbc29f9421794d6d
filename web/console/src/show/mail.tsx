// A mail as its reader sees it, in a frame of its own in which no script runs.
//
// The frame takes over the console's security policy, which allows no styles inline, and mails are made of little
// else. So the styles are taken out of the markup before it goes in, and put back through the object model, which
// the policy leaves to scripts of the console. Nothing is loaded from elsewhere: remote images stay away.

import { useEffect, useMemo, useRef, useState } from "react";

interface TrustedPolicy {
  createHTML: (text: string) => string;
}
const factory = (
  globalThis as { trustedTypes?: { createPolicy: (name: string, rules: object) => TrustedPolicy } }
).trustedTypes;
/** The only place where text becomes markup; the frame it goes into runs nothing. */
const trusted: TrustedPolicy = factory?.createPolicy("campanile-mail", {
  createHTML: (text: string) => text,
}) ?? { createHTML: (text) => text };

const UNWANTED = "script, iframe, object, embed, link, meta[http-equiv], base, form";

const SHEET = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;

function prepare(html: string): { markup: string; sheets: string[]; hidden: number } {
  // Already parsing a style or a handler would count as a breach of the policy, so both are put out of action before.
  const sheets = [...html.matchAll(SHEET)].map((match) => match[1] ?? "");
  const inert = html
    .replace(SHEET, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'])(style|on\w+)(\s*=)/gi, "$1 data-$2$3"));
  const parsed = new DOMParser().parseFromString(trusted.createHTML(inert), "text/html");
  for (const element of parsed.querySelectorAll(UNWANTED)) element.remove();
  let hidden = 0;
  for (const image of parsed.querySelectorAll("img")) {
    if (image.getAttribute("src")?.startsWith("data:")) continue;
    const label = parsed.createElement("span");
    label.textContent = image.alt ? `[${image.alt}]` : "[image]";
    image.replaceWith(label);
    hidden += 1;
  }
  for (const element of parsed.querySelectorAll("*")) {
    for (const { name } of [...element.attributes])
      if (/^on/i.test(name) || name === "background") element.removeAttribute(name);
    element.removeAttribute("srcset");
  }
  return { markup: `<!doctype html>${parsed.documentElement.outerHTML}`, sheets, hidden };
}

export function MailFrame({ html, title, dark }: { html: string; title: string; dark: boolean }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(320);
  const { markup, sheets, hidden } = useMemo(() => prepare(html), [html]);
  useEffect(() => {
    const element = frame.current!;
    const dress = () => {
      const page = element.contentDocument;
      const view = element.contentWindow as (Window & typeof globalThis) | null;
      if (!page?.body || !view) return;
      for (const styled of page.querySelectorAll<HTMLElement>("[data-style]")) {
        styled.style.cssText = styled.dataset["style"] ?? "";
        styled.removeAttribute("data-style");
      }
      page.documentElement.style.colorScheme = dark ? "dark" : "light";
      page.adoptedStyleSheets = sheets.map((text) => {
        const sheet = new view.CSSStyleSheet();
        // The theme of the preview is chosen here, not by the system.
        sheet.replaceSync(
          text.replace(/\(\s*prefers-color-scheme:\s*(dark|light)\s*\)/g, (_, theme) =>
            (theme === "dark") === dark ? "(min-width: 0)" : "(max-width: 0)",
          ),
        );
        return sheet;
      });
      setHeight(Math.min(2_000, Math.max(120, page.documentElement.scrollHeight)));
    };
    element.addEventListener("load", dress);
    if (element.contentDocument?.readyState === "complete") dress();
    return () => element.removeEventListener("load", dress);
  }, [markup, sheets, dark]);
  return (
    <>
      <iframe
        key={dark ? "dark" : "light"}
        ref={frame}
        className="mail-frame"
        title={title}
        sandbox="allow-same-origin"
        referrerPolicy="no-referrer"
        srcDoc={trusted.createHTML(markup)}
        style={{ height }}
      />
      {hidden > 0 ? <p className="muted small">Images of other servers are not loaded here.</p> : null}
    </>
  );
}
