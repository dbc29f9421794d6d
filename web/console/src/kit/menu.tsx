import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import Check from "lucide-react/icons/check";

export interface Item {
  label: ReactNode;
  icon?: ReactNode;
  chosen?: boolean;
  hint?: ReactNode;
  onChoose: () => void;
}

interface Props {
  label: string;
  button: ReactNode;
  className?: string;
  /** Groups are parted by a line. */
  groups: Item[][];
  up?: boolean;
  end?: boolean;
}

/** A button with a list of things to do under it. */
export function Menu({ label, button, className = "", groups, up, end }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const items = () => [...(host.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  useEffect(() => {
    if (!open) return;
    const all = items();
    (all.find((item) => item.ariaChecked === "true") ?? all[0])?.focus();
    const away = (event: PointerEvent) => {
      if (!host.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);

  const leave = () => {
    setOpen(false);
    host.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (!open) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
    } else if (event.key === "Tab") setOpen(false);
    else if (event.key in to) {
      event.preventDefault();
      all[to[event.key]!]?.focus();
    }
  };
  return (
    <div className="menu-host" ref={host} onKeyDown={press}>
      <button
        type="button"
        className={`menu-button ${className}`}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <span className="hidden">{label}: </span>
        {button}
      </button>
      {open ? (
        <div id={id} role="menu" aria-label={label} className={`menu ${up ? "up" : ""} ${end ? "end" : ""}`}>
          {groups.map((group, index) => (
            <div role="group" key={index}>
              {group.map((item, place) => (
                <button
                  key={place}
                  type="button"
                  role={item.chosen === undefined ? "menuitem" : "menuitemradio"}
                  aria-checked={item.chosen}
                  tabIndex={-1}
                  onClick={() => {
                    leave();
                    item.onChoose();
                  }}
                >
                  {item.icon}
                  <span className="cut">{item.label}</span>
                  {item.hint ? <span className="menu-hint">{item.hint}</span> : null}
                  {item.chosen ? <Check aria-hidden className="push" /> : null}
                </button>
              ))}
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}
