// Keys that work everywhere, as long as nobody is typing.

import { useEffect, useRef } from "react";
import { useNavigate } from "@tanstack/react-router";
import { useHere } from "../api/session.js";
import { placesFor } from "./places.js";

interface Does {
  palette: () => void;
  help: () => void;
}

export const MODIFIER = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && Boolean(target.closest("input, textarea, select, [contenteditable]"))
  );
}

export function useKeys({ palette, help }: Does): void {
  const navigate = useNavigate();
  const { role } = useHere();
  const going = useRef(0);
  useEffect(() => {
    const places = placesFor(role).flatMap((group) => group.places);
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return palette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "?") return help();
      if (event.key === "/") {
        const find = document.querySelector<HTMLElement>("main [data-find]");
        if (find) {
          event.preventDefault();
          find.focus();
        }
        return;
      }
      if (event.key === "j" || event.key === "k") {
        const rows = document.querySelector<HTMLElement>("main [data-rows]");
        if (rows && !rows.contains(document.activeElement)) rows.focus();
        return;
      }
      if (event.timeStamp < going.current) {
        going.current = 0;
        const place = places.find(({ key }) => key === event.key);
        if (place) {
          event.preventDefault();
          void navigate({ to: place.to }).then(focusPage);
        }
        return;
      }
      // `g`, and a moment to say where to.
      if (event.key === "g") going.current = event.timeStamp + 1_500;
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [navigate, palette, help, role]);
}

/** Whoever went somewhere by keyboard goes on from there: the list where there is one, else the title. */
export function focusPage(): void {
  requestAnimationFrame(() => {
    const target =
      document.querySelector<HTMLElement>("main [data-rows]") ??
      document.querySelector<HTMLElement>("main h1");
    target?.focus({ preventScroll: true });
  });
}
