import "./styles.css";
import "../chart/chart.css";
import { createRoot } from "react-dom/client";
import { deviceNow, effective, preferences } from "../features/settings/preferences";
import { writeRoot } from "../features/settings/useEffective";
import { loadLocale } from "../i18n/locale";
import { createControl } from "./control";
import { Root } from "./Root";
import { createAppRouter } from "./router";
import { createServices } from "./services";

const mount = document.getElementById("root");
if (!mount) throw new Error("the page has no root element");

// Before the first paint: the chart reads its colours from the root element.
const choice = effective(preferences.getState(), deviceNow());
writeRoot(document.documentElement, choice);

const services = createServices();
const router = createAppRouter();
const control = createControl(
  {
    path: () => router.history.location.pathname,
    search: () => router.history.location.search,
    push: (href) => router.history.push(href),
    replace: (href) => router.history.replace(href),
  },
  services,
);

/** The first words are those of the chosen language; without its texts the page speaks English. */
loadLocale(choice.locale)
  .catch(() => undefined)
  .finally(() => createRoot(mount).render(<Root services={services} control={control} router={router} />));
