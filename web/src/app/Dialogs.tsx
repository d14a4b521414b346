import { lazy, Suspense } from "react";
import { parseSeriesId } from "../api/series";
import { timeFormat } from "../chart/format/time";
import { describeChart } from "../features/stage/describe";
import { useLocale, useT } from "../i18n/react";
import type { Command } from "../ui/commands/registry";
import { useStored } from "../ui/storage/useStored";
import { type Control, currentTimeframe } from "./control";
import { closeDialog, layers } from "./dialogs";
import { usePaletteEntries } from "./paletteEntries";
import { resetEverything } from "./reset";
import type { Services } from "./services";
import { commandTitle } from "./titles";

const SymbolSearch = lazy(() => import("../features/market/SymbolSearch"));
const TypingDialog = lazy(() => import("../features/market/TypingDialog"));
const CommandPalette = lazy(() => import("../features/palette/CommandPalette"));
const SettingsDialog = lazy(() => import("../features/settings/SettingsDialog"));
const AboutDialog = lazy(() => import("../features/help/AboutDialog"));
const KeyMapDialog = lazy(() => import("../features/help/KeyMapDialog"));
const GoToDialog = lazy(() => import("../features/stage/GoToDialog"));
const TableDialog = lazy(() => import("../features/stage/TableDialog"));
const DescribeDialog = lazy(() => import("../features/stage/DescribeDialog"));

interface DialogsProps {
  services: Services;
  control: Control;
  timeZone: string;
  /** The word of the health pill. */
  health: string;
}

/** The dialog that is open, loaded when it is first needed. */
export function Dialogs(props: DialogsProps) {
  const dialog = useStored(layers, (state) => state.dialog);
  if (dialog === null) return null;
  return (
    <Suspense fallback={null}>
      <Open {...props} dialog={dialog} />
    </Suspense>
  );
}

type OpenProps = DialogsProps & { dialog: NonNullable<ReturnType<typeof layers.getState>["dialog"]> };

function Open({ services, control, timeZone, health, dialog }: OpenProps) {
  const t = useT();
  const locale = useLocale();
  const host = services.host.getState().current;
  const dates = timeFormat(locale, timeZone, 60);
  switch (dialog.name) {
    case "symbol":
      return (
        <SymbolSearch
          api={services.api}
          initial={dialog.initial}
          timeframe={currentTimeframe(control.view())}
          formatDate={dates.date}
          onPick={control.openSeries}
          onClose={closeDialog}
        />
      );
    case "timeframe":
      return <TypingDialog initial={dialog.initial} onPick={control.openTimeframe} onClose={closeDialog} />;
    case "palette":
      return <Palette services={services} control={control} />;
    case "settings":
      return <SettingsDialog onClose={closeDialog} onReset={() => resetEverything(t)} />;
    case "about":
      return <AboutDialog clock={services.clock} onClose={closeDialog} />;
    case "keys":
      return <KeyMapDialog onClose={closeDialog} titleOf={(command: Command) => commandTitle(command, t)} />;
    case "goto": {
      const edge = host?.state().visible?.to ?? null;
      const seconds = parseSeriesId(control.view().s ?? "")?.timeframe.endsWith("d") ? 86_400 : 60;
      const initial = edge === null ? "" : timeFormat(locale, timeZone, seconds).dateTime(edge);
      return (
        <GoToDialog
          timeZone={seconds === 86_400 ? "UTC" : timeZone}
          initial={initial}
          onGo={(time) => void host?.goTo(time)}
          onClose={closeDialog}
        />
      );
    }
    case "table":
      return host && <TableDialog summary={host.describe()} formats={host.formats()} onClose={closeDialog} />;
    case "describe":
      return (
        host && (
          <DescribeDialog sentences={describeChart(host.describe(), host.formats(), health, t)} onClose={closeDialog} />
        )
      );
  }
}

function Palette({ services, control }: Pick<DialogsProps, "services" | "control">) {
  return <CommandPalette entries={usePaletteEntries(services, control)} onClose={closeDialog} />;
}
