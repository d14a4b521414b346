import type { Translate } from "../../i18n/catalogue";
import { toast } from "./toasts";

/** Copies text; the answer is a toast, because the clipboard is elsewhere. `words`: what it says of a long text. */
export async function copyText(text: string, t: Translate, words = t("toast.copied", { text })): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ code: "copied", text: words });
  } catch {
    toast({ code: "copy_failed", text: t("toast.copyFailed"), tone: "error" });
  }
}
