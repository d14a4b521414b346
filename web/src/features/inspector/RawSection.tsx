import { useState } from "react";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { toast } from "../../ui/feedback/toasts";
import type { BarFacts } from "./useBarFacts";

/** The slices as they came, folded; the text is made when somebody opens it. */
export function RawSection({ facts }: { facts: BarFacts }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const text = open ? JSON.stringify(facts.heads, null, 2) : "";
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast({ code: "copied", text: t("toast.copied", { text: t("inspector.raw.copied") }) });
    } catch {
      toast({ code: "copy_failed", text: t("toast.copyFailed"), tone: "error" });
    }
  };
  return (
    <details className="px-3 pt-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="text-12 font-semibold text-text-3">{t("inspector.raw")}</summary>
      {open && (
        <>
          <Button tone="plain" className="text-12" onClick={() => void copy()}>
            {t("common.copy")}
          </Button>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keys. */}
          <pre tabIndex={0} className="max-h-[320px] overflow-auto rounded-control bg-bg-2 p-2 font-mono text-11">
            {text}
          </pre>
        </>
      )}
    </details>
  );
}
