import { type FormEvent, useState } from "react";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Dialog } from "../../ui/overlays/Dialog";
import { instantOf } from "./instant";

interface GoToDialogProps {
  /** IANA name. */
  timeZone: string;
  /** `2026-11-21 14:05`, the right edge of the view. */
  initial: string;
  onGo: (time: number) => void;
  onClose: () => void;
}

export default function GoToDialog({ timeZone, initial, onGo, onClose }: GoToDialogProps) {
  const t = useT();
  const [text, setText] = useState(initial);
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const time = instantOf(text, timeZone);
    if (time === null) {
      setWrong(true);
      return;
    }
    onClose();
    onGo(time);
  };
  return (
    <Dialog title={t("goto.title")} onClose={onClose} width="w-[360px]" testId="goto">
      <form onSubmit={submit} className="flex flex-col gap-2 p-4">
        <label className="flex flex-col gap-1">
          <span className="text-12 text-text-2">{t("goto.label", { zone: timeZone })}</span>
          <input
            data-autofocus
            value={text}
            aria-invalid={wrong}
            onFocus={(event) => event.target.select()}
            onChange={(event) => {
              setText(event.target.value);
              setWrong(false);
            }}
            placeholder="2026-11-21 14:05"
            className="h-8 rounded-control border border-line-strong bg-bg-2 px-2"
          />
        </label>
        <p className="h-5 text-12 text-danger">{wrong && t("goto.invalid")}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit">
            {t("goto.action")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
