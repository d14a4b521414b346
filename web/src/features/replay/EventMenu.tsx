import { useRef, useState } from "react";
import { useT } from "../../i18n/react";
import { IconButton } from "../../ui/controls/Button";
import { Popover } from "../../ui/overlays/Popover";
import { useStored } from "../../ui/storage/useStored";
import { replayChoices } from "./choices";
import type { ReplayController } from "./controller";
import { kindName } from "./words";

interface EventsProps {
  controller: ReplayController;
  /** Kinds that the server knows. */
  kinds: readonly string[];
}

/** Which events "next" and "stop" look for. */
export function EventChoices({ controller, kinds }: EventsProps) {
  const t = useT();
  const { kinds: chosen, stopAtEvents } = useStored(replayChoices, (state) => state);
  const toggle = (kind: string) =>
    controller.setKinds(chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind]);
  return (
    <fieldset className="flex flex-col gap-0.5 text-12">
      <legend className="sr-only">{t("replay.events")}</legend>
      {kinds.map((kind) => (
        <label key={kind} className="flex min-h-7 items-center gap-2 coarse:min-h-11">
          <input
            type="checkbox"
            data-kind={kind}
            checked={chosen.includes(kind)}
            onChange={() => toggle(kind)}
            className="plain size-4 accent-(--accent)"
          />
          {kindName(kind, t)}
        </label>
      ))}
      <hr className="my-1 border-t border-line" />
      <label className="flex min-h-7 items-center gap-2 coarse:min-h-11">
        <input
          type="checkbox"
          data-cmd="replay.stopAtEvents"
          checked={stopAtEvents}
          onChange={() => controller.setStop(!stopAtEvents)}
          className="plain size-4 accent-(--accent)"
        />
        {t("replay.events.stop")}
      </label>
    </fieldset>
  );
}

/** The same as a menu of the bar. */
export function EventMenu({ controller, kinds }: EventsProps) {
  const t = useT();
  const ref = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={ref}
        icon="chevronUp"
        label={t("replay.events")}
        data-cmd="replay.events"
        aria-haspopup="dialog"
        aria-expanded={open}
        className="-ml-0.5"
        onClick={() => setOpen(!open)}
      />
      {open && (
        <Popover
          anchor={ref}
          onClose={() => setOpen(false)}
          label={t("replay.events")}
          className="min-w-[230px] px-3 py-2"
        >
          <p className="mb-1 text-12 font-semibold text-text-3">{t("replay.events")}</p>
          <EventChoices controller={controller} kinds={kinds} />
        </Popover>
      )}
    </>
  );
}
