import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import type { FactorCatalog } from "../api/types";
import { useEffective, useRootAttributes } from "../features/settings/useEffective";
import { type Locale, translator } from "../i18n/locale";
import { LocaleContext } from "../i18n/react";
import { CommandsContext } from "../ui/commands/context";
import { Tooltips } from "../ui/overlays/Tooltips";
import { createCommands } from "./commands";
import { App } from "./context";
import type { Control } from "./control";
import { listenForKeys } from "./keyboard";
import type { AppRouter } from "./router";
import type { Services } from "./services";

interface RootProps {
  services: Services;
  control: Control;
  router: AppRouter;
}

/** Providers, and the commands of this page. */
export function Root({ services, control, router }: RootProps) {
  const choice = useEffective();
  useRootAttributes(choice);
  const commands = useMemo(
    () =>
      createCommands({
        host: () => services.host.getState().current,
        control,
        replay: services.replay,
        backtest: services.backtest,
        api: services.api,
        catalog: () => services.queries.getQueryData<FactorCatalog>(["factor-catalog"]),
        t: () => translator(document.documentElement.lang as Locale),
      }),
    [services, control],
  );
  useEffect(() => listenForKeys(commands), [commands]);
  const app = useMemo(() => ({ services, control, choice }), [services, control, choice]);

  return (
    <LocaleContext value={choice.locale}>
      <QueryClientProvider client={services.queries}>
        <CommandsContext value={commands}>
          <App value={app}>
            <RouterProvider router={router} />
            <Tooltips />
          </App>
        </CommandsContext>
      </QueryClientProvider>
    </LocaleContext>
  );
}
