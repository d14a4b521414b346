import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { ChartFormats } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Segmented, Select } from "../../../ui/controls/Choice";
import { useStored } from "../../../ui/storage/useStored";
import { type Amounts, quantityText } from "./amounts";
import type { PaperCommand, PaperSetup } from "./model";
import { FIELD } from "./PriceField";
import {
  KINDS,
  readTicket,
  SIDES,
  SIZE_UNITS,
  TICKET_FIELDS,
  type TicketAccount,
  type TicketField,
  type TicketReading,
  type TicketText,
  ticketSize,
} from "./ticket";

interface TicketProps {
  account: TicketAccount;
  setup: PaperSetup;
  base: string;
  quote: string;
  amounts: Amounts;
  formats: ChartFormats;
  onAct: (command: PaperCommand) => void;
}

/** What was done with the ticket as it stands. */
type Stage = "writing" | "refused" | "placed";

const BLANK = { side: "buy", kind: "market", price: "", stop: "", target: "" } as const;

export function Ticket({ account, setup, base, quote, amounts, formats, onAct }: TicketProps) {
  const t = useT();
  const note = useId();
  const size = useStored(ticketSize, (state) => state);
  const [rest, setRest] = useState<Omit<TicketText, "unit" | "size">>(BLANK);
  const [stage, setStage] = useState<Stage>("writing");
  const text: TicketText = { ...rest, ...size };
  const reading = readTicket(text, account, setup.feePercent);
  const shown = TICKET_FIELDS.filter((field) => reading.errors[field] && (stage === "refused" || text[field] !== ""));
  const change = (next: Partial<typeof rest>) => {
    setRest({ ...rest, ...next });
    setStage("writing");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reading.order) onAct({ kind: "place", order: reading.order });
    setStage(reading.order ? "placed" : "refused");
  };
  const field = (name: TicketField) => ({
    inputMode: "decimal" as const,
    autoComplete: "off",
    className: FIELD,
    value: text[name],
    "aria-invalid": shown.includes(name),
    "aria-describedby": shown.includes(name) ? note : undefined,
    "data-field": name,
  });

  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label={t("paper.ticket")}
      data-testid="paper-ticket"
      className="flex flex-col gap-1.5 p-3"
    >
      <div className="flex flex-wrap justify-between gap-1.5">
        <Segmented
          label={t("paper.side")}
          value={text.side}
          options={SIDES.map((value) => ({ value, label: t(`paper.side.${value}`) }))}
          onChange={(side) => change({ side })}
        />
        <Select
          label={t("paper.kind")}
          value={text.kind}
          options={KINDS.map((value) => ({ value, label: t(`paper.kind.${value}`) }))}
          onChange={(kind) => change({ kind })}
        />
      </div>
      <Row label={t("paper.size")}>
        <input
          {...field("size")}
          onChange={(event) => {
            ticketSize.setState({ size: event.target.value });
            setStage("writing");
          }}
        />
        <Select
          label={t("paper.unit")}
          value={text.unit}
          options={SIZE_UNITS.map((value) => ({
            value,
            label: unitLabel(value, base, quote, t("paper.unit.percent")),
          }))}
          onChange={(unit) => {
            ticketSize.setState({ unit });
            setStage("writing");
          }}
        />
      </Row>
      {text.kind !== "market" && (
        <Row label={t(`paper.price.${text.kind}`)}>
          <input
            {...field("price")}
            placeholder={account.last === null ? "" : formats.price(account.last)}
            onChange={(event) => change({ price: event.target.value })}
          />
        </Row>
      )}
      <div className="grid grid-cols-2 gap-2">
        {(["stop", "target"] as const).map((name) => (
          <Row key={name} label={t(`paper.${name}`)} narrow>
            <input
              {...field(name)}
              placeholder={t("paper.optional")}
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </Row>
        ))}
      </div>
      <Note id={note} reading={reading} wrong={shown[0]} stage={stage} {...{ base, quote, amounts }} />
      <Button tone="primary" type="submit" data-cmd="paper.place">
        {t(`paper.place.${text.side}`, {
          quantity: reading.quantity === null ? "" : quantityText(reading.quantity),
          base,
        })}
      </Button>
    </form>
  );
}

function unitLabel(unit: TicketText["unit"], base: string, quote: string, percent: string): string {
  return { base, quote, percent }[unit];
}

function Row({ label, narrow = false, children }: { label: string; narrow?: boolean; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the field is its first child.
    <label
      className={`grid items-center gap-x-2 text-12 ${narrow ? "grid-cols-[auto_minmax(0,1fr)]" : "grid-cols-[44px_minmax(0,1fr)_auto]"}`}
    >
      <span className="whitespace-nowrap text-text-3">{label}</span>
      {children}
    </label>
  );
}

interface NoteProps {
  id: string;
  reading: TicketReading;
  wrong: TicketField | undefined;
  stage: Stage;
  base: string;
  quote: string;
  amounts: Amounts;
}

/** One place of fixed height for what is wrong, what the order will do, and that it was placed. */
function Note({ id, reading, wrong, stage, base, quote, amounts }: NoteProps) {
  const t = useT();
  const { effect, most, quantity, reference } = reading;
  const error = wrong && reading.errors[wrong];
  const worth = quantity === null || reference === null ? "" : amounts.money(quantity * reference);
  return (
    <div id={id} className="min-h-[2.8em] text-12 text-text-2">
      <p role={stage === "refused" ? "alert" : "status"} className={error ? "text-danger" : ""}>
        {error
          ? t(error)
          : stage === "placed"
            ? t("paper.placed")
            : effect && t(`paper.effect.${effect}`, { worth, quote })}
      </p>
      {most !== null && (
        <p className="text-text-3 tabular-nums">{t("paper.most", { quantity: quantityText(most), base })}</p>
      )}
    </div>
  );
}
