import type { Trade } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Icon } from "../../../ui/controls/Icon";
import type { BacktestStore } from "../slot";
import { useOffer } from "../useOffer";

interface ChosenTradeProps {
  slot: BacktestStore;
  trade: Trade;
  /** The candles before its entry are not there to be played. */
  unstored: boolean;
  onReplay: (trade: Trade) => void;
}

/** What can be done with the chosen trade: always in view, whatever part of the results is read. */
export function ChosenTrade({ slot, trade, unstored, onReplay }: ChosenTradeProps) {
  const t = useT();
  useOffer(slot, "replay", unstored ? null : () => onReplay(trade));
  const words = { n: trade.index + 1, side: t(`backtest.side.${trade.side}`) };
  return (
    <div
      data-testid="backtest-chosen"
      className="sticky bottom-0 z-10 flex min-h-9 flex-wrap items-center gap-x-3 border-t border-line bg-bg-1 px-3 py-1 text-12"
    >
      {unstored ? (
        <p className="text-warn">{t("backtest.trade.unstored", words)}</p>
      ) : (
        <>
          <p>{t("backtest.trade.chosen", words)}</p>
          <Button data-cmd="backtest.replay" className="text-12" onClick={() => onReplay(trade)}>
            <Icon name="replay" size={14} />
            {t("backtest.stepThrough")}
          </Button>
        </>
      )}
    </div>
  );
}
