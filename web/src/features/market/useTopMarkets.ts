import { useEffect, useMemo, useState } from "react";
import { TopMarketsFeed, type TopMarketsState } from "../../api/top-markets";

/** The stream of a market while it is wanted and the page is looked at; its last state stays. */
export function useTopMarkets(market: "spot" | "futures", wanted: boolean) {
  const [state, setState] = useState<TopMarketsState | null>(null);
  const [feed, setFeed] = useState<TopMarketsFeed | null>(null);
  const visible = useVisible();
  useEffect(() => {
    if (!wanted || !visible) return;
    const opened = new TopMarketsFeed({
      market,
      onChange: (next) =>
        setState((before) => ({
          ...next,
          list: next.list ?? before?.list ?? null,
          receivedMs: next.receivedMs ?? before?.receivedMs ?? null,
        })),
    });
    setFeed(opened);
    return () => {
      opened.stop();
      setFeed(null);
    };
  }, [market, wanted, visible]);
  return useMemo(() => ({ state, retry: () => feed?.retryNow() }), [state, feed]);
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const read = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, []);
  return visible;
}
