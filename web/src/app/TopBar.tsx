import { useMemo } from "react";
import { listingKey, parseSeriesId } from "../api/series";
import { HealthPill } from "../features/health/HealthPill";
import type { HealthPicture } from "../features/health/useHealth";
import { SymbolButton } from "../features/market/SymbolButton";
import { TimeframeBar } from "../features/market/TimeframeBar";
import { listings } from "../features/market/universe";
import { useUniverse } from "../features/market/useUniverse";
import { ReplayPill, ReplaySpoken } from "../features/replay/ReplayPill";
import { useT } from "../i18n/react";
import { useCommand } from "../ui/commands/context";
import { CommandButton } from "../ui/controls/Button";
import { Logo } from "../ui/controls/Icon";
import { Keys } from "../ui/controls/Keys";
import { useStored } from "../ui/storage/useStored";
import type { Control } from "./control";
import { layers, openDialog } from "./dialogs";
import { type Arrangement, healthFits, pillRoom, timeframeRoom } from "./layout";
import { ModeSwitch } from "./ModeSwitch";
import { NarrowMenu } from "./NarrowMenu";
import type { Services } from "./services";
import type { Mode } from "./view";

interface TopBarProps {
  services: Services;
  control: Control;
  health: HealthPicture;
  mode: Mode;
  /** What the server offers. */
  modes: readonly Mode[];
  series: string | null;
  arranged: Arrangement;
  width: number;
  formatTime: (time: number) => string;
  /** Times of a replay, always with their date. */
  replayTime: (time: number) => string;
}

export function TopBar({
  services,
  control,
  health,
  mode,
  modes,
  series,
  arranged,
  width,
  formatTime,
  replayTime,
}: TopBarProps) {
  const phone = arranged === "phone";
  const replaying = useStored(services.replay, (state) => state.controller !== null);
  const open = useStored(layers, (state) => state);
  const universe = useUniverse(services.api);
  const all = useMemo(() => listings(universe.data ?? []), [universe.data]);
  const listing = series && all.find((entry) => entry.key === listingKey(series));
  const timeframe = series === null ? null : (parseSeriesId(series)?.timeframe ?? null);

  return (
    <header
      data-region="topbar"
      className="flex h-(--bar) shrink-0 items-center gap-1 border-b border-line bg-bg-2 px-1.5"
    >
      {!phone && <LogoButton />}
      <SymbolButton series={series} compact={phone} onClick={() => openDialog({ name: "symbol", initial: "" })} />
      <Divider />
      <TimeframeBar
        current={timeframe}
        stored={listing ? listing.timeframes : []}
        room={timeframeRoom(width)}
        menuOpen={open.timeframes}
        onMenu={(timeframes) => layers.setState({ timeframes })}
        onPick={control.openTimeframe}
      />
      {modes.length > 1 && !phone && (
        <>
          <Divider />
          <ModeSwitch mode={mode} modes={modes} />
        </>
      )}
      <div className="min-w-0 flex-1" />
      <ReplaySpoken slot={services.replay} formatTime={replayTime} live={mode === "live"} />
      {replaying ? (
        <ReplayPill slot={services.replay} formatTime={replayTime} room={pillRoom(width)} />
      ) : (
        <HealthPill
          health={health}
          open={open.health}
          onToggle={(shown) => layers.setState({ health: shown })}
          formatTime={formatTime}
          compact={!healthFits(width)}
        />
      )}
      {phone ? (
        <NarrowMenu />
      ) : (
        <>
          <PaletteButton wide={width >= 1100} />
          <CommandButton id="settings.open" icon="settings" />
        </>
      )}
    </header>
  );
}

function LogoButton() {
  const t = useT();
  const about = useCommand("about.open");
  return (
    <button
      type="button"
      data-cmd="about.open"
      aria-label={t("cmd.about.open")}
      data-tip={t("cmd.about.open")}
      onClick={() => about.run()}
      className="hit relative grid size-(--control) shrink-0 place-items-center rounded-control hover:bg-bg-3"
    >
      <Logo />
    </button>
  );
}

function PaletteButton({ wide }: { wide: boolean }) {
  return (
    <CommandButton id="palette.open" icon="command">
      {wide && <Keys chord="Mod+K" />}
    </CommandButton>
  );
}

function Divider() {
  return <div aria-hidden="true" className="mx-1 h-5 w-px shrink-0 bg-line" />;
}
