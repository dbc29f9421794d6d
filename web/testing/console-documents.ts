// Event types, templates and workflows, as the console's fake server answers them.

import { type Schemas } from "./console-data.js";
import { faultsOf, preview } from "./console-preview.js";
import { on, page, one, done, stamp, take, problem } from "./console-router.js";

/* Event types, templates, workflows */
on("GET", "/event-types", ({ world }, { query }) => page(world.eventTypes, query));
on("POST", "/event-types", (kept, { body }) => {
  const type = {
    description: "",
    version: "2026-02-07",
    visibility: "app",
    public_name: null,
    public_fields: null,
    schema: null,
    created_at: stamp(kept),
    updated_at: stamp(kept),
    ...body,
  } as Schemas["EventTypeView"];
  take(kept.world.eventTypes, ({ name }) => name !== type.name);
  kept.world.eventTypes.push(type);
  return { status: 201, body: type };
});
on("GET", "/event-types/{name}", ({ world }, _, { name }) =>
  one(world.eventTypes.find((type) => type.name === name)),
);
on("PATCH", "/event-types/{name}", ({ world }, { body }, { name }) => {
  const found = world.eventTypes.find((type) => type.name === name);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/event-types/{name}",
  ({ world }, _, { name }) => (take(world.eventTypes, (type) => type.name !== name), done),
);
on("GET", "/templates", ({ world }, { query }) => page(world.templates, query));
on("GET", "/templates/{name}", ({ world }, _, { name }) =>
  one(world.templates.find((template) => template.name === name)),
);
on("PUT", "/templates/{name}", (kept, { body }, { name }) => {
  const source = String(body["source"]);
  if ((source.match(/\{\{/g)?.length ?? 0) !== (source.match(/\}\}/g)?.length ?? 0))
    return problem(422, "invalid", "the template is not right", [
      {
        pointer: "/source",
        code: "template",
        detail: `line ${source.slice(0, source.lastIndexOf("{{")).split("\n").length}, column 3: the output is not closed`,
      },
    ]);
  let found = kept.world.templates.find((template) => template.name === name);
  if (!found)
    kept.world.templates.push(
      (found = { name: name!, source, created_at: stamp(kept), updated_at: stamp(kept) }),
    );
  return one(Object.assign(found, { source, updated_at: stamp(kept) }));
});
on(
  "DELETE",
  "/templates/{name}",
  ({ world }, _, { name }) => (take(world.templates, (template) => template.name !== name), done),
);
on("GET", "/workflows", ({ world }, { query }) => page(world.workflows, query));
on("POST", "/workflows/preview", ({ world }, { body }) => {
  const resources = (body["resources"] as Array<Record<string, unknown>> | undefined) ?? [];
  const faults = resources.flatMap((resource, index) =>
    resource["kind"] === "workflow" ? faultsOf(resource, `/resources/${index}`) : [],
  );
  return faults.length > 0
    ? problem(422, "invalid", "the preview cannot be played", faults)
    : { body: preview(world, body) };
});
on("GET", "/workflows/{key}/versions", ({ world }, _, { key }) => {
  const all = world.versions.get(key!);
  return all
    ? {
        body: {
          data: all.map(({ version, created_at }, index) => ({ version, created_at, active: index === 0 })),
          next_cursor: null,
        },
      }
    : null;
});
on("GET", "/workflows/{key}/versions/{n}", ({ world }, _, { key, n }) =>
  one(world.versions.get(key!)?.find(({ version }) => version === Number(n))?.spec),
);
on("GET", "/workflows/{key}", ({ world }, _, { key }) =>
  one(world.workflows.find((workflow) => workflow.key === key)),
);
on("PUT", "/workflows/{key}", (kept, { body }, { key }) => {
  const faults = faultsOf(body);
  if (faults.length > 0) return problem(422, "invalid", "the workflow is not right", faults);
  let found = kept.world.workflows.find((workflow) => workflow.key === key);
  if (!found)
    kept.world.workflows.unshift(
      (found = { key: key!, version: 0, spec: body, created_at: stamp(kept), updated_at: stamp(kept) }),
    );
  Object.assign(found, { version: found.version + 1, spec: { key, ...body }, updated_at: stamp(kept) });
  kept.world.versions.set(key!, [
    { version: found.version, created_at: stamp(kept), spec: found.spec },
    ...(kept.world.versions.get(key!) ?? []),
  ]);
  return one(found);
});
on(
  "DELETE",
  "/workflows/{key}",
  ({ world }, _, { key }) => (take(world.workflows, (workflow) => workflow.key !== key), done),
);
