import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { Dialog } from "../../../ui/overlays/Dialog";

interface LeaveDialogProps {
  onEnd: (how: "close" | "keep") => void;
  onClose: () => void;
}

/** A replay is left with a paper position that is still open. */
export default function LeaveDialog({ onEnd, onClose }: LeaveDialogProps) {
  const t = useT();
  return (
    <Dialog title={t("paper.leave.title")} onClose={onClose} width="w-[420px]" testId="paper-leave">
      <div data-content className="flex flex-col gap-3 p-4">
        <p className="text-text-2">{t("paper.leave.text")}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button data-cmd="paper.leave.cancel" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-cmd="paper.leave.keep" onClick={() => onEnd("keep")}>
            {t("paper.leave.keep")}
          </Button>
          <Button data-autofocus data-cmd="paper.leave.close" tone="primary" onClick={() => onEnd("close")}>
            {t("paper.leave.close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
