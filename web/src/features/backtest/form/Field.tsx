import { type ReactNode, useId } from "react";
import type { Translate } from "../../../i18n/catalogue";
import { useT } from "../../../i18n/react";
import type { Problem } from "./form";

export interface FieldIds {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

interface FieldProps {
  name: string;
  label: string;
  problem?: Problem | undefined;
  /** What is worth knowing although nothing is wrong. */
  note?: ReactNode;
  children: (ids: FieldIds) => ReactNode;
}

export const INPUT =
  "h-(--control) w-full min-w-0 rounded-control border border-line-strong bg-bg-2 px-2 text-12 text-text-1 aria-invalid:border-danger";

/** A label, its control, and below them what is wrong. What nobody filled in yet is asked for, not complained about. */
export function Field({ name, label, problem, note, children }: FieldProps) {
  const t = useT();
  const id = useId();
  const described = problem || note ? `${id}-note` : undefined;
  const missing = problem?.kind === "required";
  return (
    <div data-field={name} className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-12 text-text-2">
        {label}
      </label>
      {children({ id, "aria-invalid": problem !== undefined && !missing, "aria-describedby": described })}
      {problem ? (
        <p
          id={described}
          role={missing ? undefined : "alert"}
          className={missing ? "text-12 text-text-2" : "text-12 text-danger"}
        >
          {problemText(problem, t)}
        </p>
      ) : (
        note && (
          <p id={described} className="text-12 text-text-3">
            {note}
          </p>
        )
      )}
    </div>
  );
}

export function problemText(problem: Problem, t: Translate): string {
  switch (problem.kind) {
    case "param.range":
      return t("backtest.problem.param.range", { min: problem.min, max: problem.max });
    case "grid.size":
      return t("backtest.problem.grid.size", { n: problem.cells, most: problem.most });
    case "trading":
      return t(`backtest.problem.trading.${problem.name}`);
    default:
      return t(`backtest.problem.${problem.kind}`);
  }
}
