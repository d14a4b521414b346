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
import { MODES } from "./view";
import { WorkspacePage } from "./WorkspacePage";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
/** One page: its modes are paths, and going from one to another keeps everything that is on screen. */
const page = createRoute({ getParentRoute: () => root, id: "page", component: WorkspacePage });
const modes = MODES.map((mode) => createRoute({ getParentRoute: () => page, path: `/${mode}` }));

/** What is known besides leads to it. */
const elsewhere = ["/"].map((path) =>
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
    routeTree: root.addChildren([page.addChildren(modes), ...elsewhere]),
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const text = new URLSearchParams(search as Record<string, string>).toString();
      return text === "" ? "" : `?${text.replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",")}`;
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
