import { type ReactNode, useId } from "react";
import { useT } from "../../i18n/react";
import { IconButton } from "../../ui/controls/Button";
import { copyText } from "../../ui/feedback/clipboard";

/** A titled part of the panel. */
export function Part({ title, testId, children }: { title: string; testId: string; children: ReactNode }) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} data-testid={testId} className="px-3 pt-3">
      <h3 id={heading} className="mb-1 text-12 font-semibold text-text-3">
        {title}
      </h3>
      {children}
    </section>
  );
}

/** Names left, values right, in columns that stay where they are. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 gap-y-0.5 tabular-nums">{children}</dl>
  );
}

export function Fact({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) {
  return (
    <>
      <dt className="text-12 whitespace-nowrap text-text-3">{name}</dt>
      <dd className="min-w-0 text-right break-words">
        {children}
        {note && <span className="block text-12 text-text-3">{note}</span>}
      </dd>
    </>
  );
}

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
