import { QueryClient } from "@tanstack/react-query";

import { callError } from "../api/calls";

/** Asks again by itself, for ever, whatever may be well again by itself; anything else is shown at once. */
export function candidateQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (_count, error) => callError(error).passes,
        retryDelay: (count) => Math.min(10_000, 500 * 2 ** count),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
