import { useT } from "../../i18n/react";
import { Select } from "../../ui/controls/Choice";
import { useStored } from "../../ui/storage/useStored";
import { replayChoices, SPEEDS } from "./choices";
import type { ReplayController } from "./controller";

/** A slider with the stops of the speeds, and a list where there is no room for it. */
export function SpeedControl({ controller, compact }: { controller: ReplayController; compact: boolean }) {
  const t = useT();
  const speed = useStored(replayChoices, (state) => state.speed);
  const at = Math.max(0, (SPEEDS as readonly number[]).indexOf(speed));
  const label = t("replay.speed");
  const words = (n: number) => t("replay.speedValue", { n });
  if (compact) {
    return (
      <Select
        label={label}
        value={String(speed)}
        options={SPEEDS.map((one) => ({ value: String(one), label: words(one) }))}
        onChange={(value) => controller.setSpeed(Number(value))}
      />
    );
  }
  return (
    <label className="flex shrink-0 items-center gap-1.5 text-12" data-tip={label}>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={words(speed)}
        data-cmd="replay.speed"
        min={0}
        max={SPEEDS.length - 1}
        value={at}
        onChange={(event) => controller.setSpeed(SPEEDS[Number(event.target.value)] ?? speed)}
        className="plain w-24 accent-(--replay)"
      />
      <span data-testid="replay-speed" className="w-11 tabular-nums">
        {words(speed)}
      </span>
    </label>
  );
}
