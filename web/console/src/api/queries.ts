// How pages ask: reading through the cache, page by page where there are many, and changing with what must be read anew.

import {
  QueryCache,
  QueryClient,
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { Problem, request, type Given, type Input, type PathWith, type Result } from "./client.js";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: Problem;
  }
}

/** Called when the server says that nobody is signed in any more. */
export const ended: { tell: () => void } = { tell: () => {} };

export const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error.status === 401 && query.queryKey[0] !== "/api/v1/session") ended.tell();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Asked even while the browser thinks it is offline: a console beside its server works without the internet.
      networkMode: "always",
      retry: (count, error) => count < 1 && (error.status === 0 || error.status >= 500),
      retryDelay: 600,
    },
    mutations: { networkMode: "always" },
  },
});

type GetPath = PathWith<"get">;
type Extra = { enabled?: boolean; every?: number | false; keep?: boolean; staleTime?: number };

/** The key under which an answer is kept: by path first, so that a change can name what it touched. */
const keyOf = (path: string, input: Given) => [path, input.path ?? null, input.query ?? null];

export function useRead<P extends GetPath>(
  path: P,
  input: Input<P, "get">,
  { enabled = true, every = false, keep = false, staleTime }: Extra = {},
): UseQueryResult<Result<P, "get">, Problem> {
  // The types of all routes at once are more than the compiler takes: they are checked where a page asks.
  const given: unknown = input;
  return useQuery({
    queryKey: keyOf(path, given as Given),
    queryFn: ({ signal }) => request("get", path, { ...(given as Given), signal }),
    enabled,
    refetchInterval: every,
    ...(staleTime === undefined ? {} : { staleTime }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  }) as UseQueryResult<Result<P, "get">, Problem>;
}

type Row<P extends GetPath> = Result<P, "get"> extends { data: Array<infer R> } ? R : never;

export interface Rows<R> {
  rows: R[];
  query: Pick<
    UseInfiniteQueryResult<unknown, Problem>,
    | "isPending"
    | "isError"
    | "error"
    | "refetch"
    | "isFetching"
    | "isFetchingNextPage"
    | "hasNextPage"
    | "dataUpdatedAt"
  >;
  /** Asks for the next page, if there is one and nobody asks already. */
  more: () => void;
}

export function useRows<P extends GetPath>(
  path: P,
  input: Input<P, "get">,
  {
    enabled = true,
    every = false,
    size = 100,
  }: { enabled?: boolean; every?: number | false; size?: number } = {},
): Rows<Row<P>> {
  const untyped: unknown = input;
  const given = untyped as Given;
  const query = useInfiniteQuery({
    queryKey: [...keyOf(path, given), "rows", size],
    queryFn: async ({ pageParam, signal }) => {
      const asked = { ...given.query, limit: size, cursor: pageParam ?? undefined };
      const answer = await request("get", path, { ...given, query: asked, signal });
      return answer as { data: Array<Row<P>>; next_cursor?: string | null };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    enabled,
    refetchInterval: every,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage && !query.isError) void query.fetchNextPage();
  };
  return { rows, query, more };
}

type Change = "post" | "put" | "patch" | "delete";

/** A change of what the server keeps. `touches` names the paths whose answers are not true any more. */
export function useChange<M extends Change, P extends PathWith<M>>(
  method: M,
  path: P,
  touches: string[] = [],
) {
  const queries = useQueryClient();
  return useMutation<Result<P, M>, Problem, Input<P, M>>({
    mutationFn: (input: unknown) => request(method, path, input as Given) as Promise<Result<P, M>>,
    onSuccess: () => touch(queries, touches),
  });
}

export function touch(queries: QueryClient, touches: string[]): Promise<unknown> {
  return Promise.all(touches.map((path) => queries.invalidateQueries({ queryKey: [path] })));
}
