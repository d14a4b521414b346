import type { ChartFormats } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { IconButton } from "../../../ui/controls/Button";
import { amountsOf, toneOf } from "./amounts";
import type { PaperSession } from "./session";

interface SessionsProps {
  sessions: readonly PaperSession[];
  formats: ChartFormats;
  onExport: (id: string) => void;
}

/** What this browser keeps of earlier sessions, newest first, folded until somebody asks. */
export function Sessions({ sessions, formats, onExport }: SessionsProps) {
  const t = useT();
  if (sessions.length === 0) return <p className="px-3 py-2 text-12 text-text-3">{t("paper.sessions.none")}</p>;
  return (
    <details data-testid="paper-sessions" className="px-3 py-2 text-12">
      <summary data-cmd="paper.sessions" className="text-text-2 coarse:leading-[44px]">
        {t("paper.sessions", { n: sessions.length })}
      </summary>
      <ul className="tabular-nums">
        {sessions.map((session) => (
          <Session key={session.id} session={session} formats={formats} onExport={() => onExport(session.id)} />
        ))}
      </ul>
    </details>
  );
}

function Session({
  session: { id, series, startedAtMs, setup, trades, result, from, to },
  formats,
  onExport,
}: {
  session: PaperSession;
  formats: ChartFormats;
  onExport: () => void;
}) {
  const t = useT();
  const started = formats.moment(startedAtMs / 1_000);
  return (
    <li data-key={id} className="flex items-center gap-3 border-t border-line">
      <span className="shrink-0">{started}</span>
      <span className="min-w-0 flex-1 truncate text-text-2" title={`${series} ${formats.range(from, to)}`}>
        {series}
      </span>
      <span className="shrink-0 text-text-2">{t("paper.session.trades", { n: trades.length })}</span>
      <span className={`shrink-0 text-right ${toneOf(result)}`}>{amountsOf(setup.cash).result(result)}</span>
      <IconButton
        icon="table"
        label={t("paper.session.export", { time: started })}
        data-cmd="paper.exportSession"
        onClick={onExport}
      />
    </li>
  );
}
