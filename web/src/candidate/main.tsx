import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/parts.css";
import "./candidate.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { callError } from "../api/calls";
import { App } from "./App";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (_count, error) => callError(error).passes,
      retryDelay: (count) => Math.min(10_000, 500 * 2 ** count),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

// another link in the same window is another invitation
addEventListener("hashchange", () => location.reload());

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}
