import { parseSeriesId } from "../../../api/series";
import type { ChartFormats } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { IconButton } from "../../../ui/controls/Button";
import { amountsOf, toneOf } from "./amounts";
import type { PaperSession } from "./session";

const MARKETS = ["spot", "futures"] as const;

interface SessionsProps {
  sessions: readonly PaperSession[];
  /** Id of the one at hand. */
  current: string;
  formats: ChartFormats;
  onExport: (id: string) => void;
  onResume: (id: string) => void;
}

/** What this browser keeps of earlier sessions, newest first, folded until somebody asks. */
export function Sessions({ sessions, current, formats, onExport, onResume }: SessionsProps) {
  const t = useT();
  if (sessions.length === 0) return <p className="px-3 py-2 text-12 text-text-3">{t("paper.sessions.none")}</p>;
  return (
    <details data-testid="paper-sessions" className="px-3 py-2 text-12">
      <summary data-cmd="paper.sessions" className="text-text-2 coarse:leading-[44px]">
        {t("paper.sessions", { n: sessions.length })}
      </summary>
      <ul className="tabular-nums">
        {sessions.map((session) => (
          <Session
            key={session.id}
            session={session}
            current={session.id === current}
            formats={formats}
            onExport={() => onExport(session.id)}
            onResume={() => onResume(session.id)}
          />
        ))}
      </ul>
    </details>
  );
}

interface SessionProps {
  session: PaperSession;
  current: boolean;
  formats: ChartFormats;
  onExport: () => void;
  onResume: () => void;
}

/** The market and the stretch of the past that was traded; when that was done is in the tooltip. */
function Session({ session, current, formats, onExport, onResume }: SessionProps) {
  const { id, series, startedAtMs, setup, trades, position, result, from, to } = session;
  const t = useT();
  const parts = parseSeriesId(series);
  const kind = MARKETS.find((market) => market === parts?.market);
  const market = parts ? `${parts.symbol} ${kind ? t(`market.${kind}`) : parts.market}` : series;
  const range = formats.range(from, to);
  return (
    <li data-key={id} data-current={current} className="flex items-center gap-3 border-t border-line">
      <span
        className="min-w-0 flex-1 truncate"
        title={t("paper.session.hint", { range, time: formats.moment(startedAtMs / 1_000) })}
      >
        {market} <span className="text-text-2">{range}</span>
      </span>
      <span className="shrink-0 text-text-2">
        {t("paper.session.trades", { n: trades.length })}
        {position && `, ${t(`paper.session.${position}`)}`}
      </span>
      <span className={`shrink-0 text-right ${toneOf(result)}`}>{amountsOf(setup.cash).result(result)}</span>
      <span className="flex shrink-0">
        <IconButton
          icon="replay"
          label={t(current ? "paper.session.current" : "paper.session.resume", { market, range })}
          disabled={current}
          data-cmd="paper.resumeSession"
          onClick={onResume}
        />
        <IconButton
          icon="table"
          label={t("paper.session.export", { market, range })}
          data-cmd="paper.exportSession"
          onClick={onExport}
        />
      </span>
    </li>
  );
}
