/** Orders by a key: what the ticket would order at the market with the size that stands in it. */

import type { ApiClient } from "../../../api/client";
import { listingKey } from "../../../api/series";
import type { ReplayController } from "../controller";
import { endingWith, timeframeOf } from "../passed";
import type { ReplayStore } from "../slot";
import { sessionAtHand } from "./at-hand";
import { type DeskOptions, PaperDesk } from "./desk";
import { type PaperSession, paperSessions } from "./session";
import { paperSetup } from "./setup";
import { quickTicket } from "./ticket";

/** The account of the replay that is shown, begun here if there is none; null while nothing is replayed. */
export function deskOf(slot: ReplayStore, api: Pick<ApiClient, "candles">): PaperDesk | null {
  const { paper, controller, played } = slot.getState();
  if (paper || controller === null) return paper;
  const begun = { series: played ?? controller.seriesId, setup: paperSetup.getState() };
  return goOn(slot, api) ?? putDown(slot, begun, { api });
}

/** The session that this tab had at hand before the page was loaded again; null: it had none for what is replayed. */
export function goOn(slot: ReplayStore, api: Pick<ApiClient, "candles">): PaperDesk | null {
  const { paper, controller } = slot.getState();
  const session = paper || controller === null ? undefined : sessionThatGoesOn(controller);
  return session ? putDown(slot, session, { api, session }) : null;
}

/** A kept session goes on, in place of the one at hand, which is kept. The replay is to stand where it ended. */
export function takeUp(slot: ReplayStore, api: Pick<ApiClient, "candles">, session: PaperSession): PaperDesk {
  const { paper } = slot.getState();
  paper?.end("keep");
  paper?.rest();
  return putDown(slot, session, { api, session });
}

function putDown(
  slot: ReplayStore,
  { series: seriesId, setup }: Pick<PaperSession, "series" | "setup">,
  options: Pick<DeskOptions, "api" | "session">,
): PaperDesk {
  const desk = new PaperDesk({ ...options, seriesId, setup, now: Date.now });
  desk.putAtHand();
  const { controller } = slot.getState();
  if (controller) desk.follow(controller);
  slot.setState({ paper: desk });
  return desk;
}

/** Before it began there is nothing to go on with. */
function sessionThatGoesOn(controller: ReplayController): PaperSession | undefined {
  const id = sessionAtHand();
  const session = paperSessions.getState().sessions.find((kept) => kept.id === id);
  if (!session || listingKey(session.series) !== listingKey(controller.seriesId)) return undefined;
  return session.from <= endingWith(controller.standing(), timeframeOf(session.series)).time ? session : undefined;
}

export type QuickOrder = "buy" | "sell" | "close";

/** Whether it was ordered; false: the ticket has something to say about it. */
export function orderAtMarket(what: QuickOrder, slot: ReplayStore, api: Pick<ApiClient, "candles">): boolean {
  const desk = deskOf(slot, api);
  if (desk === null) return false;
  const state = desk.state();
  if (what === "close") {
    if (state.position === null) return false;
    if (state.closing === null) desk.act({ kind: "closeAll" });
    return true;
  }
  const { order } = quickTicket(what, state, desk.picture.getState().setup.feePercent);
  if (order === null) return false;
  desk.act({ kind: "place", order });
  return true;
}
