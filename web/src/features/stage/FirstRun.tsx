import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Icon } from "../../ui/controls/Icon";
import { record, stored } from "../../ui/storage/stored";
import { useStored } from "../../ui/storage/useStored";

export const hints = stored<{ firstRun: boolean }>(
  "hints",
  () => ({ firstRun: true }),
  (value) => {
    const given = record(value);
    return typeof given?.firstRun === "boolean" ? { firstRun: given.firstRun } : undefined;
  },
);

/** One line at the first visit: the keys, and, where red is up by default, the question whether that is wanted. */
export function FirstRun({
  askDirection,
  onDirection,
}: {
  askDirection: boolean;
  onDirection: (redUp: boolean) => void;
}) {
  const t = useT();
  const shown = useStored(hints, (state) => state.firstRun);
  // A finger has no keys to be told about.
  const keys = !matchMedia("(pointer: coarse)").matches;
  if (!shown || !(keys || askDirection)) return null;
  const done = () => hints.setState({ firstRun: false });
  const choose = (redUp: boolean) => () => {
    onDirection(redUp);
    done();
  };
  return (
    <div
      data-testid="first-run"
      className="absolute bottom-[calc(var(--tc-time-axis,28px)+12px)] left-3 z-10 flex max-w-[calc(100%-var(--tc-price-axis,64px)-24px)] flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-line bg-bg-2 py-1 pr-1 pl-3 text-12 text-text-2 shadow-float"
    >
      {keys && (
        <>
          <Icon name="keyboard" size={14} />
          <span className="min-w-0">{t("firstRun.keys")}</span>
        </>
      )}
      {askDirection ? (
        <span className="flex flex-wrap items-center gap-1">
          <span className="pr-1">{t("firstRun.direction")}</span>
          <Button onClick={choose(true)}>{t("firstRun.keepRed")}</Button>
          <Button onClick={choose(false)}>{t("firstRun.useGreen")}</Button>
        </span>
      ) : (
        <Button tone="plain" className="font-semibold text-accent" onClick={done}>
          {t("firstRun.ok")}
        </Button>
      )}
    </div>
  );
}
