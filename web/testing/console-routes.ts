// The API of the console's fake server: each file declares the routes of some nouns.

import "./console-apps.js";
import "./console-documents.js";
import "./console-environment.js";
import "./console-events.js";
import "./console-people.js";

export { answer } from "./console-router.js";
