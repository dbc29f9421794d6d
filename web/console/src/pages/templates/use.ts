// Which steps name a template, and so through which channels it is read.

import { allSteps, type Spec } from "../workflows/spec.js";

export interface Use {
  workflow: string;
  step: string;
  channel: string;
}

export function usesOf(template: string, workflows: Array<{ key: string; spec: unknown }>): Use[] {
  const named = new RegExp(`\\{%-?\\s*(?:render|include)\\s+["']${template.replace(/[^\w-]/g, "\\$&")}["']`);
  return workflows.flatMap(({ key, spec }) => {
    const { steps, tenant_steps } = spec as Spec;
    const all = [...allSteps(steps), ...allSteps(tenant_steps)];
    return all
      .filter(
        ({ does }) => does["layout"] === template || named.test(JSON.stringify(does).replaceAll('\\"', '"')),
      )
      .map(({ name, kind }) => ({ workflow: key, step: name, channel: kind }));
  });
}
