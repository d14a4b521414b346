import { useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { useApp } from "./context";
import { modeOf, readView } from "./view";
import { Workspace } from "./Workspace";

export function WorkspacePage() {
  const { services, control, choice } = useApp();
  const search = useRouterState({ select: (state) => state.location.searchStr });
  const mode = useRouterState({ select: (state) => modeOf(state.location.pathname) });
  const { view, bad } = useMemo(() => readView(new URLSearchParams(search)), [search]);
  return <Workspace services={services} control={control} mode={mode} view={view} bad={bad} choice={choice} />;
}
