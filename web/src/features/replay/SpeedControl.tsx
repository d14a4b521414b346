import { useT } from "../../i18n/react";
import { Select } from "../../ui/controls/Choice";
import { useStored } from "../../ui/storage/useStored";
import { replayChoices, SPEEDS } from "./choices";
import type { ReplayController } from "./controller";
import { PARTS } from "./room";

/** A slider with the stops of the speeds, and a list where there is no room for it. */
export function SpeedControl({ controller, list }: { controller: ReplayController; list: boolean }) {
  const t = useT();
  const speed = useStored(replayChoices, (state) => state.speed);
  const at = Math.max(0, (SPEEDS as readonly number[]).indexOf(speed));
  const label = t("replay.speed");
  const words = (n: number) => t("replay.speedValue", { n });
  if (list) {
    return (
      <span
        style={{ width: PARTS.list }}
        className="flex shrink-0 *:w-full *:px-1 *:pr-4 *:[background-position:right_8px_center,right_3px_center]"
      >
        <Select
          label={label}
          value={String(speed)}
          options={SPEEDS.map((one) => ({ value: String(one), label: words(one) }))}
          onChange={(value) => controller.setSpeed(Number(value))}
        />
      </span>
    );
  }
  return (
    <label style={{ width: PARTS.slider }} className="flex shrink-0 items-center gap-1.5 text-12" data-tip={label}>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={words(speed)}
        data-cmd="replay.speed"
        min={0}
        max={SPEEDS.length - 1}
        value={at}
        onChange={(event) => controller.setSpeed(SPEEDS[Number(event.target.value)] ?? speed)}
        className="plain w-24 min-w-0 accent-(--replay)"
      />
      <span data-testid="replay-speed" className="w-11 shrink-0 tabular-nums">
        {words(speed)}
      </span>
    </label>
  );
}
