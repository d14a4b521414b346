/** Orders by a key: what the ticket would order at the market with the size that stands in it. */
import type { ApiClient } from "../../../api/client";
import type { ReplayStore } from "../slot";
import { PaperDesk } from "./desk";
import { paperSetup } from "./setup";
import { quickTicket } from "./ticket";

/** The account of the replay that is shown, begun here if there is none; null while nothing is replayed. */
export function deskOf(slot: ReplayStore, api: Pick<ApiClient, "candles">): PaperDesk | null {
  const { paper, controller } = slot.getState();
  if (paper || controller === null) return paper;
  const desk = new PaperDesk({ api, seriesId: controller.seriesId, setup: paperSetup.getState(), now: Date.now });
  desk.follow(controller);
  slot.setState({ paper: desk });
  return desk;
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
