import { useMemo } from "react";
import { timeframeSeconds } from "../../api/series";
import { timeFormat } from "../../chart/format/time";
import { useLocale } from "../../i18n/react";

/** Times in the chosen zone, as the chart writes them. */
export function useFormats(timeframe: string, timeZone: string) {
  const locale = useLocale();
  return useMemo(() => {
    const format = timeFormat(locale, timeZone, timeframeSeconds(timeframe) ?? 60);
    const month = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
    return {
      formatTime: format.dateTime,
      formatDate: format.date,
      formatMoment: format.moment,
      monthNames: Array.from({ length: 12 }, (_, at) => month.format(Date.UTC(2023, at, 15))),
    };
  }, [locale, timeZone, timeframe]);
}
