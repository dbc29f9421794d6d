export * from "./bell/index.js";
