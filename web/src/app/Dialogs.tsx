import { lazy, Suspense, useEffect } from "react";
import { parseSeriesId } from "../api/series";
import { timeFormat } from "../chart/format/time";
import { describeChart } from "../features/stage/describe";
import { LOCALES, loadLocale } from "../i18n/locale";
import { useLocale, useT } from "../i18n/react";
import type { Command } from "../ui/commands/registry";
import { useStored } from "../ui/storage/useStored";
import { type Control, currentTimeframe } from "./control";
import { closeDialog, layers } from "./dialogs";
import { usePaletteEntries } from "./paletteEntries";
import { resetEverything } from "./reset";
import type { Services } from "./services";
import { commandTitle } from "./titles";

const load = {
  symbol: () => import("../features/market/SymbolSearch"),
  timeframe: () => import("../features/market/TypingDialog"),
  palette: () => import("../features/palette/CommandPalette"),
  settings: () => import("../features/settings/SettingsDialog"),
  about: () => import("../features/help/AboutDialog"),
  keys: () => import("../features/help/KeyMapDialog"),
  goto: () => import("../features/stage/GoToDialog"),
  table: () => import("../features/stage/TableDialog"),
  describe: () => import("../features/stage/DescribeDialog"),
  leave: () => import("../features/replay/paper/LeaveDialog"),
};

const SymbolSearch = lazy(load.symbol);
const TypingDialog = lazy(load.timeframe);
const CommandPalette = lazy(load.palette);
const SettingsDialog = lazy(load.settings);
const AboutDialog = lazy(load.about);
const KeyMapDialog = lazy(load.keys);
const GoToDialog = lazy(load.goto);
const TableDialog = lazy(load.table);
const DescribeDialog = lazy(load.describe);
const LeaveDialog = lazy(load.leave);

/** Fetches dialogs and languages once the chart stands, so that what is typed into a dialog is never lost to its loading. */
function usePrefetch({ chart }: Services): void {
  const standing = useStored(chart, (state) => state?.status === "ready" || state?.status === "empty");
  useEffect(() => {
    if (!standing) return;
    const fetchAll = () => {
      for (const one of Object.values(load)) void one().catch(() => undefined);
      for (const locale of LOCALES) void loadLocale(locale).catch(() => undefined);
    };
    const timer = setTimeout(fetchAll, 300);
    return () => clearTimeout(timer);
  }, [standing]);
}

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
  usePrefetch(props.services);
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
          onGo={(time) => {
            const { actions } = services.replay.getState();
            if (actions) actions.goTo(time);
            else void host?.goTo(time);
          }}
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
    case "leave":
      return (
        <LeaveDialog
          onEnd={(how) => {
            services.replay.getState().paper?.end(how);
            closeDialog();
            if (dialog.series) control.openSeries(dialog.series, { asked: true });
            else control.leaveReplay({ asked: true, ...(dialog.to && { to: dialog.to }) });
          }}
          onClose={closeDialog}
        />
      );
  }
}

function Palette({ services, control }: Pick<DialogsProps, "services" | "control">) {
  return <CommandPalette entries={usePaletteEntries(services, control)} onClose={closeDialog} />;
}
