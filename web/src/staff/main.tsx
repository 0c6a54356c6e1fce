import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/parts.css";
import "../ui/choosing.css";
import "./staff.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { callError } from "../api/calls";
import { App } from "./App";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => callError(error).passes && count < 100,
      retryDelay: (count) => Math.min(10_000, 500 * 2 ** count),
      networkMode: "always",
      staleTime: 2000,
    },
    mutations: { networkMode: "always" },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}
