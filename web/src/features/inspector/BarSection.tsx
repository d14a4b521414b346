import { timeFormat } from "../../chart/format/time";
import type { ChartFormats, ChartHost } from "../../chart/types";
import { useLocale, useT } from "../../i18n/react";
import { Fact, Facts, Part } from "../../ui/controls/Facts";
import { Id } from "./parts";
import type { Inspected } from "./useInspected";

interface BarSectionProps {
  /** Short name of the chosen zone. */
  zone: string;
  host: ChartHost;
  inspected: Inspected;
  formats: ChartFormats;
}

/** The candle itself: its time in both zones, its prices, its id. */
export function BarSection({ zone, host, inspected, formats }: BarSectionProps) {
  const t = useT();
  const locale = useLocale();
  const { series, time, closedTime } = inspected;
  if (time === null) return null;
  const bar = host.barAt(time);
  const { price, dateTime, change, percent, volume } = formats;
  const tone = !bar || bar.close === bar.open ? "" : bar.close > bar.open ? "text-up" : "text-down";
  return (
    <Part title={t("inspector.bar")} testId="inspector-bar">
      <Facts>
        <Fact name={t("inspector.bar.time")} note={zone}>
          <span className="font-semibold" data-time={time}>
            {dateTime(time)}
          </span>
        </Fact>
        {zone !== "UTC" && <Fact name={t("inspector.bar.utc")}>{timeFormat(locale, "UTC", 60).dateTime(time)}</Fact>}
        {bar && (
          <>
            <Fact name={t("inspector.bar.open")}>{price(bar.open)}</Fact>
            <Fact name={t("inspector.bar.high")}>{price(bar.high)}</Fact>
            <Fact name={t("inspector.bar.low")}>{price(bar.low)}</Fact>
            <Fact name={t("inspector.bar.close")}>
              <span className={tone}>{price(bar.close)}</span>
            </Fact>
            {bar.change !== null && bar.changePercent !== null && (
              <Fact name={t("inspector.bar.change")}>
                {t("inspector.bar.changeValue", { change: change(bar.change), percent: percent(bar.changePercent) })}
              </Fact>
            )}
            <Fact name={t("inspector.bar.volume")}>{volume(bar.volume)}</Fact>
          </>
        )}
      </Facts>
      <Id name={t("inspector.bar.id")} value={`${series}:${time}`} />
      {!bar && <p className="text-12 text-text-3">{t("inspector.noBar")}</p>}
      {bar?.forming && closedTime !== null && (
        <p className="text-12 text-text-3">{t("inspector.forming", { time: dateTime(closedTime) })}</p>
      )}
    </Part>
  );
}
