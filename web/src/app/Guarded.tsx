import type { ReactNode } from "react";
import { useT } from "../i18n/react";
import { Button } from "../ui/controls/Button";
import { PanelBoundary } from "../ui/feedback/PanelBoundary";
import { EmptyState } from "../ui/feedback/States";

/** A panel whose failure stays its own. */
export function Guarded({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <PanelBoundary
      fallback={(error, again) => (
        <EmptyState icon="error" title={t("app.crash.title")} text={t("app.crash.text", { message: error.message })}>
          <Button onClick={again}>{t("app.crash.action")}</Button>
        </EmptyState>
      )}
    >
      {children}
    </PanelBoundary>
  );
}
