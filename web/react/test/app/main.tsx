// A React application that embeds every element, as a product would write it: types are part of the test.

import type { CampanileBell as BellElement } from "@campanile/elements";
import {
  CampanileBell,
  CampanileChannels,
  CampanileInbox,
  CampanilePreferences,
  CampanileWebhooks,
} from "@campanile/react";
import { StrictMode, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const token = new URLSearchParams(location.search).get("token");
const PAGES = ["inbox", "preferences", "channels", "webhooks"] as const;

function App() {
  const bell = useRef<BellElement>(null);
  const [unread, setUnread] = useState<number | null>(null);
  const [told, setTold] = useState("nothing");
  const [page, setPage] = useState<(typeof PAGES)[number]>("inbox");
  const [dark, setDark] = useState(false);
  const common = { token: () => token, locale: "en", theme: dark ? ("dark" as const) : undefined };
  return (
    <>
      <header>
        <h1>A React application</h1>
        <output id="unread">{unread}</output>
        <output id="told">{told}</output>
        <button onClick={() => bell.current?.show()}>Open the bell</button>
        <button onClick={() => setDark(!dark)}>Dark</button>
        {PAGES.map((name) => (
          <button key={name} onClick={() => setPage(name)}>
            {name}
          </button>
        ))}
        <CampanileBell
          {...common}
          ref={bell}
          className="bell"
          data-kind="the bell"
          placement="bottom-end"
          settingsHref="/settings"
          onCount={(event) => setUnread(event.detail.unread)}
          onNavigate={(event) => event.preventDefault()}
          onOpen={() => setTold("open")}
        />
      </header>
      <main>
        {page === "inbox" && <CampanileInbox {...common} onTab={({ detail }) => setTold(detail.tab)} />}
        {page === "preferences" && (
          <CampanilePreferences
            {...common}
            labels={{ title: "How to reach me" }}
            onChange={({ detail }) => setTold(JSON.stringify(detail.preferences))}
          />
        )}
        {page === "channels" && (
          <CampanileChannels {...common} readonly onTest={({ detail }) => setTold(detail.message)}>
            <p slot="empty">No channel yet, says React</p>
          </CampanileChannels>
        )}
        {page === "webhooks" && (
          <CampanileWebhooks {...common} app="me" onView={({ detail }) => setTold(detail.name)} />
        )}
      </main>
    </>
  );
}

// @ts-expect-error: a theme is one of three words.
export const wrong = <CampanileBell theme="blue" />;
// @ts-expect-error: what is told of a count has no such number.
export const alsoWrong = <CampanileInbox onCount={(event) => event.detail.nothing} />;

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
