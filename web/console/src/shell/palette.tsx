import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "@tanstack/react-router";
import ArrowRight from "lucide-react/icons/arrow-right";
import BookText from "lucide-react/icons/book-text";
import Keyboard from "lucide-react/icons/keyboard";
import Layers from "lucide-react/icons/layers";
import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Plus from "lucide-react/icons/plus";
import Search from "lucide-react/icons/search";
import Sun from "lucide-react/icons/sun";
import { chooseEnvironment, useHere } from "../api/session.js";
import { Dialog } from "../kit/dialog.js";
import { focusPage } from "./keys.js";
import { placesFor } from "./places.js";
import { setTheme } from "./theme.js";

interface Command {
  id: string;
  label: string;
  also?: string;
  icon: ReactNode;
  hint?: string;
  run: () => void;
}

/** Where an id leads, by its prefix. */
const IDS: Array<[RegExp, string, (id: string) => string]> = [
  [/^evt_\w+$/, "event", (id) => `/events/${id}`],
  [/^dlv_\w+$/, "delivery", (id) => `/deliveries?delivery=${id}`],
  [/^app_\w+$/, "application", (id) => `/applications/${id}`],
];

export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const navigate = useNavigate();
  const { session, environment, role } = useHere();
  const all = useMemo<Command[]>(() => {
    const go = (to: string) => () => void navigate({ to }).then(focusPage);
    return [
      ...placesFor(role).flatMap((group) =>
        group.places.map(({ to, label, icon, key, also }) => ({
          id: to,
          label,
          icon,
          hint: `g ${key}`,
          also: also ?? "",
          run: go(to),
        })),
      ),
      {
        id: "new-workflow",
        label: "Declare a workflow",
        icon: <Plus aria-hidden />,
        run: go("/workflows/new-workflow/edit?new=1"),
      },
      {
        id: "docs",
        label: "API reference",
        icon: <BookText aria-hidden />,
        also: "docs openapi",
        run: () => location.assign("/api/v1/docs"),
      },
      { id: "light", label: "Theme: light", icon: <Sun aria-hidden />, run: () => setTheme("light") },
      { id: "dark", label: "Theme: dark", icon: <Moon aria-hidden />, run: () => setTheme("dark") },
      {
        id: "auto",
        label: "Theme: as the system has it",
        icon: <Monitor aria-hidden />,
        run: () => setTheme("auto"),
      },
      { id: "help", label: "Keyboard shortcuts", icon: <Keyboard aria-hidden />, hint: "?", run: onHelp },
      ...session.environments
        .filter(({ id }) => id !== environment.id)
        .map(({ id, name }) => ({
          id,
          label: `Environment: ${name}`,
          icon: <Layers aria-hidden />,
          run: () => {
            chooseEnvironment(id);
            void navigate({ to: "/" });
          },
        })),
    ];
  }, [navigate, role, session, environment, onHelp]);

  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter(({ label, also }) =>
      words.every((word) => `${label} ${also ?? ""}`.toLowerCase().includes(word)),
    );
    const named = direct(text.trim(), (to) => void navigate({ to }).then(focusPage));
    // What is certainly an id comes first; what may be one, after what is known by that name.
    return named.length === 1 ? [...named, ...found] : [...found, ...named];
  }, [text, all, navigate]);

  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      const next = (at + step + shown.length) % Math.max(1, shown.length);
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(shown[at]);
    }
  };
  const choose = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  return (
    <Dialog title="" bare="Search or jump to" className="palette" onClose={onClose}>
      <div className="palette-field">
        <Search aria-hidden />
        <input
          autoFocus
          value={text}
          placeholder="A page, an id, a user…"
          role="combobox"
          aria-label="Search or jump to"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={shown[at] ? `palette-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id="palette-list" role="listbox" aria-label="What was found" ref={list}>
        {shown.map((command, index) => (
          <li
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(command)}
          >
            {command.icon}
            <span className="cut">{command.label}</span>
            {command.hint ? <kbd className="push">{command.hint}</kbd> : null}
          </li>
        ))}
      </ul>
      {shown.length === 0 ? <p className="palette-none muted">Nothing is called “{text}”.</p> : null}
    </Dialog>
  );
}

/** What was typed may itself be the name of something. */
function direct(text: string, go: (to: string) => void): Command[] {
  if (!text || /\s/.test(text)) return [];
  const icon = <ArrowRight aria-hidden />;
  const byId = IDS.find(([form]) => form.test(text));
  if (byId) return [{ id: "direct", label: `Open ${byId[1]} ${text}`, icon, run: () => go(byId[2](text)) }];
  const at = encodeURIComponent(text);
  return [
    { id: "direct-user", label: `Open user ${text}`, icon, run: () => go(`/users/${at}`) },
    { id: "direct-tenant", label: `Open tenant ${text}`, icon, run: () => go(`/tenants/${at}`) },
  ];
}
