import type { ReactNode } from "react";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="mb-1 text-12 font-semibold text-text-3">{title}</h3>
      {children}
    </section>
  );
}

/** One setting: its name at the left, its control at the right, below each other where there is no room. */
export function Row({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-1.5">
      <div className="min-w-[140px] flex-1">
        <p>{label}</p>
        {hint && <p className="text-12 text-text-3">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
