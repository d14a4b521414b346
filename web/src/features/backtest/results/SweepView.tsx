import { type KeyboardEvent, useMemo, useState } from "react";
import type { BacktestRun, SweepPoint } from "../../../api/backtest-types";
import { useLocale, useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Select } from "../../../ui/controls/Choice";
import { EmptyState } from "../../../ui/feedback/States";
import { download } from "../trades/download";
import { fileName } from "../trades/table";
import { paramsText } from "../words";
import { explanationOf } from "./explanations";
import { type Figure, figure, figureOf, figureText, soundValue } from "./figures";
import { type Axis, axesOf, type Cell, figuresOf, ranked, type Surface, strength, surfaceOf } from "./surface";

interface SweepViewProps {
  run: BacktestRun;
  points: readonly SweepPoint[];
  /** Puts the parameters of a point into the form. */
  onUse: (params: SweepPoint["params"]) => void;
}

/** Figures where less is better. */
const LESS = new Set(["max_drawdown_account"]);
const MOST_ROWS = 200;

/** The whole surface of a sweep, not its best cell alone: as a map, and ranked. */
export function SweepView({ run, points, onUse }: SweepViewProps) {
  const t = useT();
  const locale = useLocale();
  const axes = useMemo(() => axesOf(points), [points]);
  const keys = useMemo(() => figuresOf(points), [points]);
  const [asked, setKey] = useState("profit_total");
  const [names, setNames] = useState<{ across?: string; down?: string }>({});
  const [heldBy, setHeld] = useState<Readonly<Record<string, number>>>({});
  const key = keys.includes(asked) ? asked : (keys[0] ?? "profit_total");
  // Screens are wide: the parameter with the most values lies across.
  const long = [...axes].sort((a, b) => b.values.length - a.values.length);
  const across = axes.find(({ name }) => name === names.across) ?? long[0] ?? null;
  const down =
    axes.find(({ name }) => name === names.down && name !== across?.name) ??
    long.find((axis) => axis !== across) ??
    null;
  const others = axes.filter((axis) => axis !== across && axis !== down);
  const held = Object.fromEntries(others.map(({ name, values }) => [name, heldBy[name] ?? values[0] ?? 0]));
  if (points.length === 0 || keys.length === 0) {
    return <EmptyState icon="table" title={t("backtest.sweep.empty")} />;
  }
  const of = figure(key);
  const axisOptions = axes.map(({ name }) => ({ value: name, label: name }));
  return (
    <div data-testid="backtest-sweep" data-rows={points.length}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2 text-12">
        <Choice label={t("backtest.sweep.figure")}>
          <Select
            label={t("backtest.sweep.figure")}
            value={key}
            options={keys.map((value) => ({ value, label: explanationOf(value, locale).name }))}
            onChange={setKey}
          />
        </Choice>
        {axes.length > 1 && across && down && (
          <>
            <Choice label={t("backtest.sweep.across")}>
              <Select
                label={t("backtest.sweep.across")}
                value={across.name}
                options={axisOptions}
                onChange={(name) => setNames({ across: name, down: name === down.name ? across.name : down.name })}
              />
            </Choice>
            <Choice label={t("backtest.sweep.down")}>
              <Select
                label={t("backtest.sweep.down")}
                value={down.name}
                options={axisOptions.filter(({ value }) => value !== across.name)}
                onChange={(name) => setNames({ across: across.name, down: name })}
              />
            </Choice>
          </>
        )}
        {others.map(({ name, values }) => (
          <Choice key={name} label={name}>
            <Select
              label={name}
              value={String(held[name])}
              options={values.map((value) => ({ value: String(value), label: String(value) }))}
              onChange={(value) => setHeld({ ...heldBy, [name]: Number(value) })}
            />
          </Choice>
        ))}
        <span className="flex-1" />
        <Button data-cmd="backtest.exportSweep" className="text-12" onClick={() => saveCsv(run, points, keys)}>
          {t("backtest.export.csv")}
        </Button>
      </div>
      <HeatMap surface={surfaceOf(points, key, across, down, held)} of={of} onUse={onUse} />
      <Ranked points={points} axes={axes} of={of} keys={keys} onUse={onUse} />
    </div>
  );
}

function Choice({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <span className="text-text-3">{label}</span>
      {children}
    </span>
  );
}

/** A cell per combination; arrow keys walk through them, Enter takes their parameters. */
function HeatMap({
  surface,
  of,
  onUse,
}: {
  surface: Surface;
  of: Figure;
  onUse: (params: SweepPoint["params"]) => void;
}) {
  const t = useT();
  const locale = useLocale();
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const { across, down, rows } = surface;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const moves: Record<string, readonly [number, number]> = {
      ...{ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] },
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = [clamp(at[0] + move[0], rows.length), clamp(at[1] + move[1], rows[0]?.length ?? 1)] as const;
    event.preventDefault();
    event.stopPropagation();
    setAt(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-at="${next[0]},${next[1]}"]`)?.focus();
  };
  return (
    <div className="max-h-[420px] overflow-auto px-3 pb-2">
      <table onKeyDown={onKeyDown} className="border-separate border-spacing-px text-right text-11 tabular-nums">
        <caption className="text-left text-12 text-text-3">
          {across && t("backtest.sweep.caption", { across: across.name, down: down?.name ?? t("common.dash") })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="sticky left-0 bg-bg-1 px-1 text-left font-normal text-text-3">
              {down?.name}
            </th>
            {(across?.values ?? []).map((value) => (
              <th key={value} scope="col" className="px-1 font-normal text-text-2">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={down?.values[line] ?? "all"}>
              <th scope="row" className="sticky left-0 bg-bg-1 px-1 text-left font-normal text-text-2">
                {down?.values[line]}
              </th>
              {row.map((cell, column) => (
                <td key={across?.values[column] ?? "all"} className="p-0">
                  <HeatCell
                    cell={cell}
                    at={`${line},${column}`}
                    reachable={at[0] === line && at[1] === column}
                    words={cell?.value == null ? t("backtest.none") : figureText(cell.value, of, locale)}
                    tint={cell?.value == null ? 0 : strength(cell.value, surface, of.signed === true)}
                    onUse={onUse}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeatCellProps {
  cell: Cell | null;
  at: string;
  reachable: boolean;
  words: string;
  tint: number;
  onUse: (params: SweepPoint["params"]) => void;
}

/** So faint that the figure stays readable on it. */
const STRONGEST = 42;

function HeatCell({ cell, at, reachable, words, tint, onUse }: HeatCellProps) {
  const t = useT();
  if (cell === null) return null;
  const params = paramsText(cell.point.params);
  const share = Math.round(Math.abs(tint) * STRONGEST);
  return (
    <button
      type="button"
      data-at={at}
      data-cmd="backtest.sweep.use"
      data-value={cell.value ?? ""}
      tabIndex={reachable ? 0 : -1}
      aria-label={t("backtest.sweep.cell", { params, value: words })}
      data-tip={params}
      onClick={() => onUse(cell.point.params)}
      style={{ background: `color-mix(in srgb, var(${tint < 0 ? "--down" : "--up"}) ${share}%, transparent)` }}
      className="h-6 w-full min-w-[58px] rounded-[2px] px-1 text-right text-text-1 outline-offset-[-2px]"
    >
      {words}
    </button>
  );
}

interface RankedProps {
  points: readonly SweepPoint[];
  axes: readonly Axis[];
  of: Figure;
  keys: readonly string[];
  onUse: (params: SweepPoint["params"]) => void;
}

function Ranked({ points, axes, of, keys, onUse }: RankedProps) {
  const t = useT();
  const locale = useLocale();
  const rows = useMemo(() => ranked(points, of.key, LESS.has(of.key)), [points, of.key]);
  return (
    <details className="px-3 pb-3" data-testid="backtest-ranked">
      <summary className="cursor-pointer py-1 text-12 text-text-2">
        {t("backtest.sweep.ranked", { n: points.length })}
      </summary>
      <div className="overflow-x-auto">
        <table className="w-full text-right text-12 tabular-nums [&_td]:pr-3 [&_th]:pr-3 [&_th]:font-normal [&_th]:whitespace-nowrap">
          <thead className="text-text-3">
            <tr>
              {axes.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {keys.map((key) => (
                <th key={key} scope="col">
                  {explanationOf(key, locale).name}
                </th>
              ))}
              <th scope="col">
                <span className="sr-only">{t("backtest.sweep.use")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((point) => (
              <tr key={paramsText(point.params)}>
                {axes.map(({ name }) => (
                  <td key={name}>{point.params[name]}</td>
                ))}
                {keys.map((key) => {
                  const value = soundValue(point.metrics, key);
                  return (
                    <td key={key}>{value === null ? t("backtest.none") : figureText(value, figure(key), locale)}</td>
                  );
                })}
                <td>
                  <Button
                    tone="plain"
                    className="h-6 px-2 text-12"
                    data-cmd="backtest.sweep.use"
                    onClick={() => onUse(point.params)}
                  >
                    {t("backtest.sweep.use")}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS && (
        <p className="text-12 text-text-3">{t("backtest.sweep.more", { n: rows.length - MOST_ROWS })}</p>
      )}
    </details>
  );
}

function clamp(at: number, count: number): number {
  return Math.min(Math.max(at, 0), count - 1);
}

function saveCsv(run: BacktestRun, points: readonly SweepPoint[], keys: readonly string[]): void {
  const names = Object.keys(points[0]?.params ?? {});
  const lines = points.map(({ params, metrics }) =>
    [...names.map((name) => params[name] ?? ""), ...keys.map((key) => figureOf(metrics, key) ?? "")].join(","),
  );
  download(`${[[...names, ...keys].join(","), ...lines].join("\r\n")}\r\n`, fileName(run, "csv"), "text/csv");
}
