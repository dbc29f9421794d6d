// Pages come in parts. One that cannot be had because there is no network is told like any other answer that did not
// come; the router reloads the console only where the server is there and the part is not, after an update.

import { lazyRouteComponent, type AsyncRouteComponent } from "@tanstack/react-router";
import { Problem } from "./api/client.js";

type Component = AsyncRouteComponent<object>;

export function part<N extends string>(
  load: () => Promise<Record<N, () => React.ReactNode>>,
  name: N,
): Component {
  const careful = async () => {
    try {
      return await load();
    } catch (error) {
      const reachable = await fetch("/favicon.svg", { cache: "no-store" }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (reachable) throw error;
      throw new Problem(0, "unreachable", "The server cannot be reached.");
    }
  };
  return lazyRouteComponent(careful, name) as Component;
}
