import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { client, ended } from "./api/queries.js";
import { sessionQuery } from "./api/session.js";
import { router } from "./router.js";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/overlays.css";
import "./styles/data.css";
import "./styles/shell.css";

// A session that ended while the console was open: the shell looks again, and leads to the sign-in.
ended.tell = () => {
  client.removeQueries({ queryKey: sessionQuery.queryKey });
  void router.invalidate();
};

createRoot(document.getElementById("console")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
