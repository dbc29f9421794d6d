// A custom element as a React component: props become properties, `on…` props listen, the ref is the element.
//
// The element's module is loaded by the first component on a page, in the browser alone, so that a page may be
// rendered on a server; what is set before it came is taken over by the element.

import {
  createElement,
  forwardRef,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type ForwardRefExoticComponent,
  type HTMLAttributes,
  type PropsWithoutRef,
  type ReactNode,
  type RefAttributes,
} from "react";

/** `campanile-count` is heard by `onCount`. */
type Listeners<Events> = {
  [
    Name in keyof Events & string as Name extends `campanile-${infer Rest}` ? `on${Capitalize<Rest>}` : never
  ]?: (event: CustomEvent<Events[Name]>) => void;
};

export type ElementProps<Element, Name extends keyof Element, Events> = {
  [Key in Name]?: Element[Key] | undefined;
} & Listeners<Events> &
  Omit<HTMLAttributes<HTMLElement>, Name | keyof Listeners<Events> | "children"> & { children?: ReactNode };

export type ElementComponent<Element, Props> = ForwardRefExoticComponent<
  PropsWithoutRef<Props> & RefAttributes<Element>
>;

interface Definition {
  tag: string;
  properties: readonly string[];
  events: readonly string[];
  load(): Promise<unknown>;
}

/** On a server there is nothing to lay out, and React says so at every use. */
const useBrowserEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

export function component<Element extends HTMLElement, Props extends object>({
  tag,
  properties,
  events,
  load,
}: Definition): ElementComponent<Element, Props> {
  const listeners = new Map(events.map((event) => [listenerName(event), event]));
  const Component = forwardRef<Element, Props>((props, ref) => {
    const own = useRef<Element>(null);
    const latest = useRef<Record<string, unknown>>({});
    const given = props as Record<string, unknown>;
    const rest = Object.entries(given).filter(([name]) => !properties.includes(name) && !listeners.has(name));

    useImperativeHandle(ref, () => own.current!, []);
    useBrowserEffect(() => {
      const element = own.current as unknown as Record<string, unknown>;
      for (const name of properties) {
        const was = latest.current[name];
        // Never given: the element's own value stays. Given once and no longer: it goes back to none.
        if (given[name] !== undefined && given[name] !== was) element[name] = given[name];
        else if (given[name] === undefined && was !== undefined) element[name] = none(was);
      }
      latest.current = given;
    });
    useBrowserEffect(() => {
      const element = own.current!;
      const ends = [...listeners].map(([name, event]) => {
        const listener = (heard: Event) =>
          (latest.current[name] as ((event: Event) => void) | undefined)?.(heard);
        element.addEventListener(event, listener);
        return () => element.removeEventListener(event, listener);
      });
      return () => ends.forEach((end) => end());
    }, []);
    useEffect(() => void load(), []);
    return createElement(tag, { ...Object.fromEntries(rest), ref: own });
  });
  Component.displayName = listenerName(`campanile-${tag}`).slice(2);
  return Component as unknown as ElementComponent<Element, Props>;
}

/** `campanile-count` → `onCount`. */
function listenerName(event: string): string {
  const words = event.replace(/^campanile-/, "").split("-");
  return `on${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
}

/** What stands for no value, for a property that has held this one. */
function none(was: unknown): unknown {
  if (typeof was === "boolean") return false;
  return typeof was === "object" && was !== null ? {} : null;
}
