import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  redirect,
  useRouterState,
} from "@tanstack/react-router";
import { useT } from "../i18n/react";
import { EmptyState } from "../ui/feedback/States";
import { LivePage } from "./LivePage";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const live = createRoute({ getParentRoute: () => root, path: "/live", component: LivePage });

/** One page, one mode: everything else that is known leads to it. */
const elsewhere = ["/", "/replay", "/backtest"].map((path) =>
  createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: ({ location }) => {
      throw redirect({ to: "/live", search: location.search, replace: true });
    },
  }),
);

/** Values stay the text they are, and series ids stay readable. */
export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([live, ...elsewhere]),
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(search as Record<string, string>).toString();
      return text === "" ? "" : `?${text.replaceAll("%3A", ":").replaceAll("%2F", "/")}`;
    },
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

function NotFound() {
  const t = useT();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <main className="mx-auto mt-[12vh] w-[min(440px,calc(100vw-24px))] rounded-card border border-line bg-bg-1">
      <EmptyState icon="search" title={t("app.notFound.title")} text={t("app.notFound.text", { path })}>
        <Link to="/live" className="font-semibold">
          {t("app.notFound.action")}
        </Link>
      </EmptyState>
    </main>
  );
}
