import type { Translate } from "../../i18n/catalogue";
import { toast } from "./toasts";

/** Copies text; the answer is a toast, because the clipboard is elsewhere. */
export async function copyText(text: string, t: Translate): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ code: "copied", text: t("toast.copied", { text }) });
  } catch {
    toast({ code: "copy_failed", text: t("toast.copyFailed"), tone: "error" });
  }
}
