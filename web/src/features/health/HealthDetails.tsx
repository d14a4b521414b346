import { formatDuration } from "../../chart/format/duration";
import type { Translate } from "../../i18n/catalogue";
import { useLocale, useT } from "../../i18n/react";
import { Icon, type IconName } from "../../ui/controls/Icon";
import { backfillText } from "./backfill";
import { missingSeconds } from "./judge";
import type { HealthPicture } from "./useHealth";

interface HealthDetailsProps {
  health: HealthPicture;
  word: string;
  icon: IconName;
  tone: string;
  formatTime: (time: number) => string;
}

/** One row per part, with numbers. */
export function HealthDetails({ health, word, icon, tone, formatTime }: HealthDetailsProps) {
  const t = useT();
  const locale = useLocale();
  const age = (sinceMs: number) => formatDuration((health.facts.nowMs - sinceMs) / 1_000, locale);
  const rows: (readonly [string, string])[] = [
    [t("health.row.connection"), connectionText(health, t, age)],
    [t("health.row.candles"), candleText(health, t, formatTime)],
    [t("health.row.factors"), factorText(health, t, formatTime)],
    [t("health.row.drawings"), drawingText(health, t, formatTime)],
    ...(health.facts.market ? [[t("health.row.backfill"), backfillText(health.facts.market, t, locale)] as const] : []),
    [t("health.row.clock"), clockText(health, t)],
  ];
  return (
    <div>
      <p
        data-autofocus
        tabIndex={-1}
        className={`flex items-center gap-2 border-b border-line px-3 py-2 font-semibold ${tone}`}
      >
        <Icon name={icon} />
        {word}
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 p-3 text-12">
        {rows.map(([name, text]) => (
          <div key={name} className="contents">
            <dt className="text-text-3">{name}</dt>
            <dd className="text-right break-words text-text-1">{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Age = (sinceMs: number) => string;
type Format = (time: number) => string;

function connectionText({ facts }: HealthPicture, t: Translate, age: Age): string {
  const { connection, lastFrameMs } = facts;
  if (connection.downSinceMs !== null) return t("health.connection.down", { age: age(connection.downSinceMs) });
  if (connection.status !== "open") return t("health.connection.connecting");
  return lastFrameMs === null
    ? t("health.connection.openSilent")
    : t("health.connection.open", { age: age(lastFrameMs) });
}

function candleText({ facts }: HealthPicture, t: Translate, format: Format): string {
  if (facts.lastTime === null) return t("health.candles.none");
  const time = format(facts.lastTime);
  if (facts.market?.status_reason === "head_ahead_of_closed_window") return t("health.candles.ahead", { time });
  if (facts.market?.missing_candles) {
    const head = facts.market.head_time === null ? time : format(facts.market.head_time);
    return t("health.candles.missing", { n: facts.market.missing_candles, time: head });
  }
  const missing = Math.floor(missingSeconds(facts) / facts.timeframeSeconds);
  return missing > 1 ? t("health.candles.missing", { n: missing, time }) : t("health.candles.upToDate", { time });
}

function factorText({ facts: { factors } }: HealthPicture, t: Translate, format: Format): string {
  if (factors === null) return t("health.factors.off");
  if (factors.factor_head_time === null) return t("health.factors.none");
  const behind = factors.factor_delay_candles ?? 0;
  return behind > 0
    ? t("health.factors.behind", { n: behind })
    : t("health.factors.ok", { time: format(factors.factor_head_time) });
}

function drawingText({ facts: { drawings } }: HealthPicture, t: Translate, format: Format): string {
  if (drawings === null || drawings.toTime === null) return t("health.drawings.none");
  const time = format(drawings.toTime);
  return drawings.status === "ok" ? t("health.drawings.ok", { time }) : t("health.drawings.behind", { time });
}

function clockText({ facts, demo }: HealthPicture, t: Translate): string {
  if (facts.marketNowMs === null) return t("health.clock.unknown");
  return demo ? t("health.clock.demo", { speed: facts.speed }) : t("health.clock.real");
}
