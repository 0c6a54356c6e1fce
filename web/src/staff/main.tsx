import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/parts.css";
import "../ui/choosing.css";
import "./staff.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { createQueries } from "../api/queries";
import { App } from "./App";

const queries = createQueries({ most: 100, staleTime: 2000 });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}
