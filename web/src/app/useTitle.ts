import { useEffect } from "react";
import type { Effective } from "../features/settings/preferences";
import { seriesWords } from "../features/stage/text";
import { translator } from "../i18n/locale";
import type { Services } from "./services";

const EVERY_MS = 1_000;

/** Symbol and last price in the title of the tab, at most once per second. */
export function useTitle({ chart, host, replay }: Services, series: string | null, { locale }: Effective): void {
  useEffect(() => {
    const t = translator(locale);
    const write = () => {
      if (series === null) {
        document.title = t("app.title");
        return;
      }
      const { symbol, timeframe } = seriesWords(series, t);
      const replaying = replay.getState().controller !== null;
      setFavicon(replaying);
      if (replaying) {
        document.title = t("replay.tab.title", { symbol, timeframe });
        return;
      }
      const state = chart.getState();
      const last = state?.series === series ? state.last : null;
      const price = last && host.getState().current?.formats().price(last.close);
      document.title = price
        ? t("app.tab.title", { symbol, timeframe, price })
        : t("app.tab.empty", { symbol, timeframe });
    };
    write();
    const timer = setInterval(write, EVERY_MS);
    const stop = replay.subscribe((now, before) => {
      if (now.controller !== before.controller) write();
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [chart, host, replay, series, locale]);
}

/** The icon of a replayed past carries a dot. */
function setFavicon(replaying: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = replaying ? "/favicon-replay.svg" : "/favicon.svg";
  if (link && link.getAttribute("href") !== href) link.setAttribute("href", href);
}
