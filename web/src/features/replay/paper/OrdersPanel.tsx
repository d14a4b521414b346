import { useMemo } from "react";
import type { ChartFormats } from "../../../chart/types";
import type { PlainKey } from "../../../i18n/catalogue";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { type Amounts, amountsOf } from "./amounts";
import { Holdings } from "./Holdings";
import type { PaperCommand, PaperSetup, PaperState } from "./model";
import { PriceField } from "./PriceField";
import { Sessions } from "./Sessions";
import type { PaperSession } from "./session";
import { Ticket } from "./Ticket";
import { Statistics, Trades } from "./Trades";
import { readNumber } from "./ticket";

export interface OrdersPanelProps {
  state: PaperState;
  setup: PaperSetup;
  /** Close of the newest bar. */
  last: number | null;
  base: string;
  quote: string;
  formats: ChartFormats;
  onAct: (command: PaperCommand) => void;
  onSetup: (setup: PaperSetup) => void;
  /** Kept ones, newest first. */
  sessions: readonly PaperSession[];
  /** The session at hand; with an id, a kept one. */
  onExport: (id?: string) => void;
  /** Id of the session at hand. */
  current: string;
  /** A kept session goes on. */
  onResume: (id: string) => void;
  onNew: () => void;
  onShowTime: (time: number) => void;
}

const LARGEST_FEE = 10;
const RULES = ["next", "limit", "stop", "both", "entry", "order", "net", "bracket", "forming", "fee", "back"] as const;

/** The paper account of a replay: ticket, position and orders, trades. Three columns, two, or one that scrolls. */
export default function OrdersPanel(props: OrdersPanelProps) {
  const { state, setup, last, base, quote, formats, onAct, sessions, current, onExport, onResume, onShowTime } = props;
  const t = useT();
  const amounts = useMemo(() => amountsOf(setup.cash), [setup.cash]);
  const { position, orders, trades, equity, statistics } = state;
  const empty = position === null && orders.length === 0 && trades.length === 0;
  const account = { equity, position, last };
  return (
    <div
      data-panel="orders"
      data-state={empty ? "empty" : "ready"}
      data-rows={orders.length + trades.length}
      className="@container flex min-h-0 flex-1 flex-col"
    >
      <h2 className="sr-only">{t("paper.title")}</h2>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto [scrollbar-gutter:stable] @min-[820px]:overflow-visible">
        <Account {...props} amounts={amounts} />
        <div className="grid shrink-0 @min-[820px]:min-h-0 @min-[820px]:flex-1 @min-[820px]:grid-cols-[260px_minmax(0,1fr)] @min-[820px]:grid-rows-[minmax(0,1fr)] @min-[1080px]:grid-cols-[260px_minmax(0,2fr)_minmax(0,3fr)]">
          <div className={`min-w-0 @min-[820px]:min-h-0 ${SCROLLS}`}>
            <Ticket {...{ account, setup, base, quote, amounts, formats, onAct }} />
          </div>
          <div className={`min-w-0 @min-[820px]:min-h-0 @min-[1080px]:contents ${SCROLLS} ${LINE}`}>
            <div className={`flex min-w-0 flex-col @min-[1080px]:min-h-0 ${WIDE_SCROLLS} ${WIDE_LINE}`}>
              <div className="flex-1 pb-2">
                <Holdings {...{ state, last, base, amounts, formats, onAct }} />
              </div>
              <Rules />
            </div>
            <div
              className={`min-w-0 border-t border-line @min-[1080px]:min-h-0 @min-[1080px]:border-t-0 ${WIDE_SCROLLS} ${WIDE_LINE}`}
            >
              <Statistics {...{ statistics, quote, amounts, formats }} />
              <Trades {...{ trades, base, quote, amounts, formats, onShowTime }} />
              <Sessions {...{ sessions, current, formats, onExport, onResume }} />
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}

/** From two columns on each scrolls alone; the second one is two with enough room. */
const SCROLLS = "@min-[820px]:overflow-y-auto @min-[820px]:[scrollbar-gutter:stable]";
const WIDE_SCROLLS = "@min-[1080px]:overflow-y-auto @min-[1080px]:[scrollbar-gutter:stable]";
const LINE = "border-t border-line @min-[820px]:border-t-0 @min-[820px]:border-l";
const WIDE_LINE = "@min-[1080px]:border-l @min-[1080px]:border-line";

/** What the account is worth and how it started, and what can be done with the session. */
function Account({ state, setup, quote, amounts, onSetup, onExport, onNew }: OrdersPanelProps & { amounts: Amounts }) {
  const t = useT();
  return (
    <section
      aria-label={t("paper.account")}
      data-testid="paper-account"
      className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-3 py-1 text-12 tabular-nums"
    >
      <Money name={t("paper.equity")} metric="equity" value={state.equity} {...{ quote, amounts }} />
      <Money name={t("paper.cash")} metric="cash" value={state.cash} {...{ quote, amounts }} />
      <span className="flex items-center gap-1.5" title={t("paper.account.hint")}>
        <span aria-hidden="true" className="text-text-3">
          {t("paper.start")}
        </span>
        <PriceField
          label={t("paper.start.label", { quote })}
          value={amounts.money(setup.cash)}
          command="paper.cash"
          check={cashError}
          onChange={(text) => onSetup({ ...setup, cash: readNumber(text) ?? setup.cash })}
          className="w-[96px]"
        />
      </span>
      <span className="flex items-center gap-1.5" title={t("paper.account.hint")}>
        <span aria-hidden="true" className="text-text-3">
          {t("paper.fee")}
        </span>
        <PriceField
          label={t("paper.fee.label")}
          value={String(setup.feePercent)}
          command="paper.fee"
          check={feeError}
          onChange={(text) => onSetup({ ...setup, feePercent: readNumber(text) ?? setup.feePercent })}
          className="w-[64px]"
        />
      </span>
      <span className="flex-1" />
      <Button
        data-cmd="paper.export"
        disabled={state.fills.length === 0}
        onClick={() => onExport()}
        className="text-12"
      >
        {t("paper.export")}
      </Button>
      <Button data-cmd="paper.new" onClick={onNew} className="text-12">
        {t("paper.new")}
      </Button>
    </section>
  );
}

/** How orders fill: one line that is always there, and the list behind it. */
function Rules() {
  const t = useT();
  return (
    <details
      data-testid="paper-rules"
      className="sticky bottom-0 shrink-0 border-t border-line bg-bg-1 px-3 py-1.5 text-12 text-text-2"
    >
      <summary data-cmd="paper.rules" className="coarse:min-h-11">
        {t("paper.rules")}
      </summary>
      <ul className="mt-1 max-h-[112px] list-disc overflow-y-auto pl-5">
        {RULES.map((rule) => (
          <li key={rule}>{t(`paper.rules.${rule}`)}</li>
        ))}
      </ul>
    </details>
  );
}

interface MoneyProps {
  name: string;
  metric: string;
  value: number;
  quote: string;
  amounts: Amounts;
}

function Money({ name, metric, value, quote, amounts }: MoneyProps) {
  return (
    <span data-metric={metric} data-value={value} className="whitespace-nowrap">
      <span className="text-text-3">{name}</span>{" "}
      <span className="inline-block min-w-[9ch] text-right font-semibold">{amounts.money(value)}</span>{" "}
      <span className="text-text-3">{quote}</span>
    </span>
  );
}

function cashError(text: string): PlainKey | null {
  return (readNumber(text) ?? 0) > 0 ? null : "paper.error.cash";
}

function feeError(text: string): PlainKey | null {
  const value = readNumber(text);
  return value !== null && value <= LARGEST_FEE ? null : "paper.error.fee";
}
