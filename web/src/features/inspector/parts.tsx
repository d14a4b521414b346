import { useT } from "../../i18n/react";
import { IconButton } from "../../ui/controls/Button";
import { copyText } from "../../ui/feedback/clipboard";

/** Enough of the end of an id to tell it from others: times stand there. */
const TAIL = 14;

/** An id, cut in the middle where it does not fit, whole on copy. */
export function Id({ name, value }: { name: string; value: string }) {
  const t = useT();
  return (
    <div className="mt-1 flex items-center gap-2 text-12">
      <span className="shrink-0 text-text-3">{name}</span>
      <span aria-hidden="true" className="flex min-w-0 flex-1 justify-end font-mono text-text-2" title={value}>
        <span className="truncate">{value.slice(0, -TAIL)}</span>
        <span className="shrink-0">{value.slice(-TAIL)}</span>
      </span>
      <span className="sr-only">{value}</span>
      <IconButton icon="copy" label={t("common.copy")} onClick={() => void copyText(value, t)} />
    </div>
  );
}
