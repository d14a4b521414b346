import { type ReactNode, useState } from "react";
import { useT } from "../i18n/react";
import { IconButton } from "../ui/controls/Button";
import { useCovered } from "./useCovered";

interface BottomSheetProps {
  title: string;
  label: string;
  region: string;
  onClose: () => void;
  children: ReactNode;
}

/** A dock on a telephone: 45 % or 92 % of the height; the handle toggles, Escape and the button close. */
export function BottomSheet({ title, label, region, onClose, children }: BottomSheetProps) {
  const t = useT();
  const [tall, setTall] = useState(false);
  // Above a tall sheet there is no room.
  useCovered("45dvh");
  return (
    <aside
      data-region={region}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      className={`absolute inset-x-0 bottom-0 z-20 flex flex-col rounded-t-card border-t border-line bg-bg-1 shadow-float transition-[height] duration-(--motion) ${tall ? "h-[92%]" : "h-[45%]"}`}
    >
      <button
        type="button"
        aria-expanded={tall}
        aria-label={title}
        onClick={() => setTall(!tall)}
        className="hit relative flex h-4 shrink-0 items-center justify-center"
      >
        <span className="h-1 w-9 rounded-full bg-line-strong" />
      </button>
      <header className="flex h-9 shrink-0 items-center justify-between border-b border-line pr-1 pl-3 coarse:h-12">
        <h2 className="text-15 font-semibold">{title}</h2>
        <IconButton icon="close" label={t("common.close")} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
