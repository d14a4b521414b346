/** What can be done with runs, beside looking at them. */
import type { BacktestApi } from "../../../api/backtest-api";
import type { BacktestRun, RunOrder } from "../../../api/backtest-types";
import { ApiError } from "../../../api/error";
import type { BacktestStore } from "../slot";

/** Time in which a deletion can be taken back, milliseconds. */
export const UNDO_MS = 6_000;

/** Sends an order; what becomes of it is in the slot, and `onStarted` hears of a run that goes on by itself. */
export async function startRun(
  api: BacktestApi,
  slot: BacktestStore,
  order: RunOrder,
  onStarted: (runId: string) => void,
): Promise<void> {
  slot.setState({ starting: { order, sinceMs: Date.now() }, refused: null, answer: null });
  try {
    const started = await api.start(order);
    if ("runId" in started) onStarted(started.runId);
    else slot.setState({ answer: { order, response: started.answer } });
  } catch (cause) {
    const failure = cause instanceof ApiError ? cause : ApiError.unreadable(cause);
    slot.setState({ refused: { order, failure } });
  } finally {
    slot.setState({ starting: null });
  }
}

/** Hides a run and deletes it when the time to undo is over. The way to undo comes back. */
export function deleteLater(
  api: BacktestApi,
  slot: BacktestStore,
  runId: string,
  onEnd: (failure: ApiError | null) => void,
): () => void {
  const show = () => slot.setState(({ deleted }) => ({ deleted: deleted.filter((id) => id !== runId) }));
  slot.setState(({ deleted, ticked }) => ({
    deleted: [...deleted, runId],
    ticked: ticked.filter((id) => id !== runId),
  }));
  const timer = setTimeout(async () => {
    try {
      await api.remove(runId);
      onEnd(null);
    } catch (cause) {
      show();
      onEnd(cause instanceof ApiError ? cause : ApiError.unreadable(cause));
    }
  }, UNDO_MS);
  return () => {
    clearTimeout(timer);
    show();
  };
}

/** Ticks a run, or takes the tick away; of too many the oldest one goes. */
export function tick(slot: BacktestStore, runId: string, most: number): void {
  slot.setState(({ ticked }) => ({
    ticked: ticked.includes(runId) ? ticked.filter((id) => id !== runId) : [...ticked, runId].slice(-most),
  }));
}

export function isActive({ state }: Pick<BacktestRun, "state">): boolean {
  return state === "queued" || state === "running";
}

/** A run that is over, and whose signals are computed again on cut data. */
export function isChecking(run: Pick<BacktestRun, "state" | "stage">): boolean {
  return !isActive(run) && run.stage !== null;
}

/** A run with a result of the engine that can compute its signals again, and of which nobody knows yet what that says. */
export function canBeChecked(run: BacktestRun, standing: Pick<BacktestRun, "state" | "stage" | "bias">): boolean {
  const { kind, engine, response, bias } = run;
  if (kind !== "run" || engine !== "native" || response === null || response.result === null) return false;
  return bias === null && standing.bias === null && !isChecking(standing);
}

/** A run that ended well and still tested nothing. */
export function isEmptyHanded({ kind, state, response }: BacktestRun): boolean {
  return kind === "run" && state === "done" && response !== null && response.result === null;
}
