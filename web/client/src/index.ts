export { Campanile, type CallOptions, type CampanileOptions } from "./campanile.js";
export { Feed, type FeedOptions, type FeedSnapshot } from "./feed.js";
export type { FeedState } from "./follower.js";
export type { FeedFilter } from "./model.js";
export type { SocketFactory, SocketLike } from "./line.js";
export type { AskForToken } from "./credentials.js";
export { ApiError, ConnectionError } from "./errors.js";
export type * from "./types.js";
