import { useCallback, useEffect } from "react";
import { listingKey } from "../api/series";
import { createChartHost } from "../chart/host";
import { readChartTokens } from "../chart/tokens";
import type { ChartHost, ChartOptions } from "../chart/types";
import { featuresOf, flatten } from "../features/factors/tree";
import { useCatalog } from "../features/factors/useCatalog";
import { visibility } from "../features/factors/visibility";
import { type Effective, preferences } from "../features/settings/preferences";
import { rememberScale, scaleOf } from "../features/stage/scales";
import { chartText, seriesWords } from "../features/stage/text";
import { translator } from "../i18n/locale";
import { toast } from "../ui/feedback/toasts";
import { useStored } from "../ui/storage/useStored";
import type { Control } from "./control";
import type { Services } from "./services";

/** What the system says of the user, by the option of the chart that follows it. */
const SYSTEM = {
  reducedMotion: "(prefers-reduced-motion: reduce)",
  moreContrast: "(prefers-contrast: more)",
} as const;

/** Makes the chart host and keeps everything it was told up to date. */
export function useChart(services: Services, control: Control, choice: Effective) {
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
  useNotices(services, host, control, choice);
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
    reducedMotion: matchMedia(SYSTEM.reducedMotion).matches,
    moreContrast: matchMedia(SYSTEM.moreContrast).matches,
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
  const defaultBars = useStored(preferences, (state) => state.defaultBars);

  // biome-ignore lint/correctness/useExhaustiveDependencies: theme and direction decide what the style sheet answers.
  useEffect(() => {
    const features = catalog?.factors.flatMap(featuresOf) ?? [];
    host?.set({ tokens: readChartTokens(document.documentElement, features), palette });
  }, [host, catalog, theme, palette, direction]);
  useEffect(() => host?.set({ locale, text: chartText(translator(locale)) }), [host, locale]);
  useEffect(() => host?.set({ numberLocale }), [host, numberLocale]);
  useEffect(() => host?.set({ timeZone }), [host, timeZone]);
  useEffect(() => host?.set({ density }), [host, density]);
  useEffect(() => host?.set({ defaultBars }), [host, defaultBars]);
  useSystem(host, "reducedMotion");
  useSystem(host, "moreContrast");
}

function useSystem(host: ChartHost | null, option: keyof typeof SYSTEM): void {
  useEffect(() => {
    const query = matchMedia(SYSTEM[option]);
    const tell = () => host?.set({ [option]: query.matches });
    tell();
    query.addEventListener("change", tell);
    return () => query.removeEventListener("change", tell);
  }, [host, option]);
}

function useVisibility(services: Services, host: ChartHost | null): void {
  const catalog = useCatalog(services.api).data;
  const choice = useStored(visibility, (state) => state);
  useEffect(() => {
    if (catalog) host?.set({ visibility: flatten(choice, catalog) });
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
        host.set({ scale: scaleOf(next) });
      } else if (state.series === state.requested) {
        rememberScale(next, state.scale);
      }
    });
  }, [host, chart]);
}

/** What happened on the chart and is answered elsewhere: a toast, a panel, the log. */
function useNotices({ recorder }: Services, host: ChartHost | null, control: Control, { locale }: Effective): void {
  useEffect(() => {
    const t = translator(locale);
    return host?.onNotice((notice) => {
      if (notice.kind === "inspect") {
        control.setPanel("inspector");
        return;
      }
      if (notice.kind === "gap") {
        recorder.gap(notice.series, notice.change);
        return;
      }
      const { symbol, timeframe } = seriesWords(notice.series, t);
      const from = notice.from === null ? null : host.formats().dateTime(notice.from);
      const text =
        from === null
          ? t("chart.rebuilt", { symbol, timeframe })
          : t("chart.rebuiltFrom", { symbol, timeframe, time: from });
      toast({ code: "rebuild", text });
    });
  }, [recorder, host, control, locale]);
}
