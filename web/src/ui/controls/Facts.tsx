import { type ReactNode, useId } from "react";

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
