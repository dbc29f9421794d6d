import { useId, useRef, type KeyboardEvent, type ReactNode } from "react";
import { Link, type LinkProps } from "@tanstack/react-router";

/** Tabs that are pages of their own: links, so that each has an address. */
export function LinkTabs({ label, tabs }: { label: string; tabs: Array<LinkProps & { label: ReactNode }> }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ label: text, ...link }, index) => (
        <Link
          key={index}
          {...link}
          activeOptions={{ exact: true, includeSearch: true, ...link.activeOptions }}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}

interface TabsProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  tabs: Array<{ value: T; label: ReactNode; content: ReactNode }>;
}

/** Tabs within a page: arrows move between them, only the chosen one is drawn. */
export function Tabs<T extends string>({ label, value, onChange, tabs }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(at + step + tabs.length) % tabs.length]!;
    onChange(next.value);
    list.current?.querySelector<HTMLElement>(`[data-value="${next.value}"]`)?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            data-value={tab.value}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`} className="tab-panel">
        {tabs.find((tab) => tab.value === value)?.content}
      </div>
    </>
  );
}
