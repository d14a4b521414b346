import { useT } from "../../../i18n/react";
import { Segmented } from "../../../ui/controls/Choice";
import { rangeText } from "../words";
import { Field, INPUT } from "./Field";
import type { FormState, Problem } from "./form";
import { RANGES } from "./range";

interface RangeFieldProps {
  form: Pick<FormState, "range" | "from" | "to" | "written">;
  problem: Problem | undefined;
  onChange: (change: Partial<FormState>) => void;
}

export function RangeField({ form, problem, onChange }: RangeFieldProps) {
  const t = useT();
  const choices = form.written === "" ? RANGES : [...RANGES, "run" as const];
  return (
    <Field
      name="range"
      label={t("backtest.range")}
      problem={problem}
      note={
        form.range === "run"
          ? rangeText({ timerange: form.written }, t)
          : form.range === "dates"
            ? t("backtest.range.dates.note")
            : t("backtest.range.note")
      }
    >
      {(ids) => (
        <div className="flex flex-col items-start gap-1">
          <Segmented
            tight
            label={t("backtest.range")}
            value={form.range}
            options={choices.map((value) => ({ value, label: t(`backtest.range.${value}`) }))}
            onChange={(range) => onChange({ range })}
          />
          {form.range === "dates" && (
            <div className="grid w-full grid-cols-2 gap-1">
              {(["from", "to"] as const).map((end, at) => (
                <input
                  key={end}
                  {...(at === 0 ? ids : {})}
                  type="date"
                  data-part={end}
                  aria-label={t(`backtest.range.${end}`)}
                  value={form[end]}
                  onChange={(event) => onChange({ [end]: event.target.value })}
                  className={INPUT}
                />
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
