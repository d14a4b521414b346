import { useRef } from "react";
import { formatDuration } from "../../chart/format/duration";
import type { Translate } from "../../i18n/catalogue";
import { useLocale, useT } from "../../i18n/react";
import { Icon, type IconName } from "../../ui/controls/Icon";
import { Popover } from "../../ui/overlays/Popover";
import { HealthDetails } from "./HealthDetails";
import type { HealthWord } from "./judge";
import type { HealthPicture } from "./useHealth";

const LOOKS: Record<HealthWord, { icon: IconName; tone: string }> = {
  live: { icon: "pulse", tone: "text-ok" },
  catching_up: { icon: "sync", tone: "text-warn" },
  quiet: { icon: "pause", tone: "text-text-2" },
  delayed: { icon: "warn", tone: "text-warn" },
  no_data: { icon: "empty", tone: "text-text-2" },
  reconnecting: { icon: "sync", tone: "text-warn" },
  offline: { icon: "offline", tone: "text-danger" },
};

/** The word of the pill in the chosen language. */
export function healthWord(health: HealthPicture, t: Translate, locale: string): string {
  if (health.word === "delayed")
    return t("health.delayed", { duration: formatDuration(health.delaySeconds ?? 0, locale) });
  if (health.word === "catching_up" && health.percent !== null)
    return t("health.catchingUpPart", { percent: Math.floor(health.percent) });
  return t(`health.${health.word}`);
}

interface HealthPillProps {
  health: HealthPicture;
  open: boolean;
  onToggle: (open: boolean) => void;
  formatTime: (time: number) => string;
  compact: boolean;
}

export function HealthPill({ health, open, onToggle, formatTime, compact }: HealthPillProps) {
  const t = useT();
  const locale = useLocale();
  const ref = useRef<HTMLButtonElement>(null);
  const { icon, tone } = LOOKS[health.word];
  const word = healthWord(health, t, locale);
  const demo = health.demo ? t("health.demo", { speed: health.facts.speed }) : "";
  return (
    <>
      <button
        ref={ref}
        type="button"
        data-health={health.word}
        data-socket={health.facts.connection.status}
        data-cmd="health.open"
        aria-label={t("health.label", { word: [word, demo].filter(Boolean).join(", ") })}
        aria-expanded={open}
        aria-haspopup="dialog"
        data-tip={t("health.title")}
        onClick={() => onToggle(!open)}
        className={`hit relative flex h-(--control) shrink-0 items-center gap-1.5 rounded-full border border-line px-2.5 text-12 hover:bg-bg-3 aria-expanded:bg-bg-3 ${tone}`}
      >
        <Icon name={icon} size={14} />
        {!compact && <span className="font-semibold whitespace-nowrap">{word}</span>}
        {demo !== "" && !compact && <span className="whitespace-nowrap text-text-2">{demo}</span>}
      </button>
      {open && (
        <Popover
          anchor={ref}
          align="end"
          onClose={() => onToggle(false)}
          label={t("health.title")}
          className="w-[340px] max-w-[calc(100vw-16px)]"
        >
          <HealthDetails health={health} word={word} tone={tone} icon={icon} formatTime={formatTime} />
        </Popover>
      )}
    </>
  );
}
