import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/parts.css";
import "./candidate.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { createQueries } from "../api/queries";
import { App } from "./App";

const queries = createQueries();

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
