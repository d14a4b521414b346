import { type KeyboardEvent, useId, useState } from "react";
import type { PlainKey } from "../../../i18n/catalogue";
import { useT } from "../../../i18n/react";

interface PriceFieldProps {
  label: string;
  /** What stands there; empty: nothing. */
  value: string;
  placeholder?: string;
  command: string;
  check: (text: string) => PlainKey | null;
  onChange: (text: string) => void;
  className?: string;
}

/** A value that is edited where it stands: Enter or leaving takes it over, Escape brings the old one back. */
export function PriceField({ label, value, placeholder, command, check, onChange, className = "" }: PriceFieldProps) {
  const t = useT();
  const message = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<PlainKey | null>(null);

  const drop = () => {
    setDraft(null);
    setError(null);
  };
  const take = (): PlainKey | null => {
    if (draft === null || draft.trim() === value) {
      drop();
      return null;
    }
    const wrong = check(draft);
    if (wrong === null) {
      onChange(draft);
      drop();
    }
    return wrong;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") setError(take());
    else if (event.key === "Escape" && draft !== null) drop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <span className={`inline-flex min-w-0 flex-col items-end ${className}`}>
      <input
        inputMode="decimal"
        autoComplete="off"
        aria-label={label}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : message}
        data-cmd={command}
        value={draft ?? value}
        placeholder={placeholder}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setDraft(event.target.value);
          setError(null);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (take() !== null) drop();
        }}
        className={FIELD}
      />
      {error !== null && (
        <span id={message} role="alert" className="max-w-[24ch] text-right text-12 whitespace-normal text-danger">
          {t(error)}
        </span>
      )}
    </span>
  );
}

/** How every field for a number looks. */
export const FIELD =
  "h-(--control) w-full min-w-0 rounded-control border border-line-strong bg-bg-2 px-2 text-right text-12 tabular-nums placeholder:text-text-3 aria-invalid:border-danger";
