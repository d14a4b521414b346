import { useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { useApp } from "./context";
import { readView } from "./view";
import { Workspace } from "./Workspace";

export function LivePage() {
  const { services, control, choice } = useApp();
  const search = useRouterState({ select: (state) => state.location.searchStr });
  const { view, bad } = useMemo(() => readView(new URLSearchParams(search)), [search]);
  return <Workspace services={services} control={control} view={view} bad={bad} choice={choice} />;
}
