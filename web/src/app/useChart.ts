import { useCallback, useEffect } from "react";
import { createChartHost } from "../chart/host";
import { readChartTokens } from "../chart/tokens";
import type { ChartHost, ChartOptions } from "../chart/types";
import { featuresOf, flatten } from "../features/factors/tree";
import { useCatalog } from "../features/factors/useCatalog";
import { visibility } from "../features/factors/visibility";
import { listingKey } from "../features/market/universe";
import { type Effective, preferences } from "../features/settings/preferences";
import { rememberScale, scaleOf } from "../features/stage/scales";
import { chartText, seriesWords } from "../features/stage/text";
import { translator } from "../i18n/locale";
import { toast } from "../ui/feedback/toasts";
import { useStored } from "../ui/storage/useStored";
import type { Services } from "./services";

function reducedMotion(): MediaQueryList {
  return matchMedia("(prefers-reduced-motion: reduce)");
}

/** Makes the chart host and keeps everything it was told up to date. */
export function useChart(services: Services, choice: Effective) {
  const host = useStored(services.host, (state) => state.current);
  // The first options only; every later change goes through the host's own methods.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new host would throw the picture away.
  const create = useCallback(
    (container: HTMLElement) =>
      createChartHost(container, { ...services, chartId: "main", options: firstOptions(choice) }),
    [services],
  );
  const onHost = useCallback((current: ChartHost | null) => services.host.setState({ current }), [services]);

  useMirror(services, host);
  useLooks(services, host, choice);
  useVisibility(services, host);
  useScales(services, host);
  useNotices(host, choice);
  return { create, onHost, host };
}

function firstOptions(choice: Effective): ChartOptions {
  return {
    tokens: readChartTokens(document.documentElement),
    text: chartText(translator(choice.locale)),
    locale: choice.locale,
    numberLocale: choice.numberLocale,
    timeZone: choice.timeZone,
    palette: choice.palette,
    density: choice.density,
    reducedMotion: reducedMotion().matches,
    defaultBars: preferences.getState().defaultBars,
  };
}

/** Copies the coarse picture of the chart where components can select from it. */
function useMirror({ chart }: Services, host: ChartHost | null): void {
  useEffect(() => {
    if (!host) return;
    const stop = host.subscribe((state) => chart.setState(state, true));
    return () => {
      stop();
      chart.setState(null, true);
    };
  }, [host, chart]);
}

function useLooks(services: Services, host: ChartHost | null, choice: Effective): void {
  const { theme, palette, direction, locale, numberLocale, timeZone, density } = choice;
  const catalog = useCatalog(services.api).data;
  const bars = useStored(preferences, (state) => state.defaultBars);

  // biome-ignore lint/correctness/useExhaustiveDependencies: theme and direction decide what the style sheet answers.
  useEffect(() => {
    const features = catalog?.factors.flatMap(featuresOf) ?? [];
    host?.setTheme(readChartTokens(document.documentElement, features), palette);
  }, [host, catalog, theme, palette, direction]);
  useEffect(() => host?.setLocale(locale, chartText(translator(locale))), [host, locale]);
  useEffect(() => host?.setNumberLocale(numberLocale), [host, numberLocale]);
  useEffect(() => host?.setTimeZone(timeZone), [host, timeZone]);
  useEffect(() => host?.setDensity(density), [host, density]);
  useEffect(() => host?.setDefaultBars(bars), [host, bars]);
  useEffect(() => {
    const query = reducedMotion();
    const tell = () => host?.setReducedMotion(query.matches);
    tell();
    query.addEventListener("change", tell);
    return () => query.removeEventListener("change", tell);
  }, [host]);
}

function useVisibility(services: Services, host: ChartHost | null): void {
  const catalog = useCatalog(services.api).data;
  const choice = useStored(visibility, (state) => state);
  useEffect(() => {
    if (catalog) host?.setVisibility(flatten(choice, catalog));
  }, [host, catalog, choice]);
}

/** Each symbol keeps its own price scale. */
function useScales({ chart }: Services, host: ChartHost | null): void {
  useEffect(() => {
    if (!host) return;
    let symbol: string | null = null;
    return chart.subscribe((state) => {
      const next = state?.requested ? listingKey(state.requested) : null;
      if (next === null || !state) return;
      if (next !== symbol) {
        symbol = next;
        host.setScale(scaleOf(next));
      } else if (state.series === state.requested) {
        rememberScale(next, state.scale);
      }
    });
  }, [host, chart]);
}

function useNotices(host: ChartHost | null, { locale }: Effective): void {
  useEffect(() => {
    const t = translator(locale);
    return host?.onNotice((notice) => {
      const { symbol, timeframe } = seriesWords(notice.series, t);
      toast({ code: "rebuild", text: t("chart.rebuilt", { symbol, timeframe }) });
    });
  }, [host, locale]);
}
