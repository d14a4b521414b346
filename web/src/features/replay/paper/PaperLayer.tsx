import { useEffect } from "react";
import type { ChartHost } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { useStored } from "../../../ui/storage/useStored";
import { amountsOf, quantityText } from "./amounts";
import type { PaperDesk } from "./desk";
import { moveTo, type PriceLine } from "./lines";
import { PaperMarks } from "./overlay";

interface PaperLayerProps {
  host: ChartHost;
  desk: PaperDesk;
}

/** The account on the chart, and a word when it cannot follow. */
export default function PaperLayer({ host, desk }: PaperLayerProps) {
  useMarks(host, desk);
  const t = useT();
  const failed = useStored(desk.picture, (state) => state.failed);
  if (!failed) return null;
  return (
    <div
      role="alert"
      data-testid="paper-failed"
      className="absolute top-16 right-20 z-20 flex max-w-[min(340px,calc(100%-24px))] items-center gap-2 rounded-card border border-line bg-bg-2 px-3 py-2 shadow-float"
    >
      <p className="text-text-2">{t("paper.failed")}</p>
      <Button data-cmd="paper.retry" onClick={() => desk.retry()}>
        {t("common.retry")}
      </Button>
    </div>
  );
}

function useMarks(host: ChartHost, desk: PaperDesk): void {
  const t = useT();
  useEffect(() => {
    const amounts = amountsOf(desk.picture.getState().setup.cash);
    /** What is dropped is what was shown. */
    const shown = (price: number) => host.formats().price(price);
    const asked = (line: PriceLine, price: number) => {
      const text = shown(price);
      return moveTo(line, text, Number(text.replaceAll(",", "")), desk.state().last);
    };
    const marks = new PaperMarks({
      state: () => desk.state(),
      words: (line, price) => {
        const at = shown(price);
        if (line.order) {
          const { side, kind, quantity } = line.order;
          const what = t("paper.order.what", { side: t(`paper.side.${side}`), kind: t(`paper.kind.${kind}`) });
          return `${what} ${quantityText(quantity)} @ ${at}`;
        }
        if (line.kind === "entry") {
          return `${t(line.side === "buy" ? "paper.side.long" : "paper.side.short")} ${quantityText(line.quantity)} @ ${at}`;
        }
        const result = resultAt(desk, price);
        return `${t(line.kind === "stop" ? "paper.stop" : "paper.target")} ${at} ${amounts.result(result)}`;
      },
      allowed: (line, price) => asked(line, price) !== null,
      onDrop: (line, price) => {
        const command = asked(line, price);
        if (command) desk.act(command);
      },
    });
    marks.start((overlay) => host.attach(overlay));
    const stop = desk.picture.subscribe(() => marks.repaint());
    return () => {
      stop();
      marks.stop();
    };
  }, [host, desk, t]);
}

/** What the position would come to at a price, before the fee of the exit. */
function resultAt(desk: PaperDesk, price: number): number {
  const { position } = desk.state();
  if (position === null) return 0;
  const gain = price - position.entryPrice;
  return position.quantity * (position.side === "long" ? gain : -gain);
}
