import type { ScaleChoice } from "../../chart/types";
import { oneOf, record, stored } from "../../ui/storage/stored";

export const PLAIN_SCALE: ScaleChoice = { mode: "linear", inverted: false };

/** Price scale by symbol (series id without timeframe); the plain one is not kept. */
export const scales = stored<{ bySymbol: Readonly<Record<string, ScaleChoice>> }>(
  "scales",
  () => ({ bySymbol: {} }),
  (value) => {
    const given = record(record(value)?.bySymbol);
    if (!given) return undefined;
    const bySymbol: Record<string, ScaleChoice> = {};
    for (const [symbol, entry] of Object.entries(given)) {
      const choice = record(entry);
      const mode = oneOf(["linear", "log", "percent"], choice?.mode);
      if (mode) bySymbol[symbol] = { mode, inverted: choice?.inverted === true };
    }
    return { bySymbol };
  },
);

export function scaleOf(symbol: string): ScaleChoice {
  return scales.getState().bySymbol[symbol] ?? PLAIN_SCALE;
}

export function rememberScale(symbol: string, choice: ScaleChoice): void {
  const { bySymbol } = scales.getState();
  const known = bySymbol[symbol] ?? PLAIN_SCALE;
  if (known.mode === choice.mode && known.inverted === choice.inverted) return;
  const { [symbol]: _, ...others } = bySymbol;
  const plain = choice.mode === "linear" && !choice.inverted;
  scales.setState({ bySymbol: plain ? others : { ...others, [symbol]: choice } });
}
