import type { ChartFormats } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { Button, IconButton } from "../../../ui/controls/Button";
import { Part } from "../../../ui/controls/Facts";
import { type Amounts, quantityText, toneOf } from "./amounts";
import { sideOf } from "./holding";
import type { PaperCommand, PaperOrder, PaperPosition, PaperState } from "./model";
import { PriceField } from "./PriceField";
import { bracketError, orderPriceError, readNumber } from "./ticket";

export interface HoldingsProps {
  state: PaperState;
  last: number | null;
  base: string;
  amounts: Amounts;
  formats: ChartFormats;
  onAct: (command: PaperCommand) => void;
}

/** The position and the orders that wait. */
export function Holdings(props: HoldingsProps) {
  const t = useT();
  const { position, orders } = props.state;
  return (
    <>
      <Part title={t("paper.position")} testId="paper-position">
        {position ? (
          <Position key={position.entryTime} position={position} {...props} />
        ) : (
          <p className="text-12 text-text-2">{t("paper.position.none")}</p>
        )}
      </Part>
      <Part title={t("paper.orders")} testId="paper-orders">
        {orders.length > 0 ? <Orders {...props} /> : <p className="text-12 text-text-2">{t("paper.orders.none")}</p>}
      </Part>
    </>
  );
}

function Position({
  position,
  state: { closing },
  last,
  base,
  amounts,
  formats,
  onAct,
}: HoldingsProps & { position: PaperPosition }) {
  const t = useT();
  const { side, quantity, entryPrice, unrealised } = position;
  const percent = (unrealised / (entryPrice * quantity)) * 100;
  return (
    <div data-side={side} data-quantity={quantity} className="flex flex-col gap-1.5">
      <p className="flex flex-wrap items-baseline justify-between gap-x-3 tabular-nums">
        <span>
          <strong className={side === "long" ? "text-up" : "text-down"}>{t(`paper.side.${side}`)}</strong>{" "}
          {t("paper.position.what", { quantity: quantityText(quantity), base, price: formats.price(entryPrice) })}
        </span>
        <span
          title={t("paper.position.result")}
          data-metric="unrealised"
          data-value={unrealised}
          className={`font-semibold ${toneOf(unrealised)}`}
        >
          <span className="sr-only">{t("paper.position.result")} </span>
          {amounts.result(unrealised)} ({formats.percent(percent)})
        </span>
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] items-start gap-2 text-12">
        {(["stop", "target"] as const).map((what) => (
          <span key={what} className="flex min-w-0 gap-1.5">
            <span aria-hidden="true" className="leading-(--control) whitespace-nowrap text-text-3">
              {t(`paper.${what}`)}
            </span>
            <PriceField
              label={t(`paper.position.${what}`)}
              value={position[what] === null ? "" : formats.price(position[what])}
              placeholder={t("paper.optional")}
              command={`paper.move.${what}`}
              check={(text) => bracketError(sideOf(side), what, text, last)}
              onChange={(text) => onAct({ kind: "move", what, price: readNumber(text) })}
              className="flex-1"
            />
          </span>
        ))}
        <Button
          data-cmd="paper.close"
          aria-pressed={closing !== null}
          data-tip={t(closing === null ? "paper.close.hint" : "paper.closing.hint")}
          onClick={() => onAct(closing === null ? { kind: "closeAll" } : { kind: "cancel", orderId: closing })}
          className="aria-pressed:bg-bg-3"
        >
          {t(closing === null ? "paper.close" : "paper.closing")}
        </Button>
      </div>
    </div>
  );
}

function Orders({ state: { orders }, last, base, formats, onAct }: HoldingsProps) {
  const t = useT();
  const quantities = orders.map(({ quantity }) => quantity);
  return (
    <div className="-mx-3 overflow-x-auto px-3">
      <table data-rows={orders.length} className="w-full text-12 tabular-nums">
        <thead className="text-right text-text-3 [&_th]:pr-3 [&_th]:pb-0.5 [&_th]:font-normal [&_th]:whitespace-nowrap">
          <tr>
            <th scope="col" className="text-left">
              {t("paper.column.order")}
            </th>
            <th scope="col">{t("paper.column.quantity", { base })}</th>
            <th scope="col">{t("paper.column.price")}</th>
            <th scope="col" className="@max-[560px]:hidden">
              {t("paper.column.bracket")}
            </th>
            <th scope="col">
              <span className="sr-only">{t("paper.column.cancel")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <Order key={order.id} {...{ order, quantities, last, formats, onAct }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface OrderProps extends Pick<HoldingsProps, "last" | "formats" | "onAct"> {
  order: PaperOrder;
  quantities: readonly number[];
}

function Order({ order, quantities, last, formats, onAct }: OrderProps) {
  const t = useT();
  const { id, side, kind, quantity, price, stop, target } = order;
  const dashed = (value: number | null) => (value === null ? t("common.dash") : formats.price(value));
  const bracketed = stop !== null || target !== null;
  const bracket = t("paper.order.bracket", { stop: dashed(stop), target: dashed(target) });
  return (
    <tr data-key={id} data-kind={kind} className="border-t border-line text-right align-top [&>*]:pr-3 [&>*]:py-0.5">
      <th scope="row" className="text-left leading-(--control) font-normal whitespace-nowrap">
        <span className={side === "buy" ? "text-up" : "text-down"}>
          {t("paper.order.what", { side: t(`paper.side.${side}`), kind: t(`paper.kind.${kind}`) })}
        </span>
        {bracketed && (
          <span title={t("paper.column.bracket")} className="block leading-normal text-text-3 @min-[560px]:hidden">
            {bracket}
          </span>
        )}
      </th>
      <td className="leading-(--control)">{quantityText(quantity, quantities)}</td>
      <td className="leading-(--control) whitespace-nowrap">
        {price === null ? (
          <span className="text-text-3">{t("paper.order.nextOpen")}</span>
        ) : (
          <PriceField
            label={t("paper.order.price", { id })}
            value={formats.price(price)}
            command="paper.move.order"
            check={(text) => orderPriceError(order, text, last)}
            onChange={(text) => onAct({ kind: "move", what: "order", orderId: id, price: readNumber(text) ?? price })}
            className="w-[88px]"
          />
        )}
      </td>
      <td className="leading-(--control) whitespace-nowrap text-text-2 @max-[560px]:hidden">
        {bracketed ? bracket : t("common.dash")}
      </td>
      <td className="w-px pr-0!">
        <IconButton
          icon="close"
          label={t("paper.cancel", { id })}
          data-cmd="paper.cancel"
          onClick={() => onAct({ kind: "cancel", orderId: id })}
        />
      </td>
    </tr>
  );
}
