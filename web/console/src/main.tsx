import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { client, ended } from "./api/queries.js";
import { Problem } from "./api/client.js";
import { doubted } from "./api/session.js";
import { router } from "./router.js";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/overlays.css";
import "./styles/data.css";
import "./styles/shell.css";

// A session that ended while the console was open: the shell looks again, and leads to the sign-in.
ended.tell = () => {
  doubted.session = true;
  void router.invalidate();
};

const root = createRoot(document.getElementById("console")!, {
  // What the server refused is told on the page. Anything else is a mistake of ours.
  onCaughtError: (error) => {
    if (!(error instanceof Problem)) console.error(error);
  },
});
root.render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
