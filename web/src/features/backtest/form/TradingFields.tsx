import { useState } from "react";
import type { Trading } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Switch } from "../../../ui/controls/Choice";
import { Field, INPUT } from "./Field";
import type { Problem } from "./form";
import {
  isOn,
  isSwitch,
  type SwitchName,
  type TradingName,
  type TradingTexts,
  tradingFields,
  tradingLine,
  tradingText,
} from "./trading";

interface TradingFieldsProps {
  texts: TradingTexts;
  /** What counts where nothing is typed. */
  defaults: Trading;
  /** What was typed, as far as it can be used. */
  given: Trading;
  problems: ReadonlyMap<string, Problem>;
  onChange: (texts: TradingTexts) => void;
}

/** What is traded with, folded away: an empty field shows in grey what holds. Something wrong in it opens it. */
export function TradingFields({ texts, defaults, given, problems, onChange }: TradingFieldsProps) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const fields = tradingFields(texts, defaults);
  const wrong = fields.some((name) => problems.has(`trading.${name}`));
  const open = opened || wrong;
  const set = (name: TradingName, text: string | undefined) => {
    const { [name]: _before, ...others } = texts;
    onChange(text === undefined || text === "" ? others : { ...others, [name]: text });
  };
  return (
    <details
      open={open}
      data-testid="backtest-trading"
      onToggle={(event) => setOpened(event.currentTarget.open)}
      className="min-w-0"
    >
      <summary data-cmd="backtest.trading" className="cursor-pointer text-12 font-semibold text-text-3">
        {t("backtest.trading")}
        {!open && (
          <span className="ml-2 font-normal break-words text-text-2 tabular-nums">
            {tradingLine(given) || t("backtest.trading.defaults")}
          </span>
        )}
      </summary>
      <div className="mt-1 flex flex-col gap-2">
        <p className="text-12 text-text-3">{t("backtest.trading.note")}</p>
        {fields.map((name) =>
          isSwitch(name) ? (
            <SwitchField
              key={name}
              name={name}
              on={isOn(texts, defaults, name)}
              // What the server has anyway need not be said.
              onChange={(on) => set(name, on === (defaults[name] === true) ? undefined : String(on))}
            />
          ) : (
            <TextField
              key={name}
              name={name}
              text={texts[name] ?? ""}
              preset={defaults[name]}
              problem={problems.get(`trading.${name}`)}
              onChange={(text) => set(name, text)}
            />
          ),
        )}
        {Object.keys(texts).length > 0 && (
          <Button data-cmd="backtest.trading.reset" className="self-start text-12" onClick={() => onChange({})}>
            {t("backtest.trading.reset")}
          </Button>
        )}
      </div>
    </details>
  );
}

interface TextFieldProps {
  name: Exclude<TradingName, SwitchName>;
  text: string;
  /** Null with the server: only a distance that is that of the stop. */
  preset: Trading[string] | undefined;
  problem: Problem | undefined;
  onChange: (text: string) => void;
}

function TextField({ name, text, preset, problem, onChange }: TextFieldProps) {
  const t = useT();
  const words = name === "stake_amount" || name === "minimal_roi";
  return (
    <Field name={`trading.${name}`} label={t(`backtest.trading.${name}`)} problem={problem}>
      {(ids) => (
        <input
          {...ids}
          inputMode={words ? "text" : "decimal"}
          autoComplete="off"
          spellCheck={false}
          value={text}
          placeholder={preset === undefined ? t("backtest.trading.trailing_stop_positive.none") : tradingText(preset)}
          onChange={(event) => onChange(event.target.value)}
          className={INPUT}
        />
      )}
    </Field>
  );
}

function SwitchField({ name, on, onChange }: { name: SwitchName; on: boolean; onChange: (on: boolean) => void }) {
  const t = useT();
  const label = t(`backtest.trading.${name}`);
  return (
    <div data-field={`trading.${name}`} className="flex items-center justify-between gap-2">
      <span className="text-12 text-text-2">{label}</span>
      <Switch label={label} checked={on} onChange={onChange} />
    </div>
  );
}
