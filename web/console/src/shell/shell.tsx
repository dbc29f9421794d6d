import { Suspense, lazy, useCallback, useEffect, useState } from "react";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import ChevronsUpDown from "lucide-react/icons/chevrons-up-down";
import CircleHelp from "lucide-react/icons/circle-question-mark";
import CloudOff from "lucide-react/icons/cloud-off";
import Eye from "lucide-react/icons/eye";
import LogOut from "lucide-react/icons/log-out";
import MenuIcon from "lucide-react/icons/menu";
import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Search from "lucide-react/icons/search";
import Sun from "lucide-react/icons/sun";
import X from "lucide-react/icons/x";
import { ROLES, chooseEnvironment, signOut, useEnvironmentId, useHere } from "../api/session.js";
import { IconButton } from "../kit/button.js";
import { Menu } from "../kit/menu.js";
import { complain } from "../kit/toast.js";
import type { Problem } from "../api/client.js";
import { MODIFIER, useKeys } from "./keys.js";
import { placesFor } from "./places.js";
import { setTheme, useTheme } from "./theme.js";

const Palette = lazy(() => import("./palette.js"));
const Help = lazy(() => import("./help.js"));

/** What lies around every page: where one is, where one can go, and what holds everywhere. */
export function Shell() {
  const [open, setOpen] = useState<"palette" | "help" | "side" | null>(null);
  const { role } = useHere();
  const environment = useEnvironmentId();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const palette = useCallback(() => setOpen("palette"), []);
  const help = useCallback(() => setOpen("help"), []);
  const close = useCallback(() => setOpen(null), []);
  useKeys({ palette, help });
  useEffect(() => setOpen((now) => (now === "side" ? null : now)), [path]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <IconButton label="Open the menu" onClick={() => setOpen("side")}>
          <MenuIcon aria-hidden />
        </IconButton>
        <Link to="/" className="brand">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          Campanile
        </Link>
        <IconButton label="Search" className="push" onClick={palette}>
          <Search aria-hidden />
        </IconButton>
      </header>
      <aside className={`side ${open === "side" ? "open" : ""}`} aria-label="Console">
        <Side onSearch={palette} onHelp={help} onClose={close} />
      </aside>
      {open === "side" ? <div className="side-scrim" onClick={close} /> : null}
      <main id="main" tabIndex={-1}>
        <Offline />
        {role === "viewer" ? (
          <p className="banner">
            <Eye aria-hidden /> You are a viewer here: you can look at everything and change nothing.
          </p>
        ) : null}
        <Outlet key={environment} />
      </main>
      <Suspense>
        {open === "palette" ? <Palette onClose={close} onHelp={help} /> : null}
        {open === "help" ? <Help onClose={close} /> : null}
      </Suspense>
    </div>
  );
}

function Side({
  onSearch,
  onHelp,
  onClose,
}: {
  onSearch: () => void;
  onHelp: () => void;
  onClose: () => void;
}) {
  const { session, environment, role } = useHere();
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const choose = (id: string) => {
    chooseEnvironment(id);
    // What is open may not exist there; its list does.
    void navigate({ to: `/${path.split("/")[1] ?? ""}` });
  };
  return (
    <>
      <div className="side-head">
        <Menu
          label="Environment"
          className="environment"
          button={
            <>
              <img src="/favicon.svg" alt="" width="22" height="22" />
              <span className="environment-name">
                <strong className="cut">{environment.name}</strong>
                <span className="muted cut">{ROLES[role]}</span>
              </span>
              <ChevronsUpDown aria-hidden />
            </>
          }
          groups={[
            session.environments.map(({ id, name, role: own }) => ({
              label: name,
              hint: ROLES[own],
              chosen: id === environment.id,
              onChoose: () => choose(id),
            })),
          ]}
        />
        <IconButton label="Close the menu" className="side-close" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      <button type="button" className="side-search" onClick={onSearch} aria-keyshortcuts="Control+K Meta+K">
        <Search aria-hidden />
        Search
        <kbd>{MODIFIER} K</kbd>
      </button>
      <nav className="places" aria-label="Pages">
        {placesFor(role).map(({ title, places }) => (
          <div key={title} role="group" aria-label={title}>
            <p aria-hidden>{title}</p>
            {places.map(({ to, label, icon }) => (
              <Link
                key={to}
                to={to}
                search={{}}
                activeOptions={{ exact: to === "/" || to === "/settings", includeSearch: false }}
              >
                {icon}
                {label}
              </Link>
            ))}
          </div>
        ))}
      </nav>
      <Foot onHelp={onHelp} />
    </>
  );
}

function Foot({ onHelp }: { onHelp: () => void }) {
  const { session } = useHere();
  const theme = useTheme();
  const navigate = useNavigate();
  const who = session.account.name ?? session.account.email;
  const leave = () => {
    signOut().then(
      () => navigate({ to: "/login" }),
      (problem: Problem) => complain(problem),
    );
  };
  return (
    <div className="side-foot">
      <Menu
        up
        label="Account"
        className="account"
        button={
          <>
            <span className="avatar" aria-hidden>
              {who.slice(0, 1).toUpperCase()}
            </span>
            <span className="cut">{who}</span>
          </>
        }
        groups={[
          [
            {
              label: "As the system has it",
              icon: <Monitor aria-hidden />,
              chosen: theme === "auto",
              onChoose: () => setTheme("auto"),
            },
            {
              label: "Light",
              icon: <Sun aria-hidden />,
              chosen: theme === "light",
              onChoose: () => setTheme("light"),
            },
            {
              label: "Dark",
              icon: <Moon aria-hidden />,
              chosen: theme === "dark",
              onChoose: () => setTheme("dark"),
            },
          ],
          [{ label: "Sign out", icon: <LogOut aria-hidden />, hint: session.account.email, onChoose: leave }],
        ]}
      />
      <IconButton label="Keyboard shortcuts" onClick={onHelp}>
        <CircleHelp aria-hidden />
      </IconButton>
    </div>
  );
}

function Offline() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return (
    <div role="status">
      {online ? null : (
        <p className="banner wait">
          <CloudOff aria-hidden /> You are offline. What you see was read before; nothing can be changed until
          you are back.
        </p>
      )}
    </div>
  );
}
