// The event types that the fake server's application shows outside.

import type { CatalogueEntry } from "@campanile/client";

function entry(
  name: string,
  title: string,
  description: string,
  fields: Record<string, [type: string, sample: unknown]>,
): CatalogueEntry {
  const of = (at: 0 | 1) => Object.entries(fields).map(([field, both]) => [field, both[at]] as const);
  const properties = Object.fromEntries(of(0).map(([field, type]) => [field, { type }]));
  return {
    name,
    title,
    category: name.split(".")[0]!,
    description,
    version: "2026-02-07",
    schema: { type: "object", required: Object.keys(fields), properties },
    sample: Object.fromEntries(of(1)),
  };
}

export const CATALOGUE: CatalogueEntry[] = [
  entry("observation.created", "Observation created", "Something worth a look came in from a connector.", {
    observationId: ["string", "obs_8f2k1"],
    observationType: ["string", "pull_request.merged"],
    significanceScore: ["number", 85],
    topics: ["array", ["release", "search"]],
    clusterId: ["string", "cl_19"],
    workspaceId: ["string", "ws_acme"],
  }),
  entry("observation.clustered", "Observation clustered", "An observation joined others like it.", {
    observationId: ["string", "obs_8f2k1"],
    clusterId: ["string", "cl_19"],
  }),
  entry("source.connected", "Source connected", "A connector was set up and brings events in.", {
    workspaceId: ["string", "ws_acme"],
    sourceId: ["string", "src_77"],
    sourceType: ["string", "github"],
  }),
  entry("source.disconnected", "Source disconnected", "A connector was taken away.", {
    sourceId: ["string", "src_77"],
    deleteData: ["boolean", false],
  }),
  entry("sync.completed", "Sync completed", "A connector has brought in everything there was.", {
    sourceId: ["string", "src_77"],
    jobId: ["string", "job_12"],
    success: ["boolean", true],
    filesProcessed: ["integer", 214],
    embeddingsCreated: ["integer", 1893],
  }),
  entry("sync.failed", "Sync failed", "A connector could not go on.", {
    sourceId: ["string", "src_77"],
    reason: ["string", "The installation was suspended"],
  }),
];
