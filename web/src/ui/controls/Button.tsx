import type { ComponentProps, ReactNode } from "react";
import { useT } from "../../i18n/react";
import { ariaChord, caps } from "../commands/chord";
import { useCommand } from "../commands/context";
import { Icon, type IconName } from "./Icon";

type Tone = "plain" | "outline" | "primary";

const TONES: Record<Tone, string> = {
  plain: "text-text-2 hover:bg-bg-3 hover:text-text-1 aria-pressed:text-text-1 aria-expanded:bg-bg-3",
  outline: "border border-line-strong text-text-1 hover:bg-bg-3",
  primary: "bg-accent text-on-accent font-semibold hover:brightness-110",
};

const BASE =
  "hit relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-control whitespace-nowrap select-none transition-colors duration-(--motion) disabled:opacity-50";

export interface ButtonProps extends ComponentProps<"button"> {
  tone?: Tone;
}

export function Button({ tone = "outline", className = "", ...rest }: ButtonProps) {
  return <button type="button" className={`${BASE} ${TONES[tone]} h-(--control) px-3 ${className}`} {...rest} />;
}

export interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: IconName;
  label: string;
  /** Shown with the label in the tooltip. */
  keys?: string | undefined;
  /** Words beside the icon; the label stays the accessible name. */
  children?: ReactNode;
}

export function IconButton({ icon, label, keys, className = "", children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      data-tip-keys={keys && caps(keys).join(" ")}
      aria-keyshortcuts={keys && ariaChord(keys)}
      className={`${BASE} ${TONES.plain} h-(--control) min-w-(--control) px-1 ${className}`}
      {...rest}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}

/** A button made from a registry entry: name, tooltip, key and action cannot differ from the palette. */
export function CommandButton({
  id,
  icon,
  children,
  ...rest
}: { id: string; icon: IconName; children?: ReactNode } & Omit<IconButtonProps, "label" | "keys">) {
  const t = useT();
  const command = useCommand(id);
  return (
    <IconButton
      icon={icon}
      label={t(command.title as "cmd.palette.open")}
      keys={command.keys[0]}
      data-cmd={id}
      onClick={() => command.run()}
      {...rest}
    >
      {children}
    </IconButton>
  );
}
