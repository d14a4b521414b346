import type { EpochsResponse } from "../../api/types";
import type { ChartFormats } from "../../chart/types";
import type { Translate } from "../../i18n/catalogue";
import { useLocale, useT } from "../../i18n/react";
import { Fact, Facts, Part } from "../../ui/controls/Facts";
import { Icon, type IconName } from "../../ui/controls/Icon";
import { backfillText } from "./backfill";
import type { HealthPicture } from "./useHealth";

const REASONS = [
  "up_to_date",
  "head_ahead_of_closed_window",
  "missing_head",
  "backfill_running",
  "backfill_recent",
  "lagging_no_recent_backfill",
] as const;
const REBUILDS = ["late_candle", "corrected_candle", "fingerprint", "trim", "operator"] as const;
const LOOKS: Readonly<Record<string, { icon: IconName; tone: string }>> = {
  green: { icon: "check", tone: "text-ok" },
  yellow: { icon: "sync", tone: "text-warn" },
  red: { icon: "warn", tone: "text-danger" },
};

interface HealthSectionProps {
  health: HealthPicture;
  epochs: EpochsResponse;
  live: boolean | null;
  formats: ChartFormats;
}

export function HealthSection({ health, epochs, live, formats }: HealthSectionProps) {
  const t = useT();
  const locale = useLocale();
  const { market, marketOff, factors } = health.facts;
  const reason = REASONS.find((known) => known === market?.status_reason);
  const { icon, tone } = LOOKS[market?.status ?? ""] ?? { icon: "info", tone: "text-text-3" };
  const time = (at: number | null) => (at === null ? t("common.dash") : formats.dateTime(at));
  const head = market ? market.head_time : health.facts.lastTime;
  return (
    <Part title={t("data.health")} testId="data-health">
      <p
        data-status={market?.status ?? (marketOff ? "off" : "unknown")}
        className={`mb-2 flex items-start gap-2 font-semibold ${tone}`}
      >
        <Icon name={icon} className="mt-0.5" />
        {t(reason ? `data.status.${reason}` : marketOff ? "data.status.off" : "data.status.unknown")}
      </p>
      <Facts>
        <Fact name={t("data.head")}>{time(head)}</Fact>
        {market && <Fact name={t("data.expected")}>{time(market.expected_latest_closed_time)}</Fact>}
        {market && market.lag_seconds !== null && (
          <Fact name={t("data.lag")}>{formats.duration(market.lag_seconds)}</Fact>
        )}
        {market && market.missing_candles !== null && (
          <Fact name={t("data.missing")}>{t("data.missing.n", { n: market.missing_candles })}</Fact>
        )}
        {live !== null && <Fact name={t("data.source")}>{t(live ? "data.source.live" : "data.source.stored")}</Fact>}
        {market && <Fact name={t("data.backfill")}>{backfillText(market, t, locale)}</Fact>}
        <Fact name={t("data.factors")}>{delayText(factors?.factor_delay_candles, t)}</Fact>
        <Fact name={t("data.drawings")}>{delayText(factors?.overlay_delay_candles, t)}</Fact>
        <Fact name={t("data.epoch")}>
          <span data-testid="data-epoch">{epochs.epoch}</span>
        </Fact>
      </Facts>
      <Rebuilds epochs={epochs} formats={formats} />
    </Part>
  );
}

function Rebuilds({ epochs, formats }: Pick<HealthSectionProps, "epochs" | "formats">) {
  const t = useT();
  return (
    <>
      <h4 className="mt-3 mb-1 text-12 font-semibold text-text-3">{t("data.rebuilds")}</h4>
      {epochs.rebuilds.length === 0 && <p className="text-12 text-text-3">{t("data.rebuilds.none")}</p>}
      <ul className="text-12">
        {epochs.rebuilds.map(({ epoch, at_ms, reason, from_time, candles: n }) => {
          const known = REBUILDS.find((name) => name === reason);
          const why = t(`data.rebuild.${known ?? "other"}`);
          return (
            <li key={epoch} data-rebuild={epoch} className="flex gap-3 py-0.5 tabular-nums">
              <span className="shrink-0 text-text-3">{formats.moment(at_ms / 1_000)}</span>
              <span className="min-w-0 break-words">
                {from_time === null
                  ? t("data.rebuild.start", { reason: why, n })
                  : t("data.rebuild.from", { reason: why, time: formats.dateTime(from_time), n })}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function delayText(candles: number | null | undefined, t: Translate): string {
  if (candles === null || candles === undefined) return t("data.unknown");
  return candles === 0 ? t("data.upToDate") : t("data.delay", { n: candles });
}
