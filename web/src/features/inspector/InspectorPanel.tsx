import type { StoreApi } from "zustand/vanilla";
import type { ApiClient } from "../../api/client";
import type { Explanation } from "../../chart/explain";
import type { ChartFormats, ChartHost, ChartState } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Button, IconButton } from "../../ui/controls/Button";
import { Icon } from "../../ui/controls/Icon";
import { EmptyState, ErrorState, SkeletonRows, useDelayed } from "../../ui/feedback/States";
import { useStored } from "../../ui/storage/useStored";
import { BarSection } from "./BarSection";
import { ChangesSection } from "./ChangesSection";
import { ObjectCard } from "./ObjectCard";
import { RawSection } from "./RawSection";
import { StateSection } from "./StateSection";
import { type BarFacts, isSilent, useBarFacts } from "./useBarFacts";
import { type Inspected, useInspected } from "./useInspected";

export interface InspectorPanelProps {
  api: ApiClient;
  chart: StoreApi<ChartState | null>;
  host: ChartHost | null;
  /** Names of the factors this server computes; undefined until known. */
  factors: readonly string[] | undefined;
  /** An object in a few lines, its name first. */
  wordsOf: (explanation: Explanation, formats: ChartFormats) => readonly string[];
}

/** What was known at one bar: its candle, what changed, what followed from it, and the object that was chosen. */
export default function InspectorPanel({ api, chart, host, factors, wordsOf }: InspectorPanelProps) {
  const t = useT();
  // The whole picture: with it comes everything that the formats of the host depend on.
  const picture = useStored(chart, (state) => state);
  const inspected = useInspected(picture);
  const query = useBarFacts(api, inspected, factors);
  const rebuilding = picture?.drawings.rebuilding ?? false;
  const formats = host?.formats();
  const facts = query.data;
  const state = stateOf(inspected, query, picture?.status === "offline");

  return (
    <div
      data-panel="inspector"
      data-state={state}
      data-rows={facts?.changes.length ?? 0}
      data-error-code={query.error?.code}
      data-request-id={query.error?.requestId}
      className="flex min-h-0 flex-1 flex-col"
    >
      <Following host={host} inspected={inspected} />
      <div className="min-h-0 flex-1 overflow-y-auto pb-3 [scrollbar-gutter:stable]">
        {inspected.time === null || !picture || !formats || !host ? (
          <EmptyState icon="inspector" title={t("inspector.empty")} text={t("inspector.empty.text")} />
        ) : (
          <>
            {inspected.selected?.kind === "object" && (
              <ObjectCard selected={inspected.selected} host={host} formats={formats} wordsOf={wordsOf} />
            )}
            <BarSection zone={picture.zoneLabel} host={host} inspected={inspected} formats={formats} />
            <Notice state={state} query={query} rebuilding={rebuilding} shown={facts} formats={formats} />
            {facts && (
              <>
                <ChangesSection facts={facts} formats={formats} />
                <StateSection facts={facts} host={host} formats={formats} />
                <RawSection facts={facts} />
              </>
            )}
          </>
        )}
      </div>
      <Footer facts={facts} formats={formats} />
    </div>
  );
}

type PanelState = "empty" | "loading" | "ready" | "stale" | "error" | "offline";
type FactsQuery = ReturnType<typeof useBarFacts>;

function stateOf(inspected: Inspected, query: FactsQuery, offline: boolean): PanelState {
  if (inspected.time === null) return "empty";
  if (offline) return "offline";
  if (query.isError) {
    if (isSilent(query.error, query.errorUpdateCount)) return query.data ? "ready" : "loading";
    return query.data || query.error.status === 409 ? "stale" : "error";
  }
  return query.data ? "ready" : "loading";
}

interface NoticeProps {
  state: PanelState;
  query: FactsQuery;
  rebuilding: boolean;
  shown: BarFacts | undefined;
  formats: ChartFormats;
}

/** What stands in place of the facts, or above them while they are not those of now. */
function Notice({ state, query, rebuilding, shown, formats }: NoticeProps) {
  const t = useT();
  // A slow answer names the bar whose state is still shown.
  const late = useDelayed(query.isPlaceholderData && state === "ready", 1_000);
  if (state === "loading") {
    return <SkeletonRows rows={["60%", "82%", "70%", "48%", "76%"]} words={t("inspector.loading")} />;
  }
  if (state === "error" && query.error) {
    return (
      <ErrorState
        title={t("inspector.error")}
        failure={query.error}
        retryAtMs={null}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const words =
    state === "offline"
      ? t("inspector.offline")
      : state === "stale"
        ? t(rebuilding ? "inspector.rebuilding" : "inspector.behind")
        : "";
  if (words === "" && !late) return null;
  return (
    <div role="status" className="mx-3 mt-3 rounded-card border border-line bg-bg-2 px-3 py-2">
      {words !== "" && (
        <p className="flex items-center gap-2 font-semibold">
          <Icon name={state === "offline" ? "offline" : "sync"} className="text-warn" />
          {words}
        </p>
      )}
      {state === "stale" && !shown && <p className="text-12 text-text-2">{t("inspector.behind.text")}</p>}
      {shown && (
        <p className="text-12 text-text-2">{t("inspector.staleContent", { time: formats.dateTime(shown.time) })}</p>
      )}
      {state === "stale" && (
        <Button className="mt-1 text-12" onClick={() => void query.refetch()}>
          {t("common.tryNow")}
        </Button>
      )}
    </div>
  );
}

function Following({ host, inspected }: { host: ChartHost | null; inspected: Inspected }) {
  const t = useT();
  const pinned = inspected.selected !== null;
  const { time } = inspected;
  if (time === null) return null;
  return (
    <div className="flex min-h-8 items-center justify-between gap-2 border-b border-line pr-1 pl-3 text-12 text-text-3 coarse:min-h-11">
      <span data-testid="inspector-mode">{t(pinned ? "inspector.pinned" : "inspector.following")}</span>
      <IconButton
        icon="pin"
        label={t(pinned ? "inspector.unpin" : "inspector.pin")}
        aria-pressed={pinned}
        className={pinned ? "bg-bg-3 text-accent" : ""}
        onClick={() => host?.choose(pinned ? null : time)}
      />
    </div>
  );
}

function Footer({ facts, formats }: { facts: BarFacts | undefined; formats: ChartFormats | undefined }) {
  const t = useT();
  const words =
    facts && formats
      ? t("inspector.footer", { time: formats.dateTime(facts.ledger.atTime), epoch: facts.ledger.epoch ?? 0 })
      : "";
  return (
    <footer className="flex min-h-9 items-center border-t border-line px-3 py-1 text-12 text-text-3">
      <p data-testid="inspector-footer" className="truncate" title={words}>
        {words}
      </p>
    </footer>
  );
}
