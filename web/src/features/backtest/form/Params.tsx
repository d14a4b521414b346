import type { ParamSpec, StrategySpec } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Switch } from "../../../ui/controls/Choice";
import { Field, INPUT } from "./Field";
import { defaultSpan, type ParamText, type Problem } from "./form";

interface ParamsProps {
  spec: StrategySpec;
  texts: Readonly<Record<string, ParamText>>;
  problems: ReadonlyMap<string, Problem>;
  onChange: (name: string, text: ParamText) => void;
}

/** The parameters of a strategy, each a value, or in a sweep several. */
export function Params({ spec, texts, problems, onChange }: ParamsProps) {
  const t = useT();
  if (spec.params.length === 0) return <p className="text-12 text-text-3">{t("backtest.params.none")}</p>;
  return (
    <fieldset data-testid="backtest-params" className="flex flex-col gap-2">
      <legend className="mb-1 text-12 font-semibold text-text-3">{t("backtest.params")}</legend>
      {spec.params.map((param) => (
        <Param
          key={param.name}
          param={param}
          text={texts[param.name] ?? {}}
          problem={problems.get(`param.${param.name}`)}
          onChange={(text) => onChange(param.name, text)}
        />
      ))}
    </fieldset>
  );
}

interface ParamProps {
  param: ParamSpec;
  text: ParamText;
  problem: Problem | undefined;
  onChange: (text: ParamText) => void;
}

function Param({ param, text, problem, onChange }: ParamProps) {
  const t = useT();
  const { label, name, kind, min, max } = param;
  const varies = text.varies === true;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-2" data-tip={param.description || undefined}>
      <Field
        name={`param.${name}`}
        label={kind === "switch" ? label : t("backtest.param.range", { label, min, max })}
        problem={problem}
      >
        {(ids) =>
          varies ? (
            <Span param={param} text={text} ids={ids} onChange={onChange} />
          ) : kind === "switch" ? (
            <Switch
              label={label}
              checked={Number(text.value ?? param.default) === 1}
              onChange={(on) => onChange({ ...text, value: on ? "1" : "0" })}
            />
          ) : (
            <input
              {...ids}
              inputMode={kind === "whole" ? "numeric" : "decimal"}
              value={text.value ?? String(param.default)}
              onChange={(event) => onChange({ ...text, value: event.target.value })}
              className={INPUT}
            />
          )
        }
      </Field>
      <label className="flex h-(--control) items-center gap-1 self-end text-12 text-text-2">
        <input
          type="checkbox"
          className="plain"
          checked={varies}
          data-cmd={`backtest.vary.${name}`}
          aria-label={t("backtest.param.varyLabel", { label })}
          onChange={(event) => onChange({ ...text, varies: event.target.checked })}
        />
        {t("backtest.param.vary")}
      </label>
    </div>
  );
}

interface SpanProps {
  param: ParamSpec;
  text: ParamText;
  ids: object;
  onChange: (text: ParamText) => void;
}

function Span({ param, text, ids, onChange }: SpanProps) {
  const t = useT();
  const preset = defaultSpan(param);
  return (
    <div className="grid grid-cols-3 gap-1">
      {(["from", "to", "step"] as const).map((part, at) => (
        <input
          key={part}
          {...(at === 0 ? ids : {})}
          data-part={part}
          aria-label={t("backtest.param.part", { label: param.label, part: t(`backtest.param.${part}`) })}
          inputMode="decimal"
          value={text[part] ?? preset[part]}
          onChange={(event) => onChange({ ...text, [part]: event.target.value })}
          className={INPUT}
        />
      ))}
    </div>
  );
}
