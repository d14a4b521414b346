import { useEffect, useMemo } from "react";
import type { BacktestApi } from "../../../api/backtest-api";
import type { EngineName, RunOrder, Venue } from "../../../api/backtest-types";
import { timeframeSeconds } from "../../../api/series";
import { useT } from "../../../i18n/react";
import { venueName } from "../../../i18n/venue";
import { Button } from "../../../ui/controls/Button";
import { Segmented } from "../../../ui/controls/Choice";
import { Keys } from "../../../ui/controls/Keys";
import { failureText } from "../../../ui/feedback/failures";
import { EmptyState, ErrorState } from "../../../ui/feedback/States";
import { useStored } from "../../../ui/storage/useStored";
import type { BacktestStore } from "../slot";
import { Field, INPUT, problemText } from "./Field";
import { backtestForm, checkForm, chosenOf, type FormContext, type FormState, isPair } from "./form";
import { Params } from "./Params";
import { RangeField } from "./RangeField";
import { followed } from "./refill";
import { StrategyField } from "./StrategyField";
import { TradingFields } from "./TradingFields";
import { type Engines, usePairTimeframes } from "./useEngines";
import { useTradingDefaults } from "./useTrading";

export interface RunFormProps {
  api: BacktestApi;
  slot: BacktestStore;
  engines: Engines;
  chart: FormContext["chart"];
  /** Timeframes of a pair that are stored for the chart. */
  storedTimeframes: (pair: string, venue: Venue | null) => readonly string[];
  newest: number;
  visible: FormContext["visible"];
  onRun: (order: RunOrder) => void;
}

const COMMON = ["1m", "5m", "15m", "1h", "4h", "1d"];

/** What to run. Ctrl+Enter runs it from anywhere. */
export function RunForm({ api, slot, engines, chart, storedTimeframes, newest, visible, onRun }: RunFormProps) {
  const t = useT();
  const form = useStored(backtestForm, (state) => state);
  const busy = useStored(slot, (state) => state.starting !== null);
  const set = (change: Partial<FormState>) => backtestForm.setState(change);
  const engine = engines.choices.find(({ name }) => name === form.engine) ?? engines.choices[0] ?? null;
  const spec = engine?.list?.specs.find(({ name }) => name === form.strategy) ?? null;
  const strategies = engine?.list?.names ?? [];
  const { pair, venue, timeframe } = chosenOf(form, chart);
  const name = engine?.name ?? null;
  const own = name === "native" ? venue : null;
  const known = isPair(pair) ? pair : "";
  const defaults = useTradingDefaults(api, name, known, own);
  const checked = checkForm(form, { engine: name, strategies, spec, defaults, chart, newest, visible });
  const told = usePairTimeframes(api, name, known, own);
  const timeframes = told && told.length > 0 ? told : storedTimeframes(pair, own);
  const order = busy ? null : checked.order;

  useEffect(() => {
    slot.setState({ run: order && (() => onRun(order)) });
    return () => slot.setState({ run: null });
  }, [slot, order, onRun]);

  if (engines.choices.length === 0) return <NoEngine engines={engines} />;
  return (
    <form
      data-testid="backtest-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (order) onRun(order);
      }}
      className="flex flex-col gap-2.5 p-3"
    >
      <EngineField engines={engines} name={name ?? "native"} onChange={(name) => set({ engine: name })} />
      {engine?.failure ? (
        <ErrorState title={t("backtest.strategies.failed")} failure={engine.failure} onRetry={engine.refetch} />
      ) : (
        <StrategyField
          list={engine?.list ?? { names: [], specs: [] }}
          value={form.strategy}
          problem={checked.problems.get("strategy")}
          onChange={(strategy) => set({ strategy })}
        />
      )}
      <Field
        name="pair"
        label={t("backtest.pair")}
        problem={checked.problems.get("pair")}
        note={own && t("backtest.pair.venue", { venue: venueName(own.exchange, own.market, t) })}
      >
        {(ids) => (
          <input
            {...ids}
            value={pair}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => set({ ...followed({ pair: event.target.value.toUpperCase() }, chart), venue: null })}
            className={INPUT}
          />
        )}
      </Field>
      <TimeframeField
        known={timeframes}
        value={timeframe}
        problem={checked.problems.get("timeframe")}
        onChange={(value) => set(followed({ timeframe: value }, chart))}
      />
      {chart && (form.pair !== null || form.timeframe !== null) && (
        <Button
          tone="plain"
          data-cmd="backtest.follow"
          className="-mt-1 -ml-3 self-start text-12"
          onClick={() => set({ pair: null, timeframe: null })}
        >
          {t("backtest.follow", chart)}
        </Button>
      )}
      <RangeField form={form} problem={checked.problems.get("range")} onChange={set} />
      {spec && (
        <Params
          spec={spec}
          texts={form.params[form.strategy] ?? {}}
          problems={checked.problems}
          onChange={(name, text) =>
            set({ params: { ...form.params, [form.strategy]: { ...form.params[form.strategy], [name]: text } } })
          }
        />
      )}
      {defaults && (
        <TradingFields
          texts={form.trading}
          defaults={defaults}
          given={checked.trading}
          problems={checked.problems}
          onChange={(trading) => set({ trading })}
        />
      )}
      <RunButton busy={busy} ready={checked.order !== null} cells={checked.cells}>
        {checked.problems.has("grid") && problemText(checked.problems.get("grid") ?? { kind: "required" }, t)}
      </RunButton>
    </form>
  );
}

/** Nothing to choose yet, or at all. */
function NoEngine({ engines }: { engines: Engines }) {
  const t = useT();
  if (engines.pending) {
    return (
      <p role="status" className="p-4 text-text-2">
        {t("backtest.engines.loading")}
      </p>
    );
  }
  if (engines.failure) {
    return <ErrorState title={t("backtest.engines.failed")} failure={engines.failure} onRetry={engines.refetch} />;
  }
  return (
    <>
      <EmptyState icon="empty" title={t("backtest.engines.none")} text={t("backtest.engines.none.text")} />
      <EngineProblems engines={engines} />
    </>
  );
}

/** Engines that were meant to be there, and why they are not. */
function EngineProblems({ engines }: { engines: Engines }) {
  const t = useT();
  return engines.problems.map(({ name, ...problem }) => (
    <p key={name} data-engine-problem={name} className="text-12 text-warn">
      {t("backtest.engine.problem", { engine: t(`backtest.engine.${name}`), why: failureText(problem, t) })}
    </p>
  ));
}

interface RunButtonProps {
  busy: boolean;
  ready: boolean;
  cells: number;
  children: React.ReactNode;
}

function RunButton({ busy, ready, cells, children }: RunButtonProps) {
  const t = useT();
  const words = busy ? t("backtest.starting") : cells > 1 ? t("backtest.runSweep", { n: cells }) : t("backtest.run");
  return (
    <div className="sticky bottom-0 -mx-3 -mb-3 flex flex-col gap-1 border-t border-line bg-bg-1 px-3 py-2">
      {children && (
        <p role="alert" className="text-12 text-danger">
          {children}
        </p>
      )}
      <Button tone="primary" type="submit" data-cmd="backtest.run" disabled={busy || !ready} className="w-full">
        {words}
        <Keys chord="Mod+Enter" />
      </Button>
    </div>
  );
}

function EngineField({
  engines,
  name,
  onChange,
}: {
  engines: Engines;
  name: EngineName;
  onChange: (name: EngineName) => void;
}) {
  const t = useT();
  return (
    <div data-field="engine" className="flex flex-col items-start gap-0.5">
      <span className="text-12 text-text-2">{t("backtest.engine")}</span>
      <Segmented
        label={t("backtest.engine")}
        value={name}
        options={engines.choices.map((choice) => ({ value: choice.name, label: t(`backtest.engine.${choice.name}`) }))}
        onChange={onChange}
      />
      <p className="text-12 text-text-3">{t(`backtest.engine.${name}.about`)}</p>
      <EngineProblems engines={engines} />
    </div>
  );
}

interface TimeframeFieldProps {
  /** Those with candles. */
  known: readonly string[];
  value: string;
  problem: Parameters<typeof Field>[0]["problem"];
  onChange: (timeframe: string) => void;
}

/** Timeframes by their length; one without candles says so, and what to do about it. */
function TimeframeField({ known, value, problem, onChange }: TimeframeFieldProps) {
  const t = useT();
  const all = useMemo(() => {
    const names = new Set([...known, ...COMMON, ...(value === "" ? [] : [value])]);
    return [...names].sort((a, b) => lengthOf(a) - lengthOf(b));
  }, [known, value]);
  const missing = known.length > 0 && value !== "" && !known.includes(value);
  return (
    <Field
      name="timeframe"
      label={t("backtest.timeframe")}
      problem={problem}
      note={missing ? t("backtest.timeframe.missing", { timeframe: value }) : undefined}
    >
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`select pr-7 ${INPUT}`}
        >
          {value === "" && <option value="" />}
          {all.map((name) => (
            <option key={name} value={name}>
              {known.length === 0 || known.includes(name) ? name : t("backtest.timeframe.none", { timeframe: name })}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const LONG = { w: 7 * 86_400, M: 30 * 86_400 } as const;

function lengthOf(timeframe: string): number {
  const unit = timeframe.at(-1);
  const long = unit === "w" || unit === "M" ? LONG[unit] * Number.parseInt(timeframe, 10) : 0;
  return timeframeSeconds(timeframe) ?? long;
}
