import { createRoot } from "react-dom/client";
import { App } from "./App";
import { restore } from "./state/session";
import { startTheme } from "./state/theme";
import { language } from "./text";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/fleet.css";
import "./styles/incidents.css";
import "./styles/incident.css";
import "./styles/places.css";

document.documentElement.lang = language;
startTheme();
void restore();
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
