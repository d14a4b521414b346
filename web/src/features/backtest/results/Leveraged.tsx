import type { RunResult } from "../../../api/backtest-types";
import { useLocale, useT } from "../../../i18n/react";
import { figure, figureOf, figureText } from "./figures";

/** What is particular to borrowed money: leverage, funding, and trades that the exchange ended. Nothing where nothing is. */
export function Leveraged({ result: { metrics, trades } }: { result: RunResult }) {
  const t = useT();
  const locale = useLocale();
  const leverage = trades.reduce((most, trade) => Math.max(most, trade.leverage), 1);
  const funding = figureOf(metrics, "extra.funding_paid") ?? 0;
  const liquidations = trades.filter(({ exitReason }) => exitReason === "liquidation").length;
  const facts = [
    leverage > 1 && { name: "leverage", value: leverage, text: t("backtest.leverage", { leverage }) },
    funding !== 0 && {
      name: "funding",
      value: funding,
      text: t(funding > 0 ? "backtest.funding.paid" : "backtest.funding.received", {
        value: figureText(Math.abs(funding), figure("extra.funding_paid"), locale),
      }),
    },
    liquidations > 0 && {
      name: "liquidations",
      value: liquidations,
      text: t("backtest.liquidations", { n: liquidations }),
    },
  ].filter((fact) => fact !== false);
  if (facts.length === 0) return null;
  return (
    <ul data-testid="backtest-leveraged" className="flex flex-wrap gap-x-4 gap-y-0.5 px-3 pb-2 text-12 tabular-nums">
      {facts.map(({ name, value, text }) => (
        <li
          key={name}
          data-fact={name}
          data-value={value}
          className={name === "liquidations" ? "font-semibold text-warn" : "text-text-2"}
        >
          {text}
        </li>
      ))}
    </ul>
  );
}
