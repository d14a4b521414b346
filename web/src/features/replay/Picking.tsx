import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ReplayApi } from "../../api/replay-api";
import type { ChartHost } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Icon } from "../../ui/controls/Icon";
import { PickOverlay } from "./pick";
import { NO_REPLAY, type ReplayStore } from "./slot";

export interface PickingProps {
  api: ReplayApi;
  host: ChartHost;
  slot: ReplayStore;
  seriesId: string;
  onPick: (time: number) => void;
  onCancel: () => void;
  onGoTo: () => void;
}

/** A random bar has some history before it and some future after it. */
const RANDOM = { from: 0.1, to: 0.95 };
const END_OF_TIME = 2 ** 33;

/** The first bar of a replay is being chosen. */
export function Picking({ api, host, slot, seriesId, onPick, onCancel, onGoTo }: PickingProps) {
  const t = useT();
  useEffect(() => {
    const handle = host.attach(new PickOverlay(onPick));
    const nothing = () => undefined;
    slot.setState({
      ...NO_REPLAY,
      phase: "picking",
      actions: {
        ...{ toggle: nothing, step: nothing, jump: nothing, pace: nothing, toStart: nothing },
        goTo: onPick,
        leave: onCancel,
        escape: onCancel,
      },
    });
    host.focus();
    return () => {
      handle.detach();
      slot.setState(NO_REPLAY);
    };
  }, [host, slot, onPick, onCancel]);

  const subscribe = useCallback((changed: () => void) => host.subscribe(changed), [host]);
  const blank = useSyncExternalStore(subscribe, () => host.state().candles.count === 0);
  const [failed, setFailed] = useState(false);
  // Without a bar there is nothing to choose, and the card that says why stands here.
  if (blank) return null;

  const random = async () => {
    const { first_time: first, to_time: last } = await api.outline(seriesId, END_OF_TIME, 2);
    const share = RANDOM.from + (RANDOM.to - RANDOM.from) * Math.random();
    onPick(Math.round(first + (last - first) * share));
  };
  return (
    <div
      role="status"
      data-testid="replay-pick"
      className="absolute inset-x-3 top-16 z-20 mx-auto flex w-fit max-w-[calc(100%-24px)] flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-replay bg-bg-2 px-3 py-1.5 shadow-float"
    >
      <span className="flex items-center gap-2 font-semibold text-replay">
        <Icon name="replay" />
        {t("replay.pick.hint")}
      </span>
      <span className="text-12 text-text-2 max-phone:hidden coarse:hidden">{t("replay.pick.keys")}</span>
      {failed && (
        <span role="alert" className="flex items-center gap-1.5 text-12 text-danger">
          <Icon name="error" size={14} />
          {t("replay.pick.failed")}
        </span>
      )}
      <span className="flex gap-1">
        <Button data-cmd="replay.pick.date" onClick={onGoTo}>
          {t("replay.pick.date")}
        </Button>
        <Button data-cmd="replay.pick.random" onClick={() => void random().catch(() => setFailed(true))}>
          {t("replay.pick.random")}
        </Button>
        <Button data-cmd="replay.pick.cancel" onClick={onCancel}>
          {t("replay.pick.cancel")}
        </Button>
      </span>
    </div>
  );
}
