import { useEffect, useRef } from "react";
import type { BacktestStore, Offer } from "./slot";

/** Lets a command do what a button on the screen does; null: there is nothing to do now. */
export function useOffer(slot: BacktestStore, name: Offer, run: (() => void) | null): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const possible = run !== null;
  useEffect(() => {
    if (!possible) return;
    slot.setState(({ offers }) => ({ offers: { ...offers, [name]: () => latest.current?.() } }));
    return () => slot.setState(({ offers: { [name]: _, ...offers } }) => ({ offers }));
  }, [slot, name, possible]);
}
