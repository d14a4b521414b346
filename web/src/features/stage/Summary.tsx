import { useEffect, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { ChartHost, ChartState } from "../../chart/types";
import { useT } from "../../i18n/react";
import { useStored } from "../../ui/storage/useStored";
import { describeChart } from "./describe";

const SETTLE_MS = 1_000;

/** Not seen, but there to be read: what the chart shows, renewed when a bar closed or the view came to rest. */
export function Summary({
  chart,
  host,
  health,
}: {
  chart: StoreApi<ChartState | null>;
  host: ChartHost | null;
  health: string;
}) {
  const t = useT();
  const [sentences, setSentences] = useState<readonly string[]>([]);
  const moment = useStored(chart, (state) =>
    state ? [state.series, state.status, state.candles.lastTime, state.visible?.from, state.visible?.to].join(" ") : "",
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `moment` tells that there is something new to describe.
  useEffect(() => {
    if (!host) return;
    const timer = setTimeout(() => setSentences(describeChart(host.describe(), host.formats(), health, t)), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [moment, host, health, t]);

  return (
    <section aria-label={t("summary.title")} data-testid="summary" className="sr-only">
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  );
}
