import { useEffect } from "react";
import type { ApiClient } from "../../../api/client";
import { parseSeriesId } from "../../../api/series";
import type { ChartHost } from "../../../chart/types";
import { useT } from "../../../i18n/react";
import { Button } from "../../../ui/controls/Button";
import { EmptyState } from "../../../ui/feedback/States";
import { useStored } from "../../../ui/storage/useStored";
import type { ReplayStore } from "../slot";
import type { PaperDesk } from "./desk";
import OrdersPanel from "./OrdersPanel";
import { deskOf, takeUp } from "./quick";
import { type PaperSession, paperSessions, sessionCsv, sessionFileName } from "./session";
import { paperSetup } from "./setup";

export interface PaperPanelProps {
  api: ApiClient;
  slot: ReplayStore;
  host: ChartHost | null;
  onPick: () => void;
  /** The replay is to stand where a session ended. */
  onResume: ((session: PaperSession) => void) | undefined;
}

/** The Orders tab: the account of the replay that is shown. It begins when the tab is opened first. */
export default function PaperPanel({ api, slot, host, onPick, onResume }: PaperPanelProps) {
  const t = useT();
  const controller = useStored(slot, (state) => state.controller);
  const paper = useStored(slot, (state) => state.paper);
  useEffect(() => {
    if (controller && !paper) deskOf(slot, api);
  }, [slot, api, controller, paper]);
  const resume = (session: PaperSession) => {
    takeUp(slot, api, session);
    onResume?.(session);
  };
  if (paper && host) return <Account desk={paper} host={host} onResume={resume} />;
  return (
    <div data-panel="orders" data-state="empty" data-rows="0">
      <EmptyState icon="replay" title={t("replay.panel.none")} text={t("paper.noReplay")}>
        <Button onClick={onPick}>{t("replay.pick")}</Button>
      </EmptyState>
    </div>
  );
}

interface AccountProps {
  desk: PaperDesk;
  host: ChartHost;
  onResume: (session: PaperSession) => void;
}

function Account({ desk, host, onResume }: AccountProps) {
  const { state, setup } = useStored(desk.picture, (picture) => picture);
  const sessions = useStored(paperSessions, (kept) => kept.sessions);
  const [base = "", quote = ""] = (parseSeriesId(desk.seriesId)?.symbol ?? "").split(/[/:]/);
  return (
    <OrdersPanel
      {...{ state, setup, base, quote, sessions }}
      last={state.last}
      formats={host.formats()}
      onAct={(command) => desk.act(command)}
      onSetup={(next) => {
        paperSetup.setState(next);
        desk.change(next);
      }}
      onExport={(id) => {
        const session = id === undefined ? desk.session() : sessions.find((kept) => kept.id === id);
        if (session) save(sessionFileName(session), sessionCsv(session));
      }}
      current={desk.id}
      onResume={(id) => {
        const session = sessions.find((kept) => kept.id === id);
        if (session) onResume(session);
      }}
      onNew={() => desk.renew()}
      onShowTime={(time) => void host.goTo(time)}
    />
  );
}

function save(name: string, csv: string): void {
  const url = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it once the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
