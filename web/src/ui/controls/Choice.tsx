import { useId } from "react";

export interface Option<T extends string> {
  value: T;
  label: string;
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
}

/** A few exclusive options side by side; arrow keys move, as in every radio group. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  tight = false,
  onChange,
}: ChoiceProps<T> & { tight?: boolean }) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex flex-wrap rounded-control border border-line-strong p-px"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className={`hit relative flex h-[calc(var(--control)-4px)] items-center rounded-[3px] text-12 text-text-2 hover:text-text-1 has-checked:bg-bg-3 has-checked:font-semibold has-checked:text-text-1 has-focus-visible:outline-(--focus-ring) ${tight ? "px-1.5" : "px-2.5"}`}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 z-1 cursor-pointer opacity-0"
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

/** A choice from many. */
export function Select<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => {
        const found = options.find((option) => option.value === event.target.value);
        if (found) onChange(found.value);
      }}
      className="select h-(--control) max-w-full min-w-0 rounded-control border border-line-strong bg-bg-2 pr-7 pl-2 text-12 text-text-1"
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** On or off. */
export function Switch({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      onClick={() => onChange(!checked)}
      className="hit relative h-5 w-9 shrink-0 rounded-full border border-line-strong bg-bg-2 transition-colors duration-(--motion) aria-checked:border-accent aria-checked:bg-accent"
    >
      <span
        className={`absolute top-[3px] left-[3px] size-3 rounded-full bg-line-strong transition-transform duration-(--motion) ${checked ? "translate-x-4 bg-on-accent" : ""}`}
      />
    </button>
  );
}
