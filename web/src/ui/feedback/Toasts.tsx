import { useEffect, useState } from "react";
import { useT } from "../../i18n/react";
import { Button, IconButton } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useStored } from "../storage/useStored";
import { dismissToast, shownToasts, type Toast, toasts } from "./toasts";

const STAY_MS = 6_000;

/**
 * The stack of notices, inside of the chart's region: at the lower right, left of the price axis and of the newest bar, above
 * the time axis and the way back to it.
 */
export function Toasts() {
  const t = useT();
  const list = useStored(toasts, (state) => state.list);
  const { shown, waiting } = shownToasts(list);
  return (
    <section
      aria-label={t("toast.region")}
      aria-live="polite"
      className="toasts pointer-events-none absolute z-40 flex flex-col gap-2"
    >
      {shown.map((entry) => (
        <Notice key={entry.id} entry={entry} />
      ))}
      {waiting > 0 && (
        <p data-testid="toasts-waiting" className="pr-3 text-right text-12 text-text-2">
          {t("toast.waiting", { n: waiting })}
        </p>
      )}
    </section>
  );
}

function Notice({ entry }: { entry: Toast }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  const { id, count, tone } = entry;

  // biome-ignore lint/correctness/useExhaustiveDependencies: an equal notice starts the time again.
  useEffect(() => {
    if (held || tone === "error") return;
    const timer = setTimeout(() => dismissToast(id), STAY_MS);
    return () => clearTimeout(timer);
  }, [held, id, count, tone]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pointer only holds the notice, it does nothing else.
    <div
      data-toast={entry.code}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex items-start gap-2 rounded-card border border-line bg-bg-2 py-1.5 pr-1.5 pl-3 shadow-float"
    >
      <span className={`py-1 ${tone === "error" ? "text-danger" : "text-text-2"}`}>
        <Icon name={tone === "error" ? "error" : "check"} />
      </span>
      <p className="min-w-0 flex-1 py-1 break-words">
        {entry.text}
        {count > 1 && <span className="ml-1.5 text-text-3">{t("toast.times", { n: count })}</span>}
      </p>
      {entry.action && (
        <Button
          tone="plain"
          className="font-semibold text-accent"
          onClick={() => {
            entry.action?.run();
            dismissToast(id);
          }}
        >
          {entry.action.label}
        </Button>
      )}
      <IconButton icon="close" label={t("toast.close")} onClick={() => dismissToast(id)} />
    </div>
  );
}
