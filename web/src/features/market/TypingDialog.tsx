import { type FormEvent, useState } from "react";
import { useT } from "../../i18n/react";
import { Keys } from "../../ui/controls/Keys";
import { Dialog } from "../../ui/overlays/Dialog";
import { parseTimeframe } from "./search";
import { timeframeName } from "./TimeframeMenu";

/** Opened by a digit on the chart: `15` Enter, `4h` Enter. */
export default function TypingDialog({
  initial,
  onPick,
  onClose,
}: {
  initial: string;
  onPick: (timeframe: string) => void;
  onClose: () => void;
}) {
  const t = useT();
  const [text, setText] = useState(initial);
  const timeframe = parseTimeframe(text.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (timeframe === null) return;
    onClose();
    onPick(timeframe);
  };
  return (
    <Dialog title={t("timeframe.choose")} onClose={onClose} width="w-[300px]" bare testId="timeframe-typing">
      <form onSubmit={submit} className="flex flex-col gap-1 p-3">
        <label className="flex items-center gap-3">
          <span className="text-text-2">{t("timeframe.typing")}</span>
          <input
            data-autofocus
            value={text}
            maxLength={8}
            aria-invalid={timeframe === null}
            onChange={(event) => setText(event.target.value)}
            className="h-9 w-24 rounded-control border border-line-strong bg-bg-2 px-2 text-20 font-semibold"
          />
          <Keys chord="Enter" />
        </label>
        <p role="status" className={`min-h-5 text-12 ${timeframe === null ? "text-danger" : "text-text-2"}`}>
          {timeframe === null ? t("timeframe.typedHint") : timeframeName(timeframe, t)}
        </p>
      </form>
    </Dialog>
  );
}
