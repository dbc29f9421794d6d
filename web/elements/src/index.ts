export * from "./bell/index.js";
export * from "./channels/index.js";
export * from "./inbox/index.js";
export * from "./preferences/index.js";
export * from "./webhooks/index.js";
export type * from "./events.js";
