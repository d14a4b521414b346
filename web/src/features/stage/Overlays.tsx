import type { StoreApi } from "zustand/vanilla";
import type { ChartHost, ChartState } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Icon } from "../../ui/controls/Icon";
import { useStored } from "../../ui/storage/useStored";

export interface StageProps {
  chart: StoreApi<ChartState | null>;
  host: ChartHost | null;
}

/** Way back to the newest bar, with what has closed meanwhile. */
export function GoToNow({ chart, host, replaying }: StageProps & { replaying: boolean }) {
  const t = useT();
  const follow = useStored(chart, (state) => state?.follow ?? true);
  const newBars = useStored(chart, (state) => state?.newBars ?? 0);
  const shown = useStored(chart, (state) => state?.status !== "empty" && state?.series !== null);
  if (follow || !shown) return null;
  return (
    <button
      type="button"
      data-cmd="chart.end"
      data-tip={t("cmd.chart.end")}
      data-tip-keys="End"
      onClick={() => host?.follow()}
      className="hit absolute right-[calc(var(--tc-price-axis,64px)+12px)] bottom-[calc(var(--tc-time-axis,28px)+var(--tc-bar,0px)+12px)] z-10 flex h-7 items-center gap-2 rounded-full border border-line-strong bg-bg-2 px-3 text-12 shadow-float hover:bg-bg-3 coarse:h-11"
    >
      <span className="font-semibold">{t(replaying ? "replay.toPosition" : "chart.goToNow")}</span>
      {newBars > 0 && (
        <span data-testid="new-bars" className="text-text-2">
          {t("chart.newBars", { n: newBars })}
        </span>
      )}
      <Icon name="toEnd" size={14} />
    </button>
  );
}

/** Axis corner: zone, and a mark for every scale that is not the plain one. */
export function AxisCorner({ chart, host, onZone }: StageProps & { onZone: () => void }) {
  const t = useT();
  const zone = useStored(chart, (state) => state?.zoneLabel ?? "");
  const mode = useStored(chart, (state) => state?.scale.mode ?? "linear");
  const inverted = useStored(chart, (state) => state?.scale.inverted ?? false);
  const manual = useStored(chart, (state) => state?.manualPrice ?? false);
  const mark = (text: string, label: string, run: () => void) => (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      onClick={run}
      className="min-w-4 rounded-[3px] px-0.5 font-semibold text-accent hover:bg-bg-3"
    >
      {text}
    </button>
  );
  return (
    <div className="absolute right-0 bottom-0 z-10 flex h-(--tc-time-axis,28px) w-(--tc-price-axis,64px) items-center justify-center gap-0.5 overflow-hidden text-11">
      {manual && mark("M", t("chart.scale.manual"), () => host?.command("autoScale"))}
      {mode === "log" && mark("L", t("chart.scale.log"), () => host?.command("toggleLog"))}
      {mode === "percent" && mark("%", t("chart.scale.percent"), () => host?.command("togglePercent"))}
      {inverted && mark("I", t("chart.scale.inverted"), () => host?.command("toggleInvert"))}
      {zone !== "" && (
        <button
          type="button"
          data-testid="zone"
          aria-label={t("chart.zone", { zone })}
          data-tip={t("chart.zone", { zone })}
          onClick={onZone}
          className="max-w-full truncate rounded-[3px] px-1 text-text-2 hover:bg-bg-3 hover:text-text-1"
        >
          {zone}
        </button>
      )}
    </div>
  );
}
