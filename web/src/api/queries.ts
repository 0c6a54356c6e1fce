/** How the pages ask: again by themselves whatever may be well again by itself; anything else is shown at once. */

import { QueryClient } from "@tanstack/react-query";

import { callError } from "./calls";

/** `most` is how often one thing is asked for again; for how long an answer is good is `staleTime`, in ms. */
export function createQueries({ most = Infinity, staleTime = 0 } = {}): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => callError(error).passes && count < most,
        retryDelay: (count) => Math.min(10_000, 500 * 2 ** count),
        networkMode: "always",
        staleTime,
      },
      mutations: { networkMode: "always" },
    },
  });
}
