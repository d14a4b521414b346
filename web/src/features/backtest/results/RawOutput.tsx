import type { RunResponse } from "../../../api/backtest-types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { copyText } from "../../../ui/feedback/clipboard";

/** Everything that an engine said, one click away. */
export function RawOutput({ response, open = false }: { response: RunResponse; open?: boolean }) {
  const t = useT();
  const { command, stdout, stderr, exitCode } = response;
  const text = [command.join(" "), stdout, stderr].filter(Boolean).join("\n\n");
  return (
    <details open={open} data-testid="backtest-raw" className="mx-3 my-2 rounded-card border border-line bg-bg-2">
      <summary className="cursor-pointer px-3 py-1.5 text-12 text-text-2">
        {t("backtest.raw", { code: exitCode })}
      </summary>
      <div className="flex justify-end px-2">
        <Button
          data-cmd="backtest.copyRaw"
          className="text-12"
          onClick={() => void copyText(text, t, t("backtest.raw.copied"))}
        >
          {t("common.copy")}
        </Button>
      </div>
      <textarea
        readOnly
        aria-label={t("backtest.raw.label")}
        spellCheck={false}
        rows={Math.min(24, Math.max(3, text.split("\n").length))}
        value={text === "" ? t("backtest.raw.none") : text}
        className="block w-full resize-y bg-transparent px-3 pb-3 font-mono text-12 leading-normal whitespace-pre"
      />
    </details>
  );
}
