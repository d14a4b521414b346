import { useRef, useState } from "react";
import type { RunResult } from "../../../api/backtest-types";
import { useLocale, useT } from "../../../i18n/react";
import { Popover } from "../../../ui/overlays/Popover";
import type { Market } from "../useMarket";
import { fallsOf } from "./curves";
import { explanationOf } from "./explanations";
import {
  decimal,
  FIGURES,
  type Figure,
  figure,
  figureOf,
  figureText,
  GROUPS,
  KEY_FIGURES,
  soundValue,
  toneOf,
  whyNone,
} from "./figures";

/** A figure in words: its value, or why it has none. */
export function FigureValue({ of, metrics }: { of: Figure; metrics: RunResult["metrics"] }) {
  const t = useT();
  const locale = useLocale();
  const value = figureOf(metrics, of.key);
  const reason = whyNone(of, value, metrics);
  if (typeof value !== "number" || reason !== null) {
    const words = t(`backtest.none.${reason ?? "undefined"}`);
    return (
      <span className="text-text-3" data-tip={words}>
        {t("backtest.none")}
        <span className="sr-only"> ({words})</span>
      </span>
    );
  }
  const coloured = of.signed && (of.unit === "percent" || of.unit === "money");
  return <span className={coloured ? toneOf(value) : ""}>{figureText(value, of, locale)}</span>;
}

/** The six that matter most, each with what it is measured by: holding, the wallet, or what it is made of. */
export function KeyFigures({ metrics, market }: { metrics: RunResult["metrics"]; market: Market | null }) {
  const locale = useLocale();
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(128px,1fr))] gap-x-4 gap-y-2 px-3 py-2">
      {KEY_FIGURES.map((key) => {
        const of = figure(key);
        const value = figureOf(metrics, key);
        return (
          <div key={key} data-metric={key} data-value={value ?? ""} className="flex min-w-0 flex-col">
            <dt className="flex items-center gap-1 text-12 text-text-3">
              {explanationOf(key, locale).name}
              <Explain of={of} />
            </dt>
            <dd className="text-20 tabular-nums">
              <FigureValue of={of} metrics={metrics} />
            </dd>
            <dd className="flex min-h-4 flex-wrap items-center gap-x-1.5 text-11 text-text-3 tabular-nums">
              {of.closed && <ClosedTrades />}
              <Beside of={key} metrics={metrics} market={market} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

interface BesideProps {
  of: (typeof KEY_FIGURES)[number];
  metrics: RunResult["metrics"];
  market: Market | null;
}

/** What stands under a figure of the six; nothing where the engine does not tell it. */
function Beside({ of, metrics, market }: BesideProps) {
  const t = useT();
  const locale = useLocale();
  const [first, second] = BESIDE[of].map((key) => soundValue(metrics, key));
  switch (of) {
    case "profit_total":
      return typeof first === "number" && t("backtest.hold", { value: percentText(first, locale) });
    case "max_drawdown_account": {
      const fall = market && market.closes.length > 1 ? Math.min(...fallsOf(market.closes)) : null;
      return fall !== null && t("backtest.hold", { value: figureText(-fall, figure(of), locale) });
    }
    case "sharpe":
      return typeof first === "number" && t("backtest.beside.wallet", { value: decimal(first, 2, true) });
    case "profit_factor":
      return typeof first === "number" && t("backtest.beside.expectancy", { value: decimal(first, 2, true) });
    case "winrate":
      return (
        typeof first === "number" &&
        typeof second === "number" &&
        t("backtest.beside.won", { won: first, lost: second })
      );
    case "total_trades":
      return (
        typeof first === "number" &&
        typeof second === "number" &&
        t("backtest.beside.sides", { long: first, short: second })
      );
  }
}

/** The figures that the lines under the six are written from. */
const BESIDE = {
  profit_total: ["market_change"],
  max_drawdown_account: [],
  sharpe: ["wallet_stats.sharpe"],
  profit_factor: ["expectancy"],
  winrate: ["wins", "losses"],
  total_trades: ["trade_count_long", "trade_count_short"],
} as const satisfies Record<(typeof KEY_FIGURES)[number], readonly string[]>;

function percentText(value: number, locale: string): string {
  return figureText(value, { unit: "percent", signed: true }, locale);
}

/** Every figure that the engine tells, in groups. */
export function AllFigures({ metrics }: { metrics: RunResult["metrics"] }) {
  const t = useT();
  return (
    <div
      data-testid="backtest-metrics"
      className="grid grid-cols-[repeat(auto-fit,minmax(260px,1fr))] items-start gap-x-6 gap-y-3 px-3 py-2"
    >
      {GROUPS.map((group) => {
        const told = FIGURES.filter((one) => one.group === group && figureOf(metrics, one.key) !== undefined);
        if (told.length === 0) return null;
        return (
          <section key={group}>
            <h4 className="mb-1 text-12 font-semibold text-text-3">{t(`backtest.group.${group}`)}</h4>
            <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 text-12 tabular-nums">
              {told.map((of) => (
                <Row key={of.key} of={of} metrics={metrics} />
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}

/** Says of a figure that it is taken over closed trades, not over the wallet. */
export function ClosedTrades() {
  const t = useT();
  return (
    <span className="shrink-0 rounded-control border border-line px-1 text-11 font-normal text-text-3">
      {t("backtest.closedTrades")}
    </span>
  );
}

function Row({ of, metrics }: { of: Figure; metrics: RunResult["metrics"] }) {
  const locale = useLocale();
  return (
    <div data-metric={of.key} data-value={figureOf(metrics, of.key) ?? ""} className="contents">
      <dt className="flex min-w-0 items-center gap-1 text-text-2">
        <span className="truncate">{explanationOf(of.key, locale).name}</span>
        {of.closed && <ClosedTrades />}
        <Explain of={of} />
      </dt>
      <dd className="text-right">
        <FigureValue of={of} metrics={metrics} />
      </dd>
    </div>
  );
}

/** A question mark with one sentence, the formula, and how to read it. */
function Explain({ of }: { of: Figure }) {
  const t = useT();
  const locale = useLocale();
  const ref = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { name, about, read } = explanationOf(of.key, locale);
  return (
    <>
      <button
        ref={ref}
        type="button"
        data-cmd="backtest.explain"
        aria-label={t("backtest.explain", { name })}
        aria-expanded={open}
        onClick={() => setOpen(true)}
        className="hit relative size-4 shrink-0 rounded-full border border-line text-11 leading-none text-text-3 hover:text-text-1"
      >
        ?
      </button>
      {open && (
        <Popover anchor={ref} label={name} onClose={() => setOpen(false)} className="w-[300px] p-3 text-12">
          <p className="font-semibold">{name}</p>
          <p className="mt-1">{about}</p>
          <p className="mt-1 font-mono text-text-2">{of.formula}</p>
          <p className="mt-1 text-text-2">{read}</p>
        </Popover>
      )}
    </>
  );
}
