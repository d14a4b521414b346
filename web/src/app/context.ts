import { createContext, use } from "react";
import type { Effective } from "../features/settings/preferences";
import type { Control } from "./control";
import type { Services } from "./services";

interface AppContext {
  services: Services;
  control: Control;
  choice: Effective;
}

/** From the entry to the page, through the router. Features get props instead. */
export const App = createContext<AppContext | null>(null);

export function useApp(): AppContext {
  const app = use(App);
  if (!app) throw new Error("outside of the application");
  return app;
}
