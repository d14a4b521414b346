import { useMemo } from "react";
import { listingKey } from "../api/series";
import { factorName } from "../features/factors/names";
import { isShown, toggleFactor, toggleFeature } from "../features/factors/tree";
import { useCatalog } from "../features/factors/useCatalog";
import { visibility } from "../features/factors/visibility";
import { COMMON_TIMEFRAMES, choices } from "../features/market/choices";
import { marketName } from "../features/market/SymbolButton";
import { byLength, listings } from "../features/market/universe";
import { useUniverse } from "../features/market/useUniverse";
import type { Entry } from "../features/palette/entries";
import { PALETTES, preferences, THEMES } from "../features/settings/preferences";
import type { Translate } from "../i18n/catalogue";
import { useT } from "../i18n/react";
import { useCommands } from "../ui/commands/context";
import type { Command } from "../ui/commands/registry";
import { type Control, currentTimeframe } from "./control";
import type { Services } from "./services";
import { commandTitle } from "./titles";

/** Everything the palette can run: commands, symbols, timeframes, factors and settings. */
export function usePaletteEntries(services: Services, control: Control): Entry[] {
  const t = useT();
  const commands = useCommands();
  const universe = useUniverse(services.api).data;
  const catalog = useCatalog(services.api).data;
  return useMemo(
    () => [
      ...commandEntries(commands, t),
      ...symbolEntries(listings(universe ?? []), control, t),
      ...timeframeEntries(listings(universe ?? []), control, t),
      ...(catalog?.factors.flatMap((factor) => factorEntries(factor, t)) ?? []),
      ...settingEntries(t),
    ],
    [commands, universe, catalog, control, t],
  );
}

function commandEntries(commands: ReadonlyMap<string, Command>, t: Translate): Entry[] {
  return [...commands.values()]
    .filter((command) => command.listed && command.id !== "palette.open" && command.when())
    .map((command) => ({
      id: command.id,
      kind: "commands",
      title: commandTitle(command, t),
      keys: command.keys[0],
      ...(command.checked && { note: t(command.checked() ? "palette.on" : "palette.off") }),
      run: () => command.run(),
    }));
}

function symbolEntries(all: ReturnType<typeof listings>, control: Control, t: Translate): Entry[] {
  const timeframe = currentTimeframe(control.view());
  return all.map((listing) => ({
    id: `@${listing.key}`,
    kind: "symbols",
    title: listing.symbol,
    note: marketName(listing.market, t),
    run: () => control.openSeries(`${listing.key}:${timeframe}`),
  }));
}

function timeframeEntries(all: ReturnType<typeof listings>, control: Control, t: Translate): Entry[] {
  const { s } = control.view();
  const stored = all.find((listing) => s !== undefined && listing.key === listingKey(s))?.timeframes ?? [];
  const current = currentTimeframe(control.view());
  return byLength([...COMMON_TIMEFRAMES, ...stored, ...choices.getState().favourites]).map((timeframe) => ({
    id: `#${timeframe}`,
    kind: "timeframes",
    title: timeframe,
    ...(timeframe === current && { note: t("palette.current") }),
    run: () => control.openTimeframe(timeframe),
  }));
}

function factorEntries(factor: Parameters<typeof toggleFactor>[1], t: Translate): Entry[] {
  const name = factorName(factor.key, factor.label, t);
  const choice = visibility.getState();
  const whole: Entry = {
    id: `factor:${factor.key}`,
    kind: "factors",
    title: t("factors.toggle", { name }),
    run: () => visibility.setState(toggleFactor(visibility.getState(), factor)),
  };
  const parts = factor.sub_features.map((feature): Entry => {
    const part = `${name} · ${factorName(feature.key, feature.label, t)}`;
    return {
      id: `factor:${feature.key}`,
      kind: "factors",
      title: t("factors.toggle", { name: part }),
      note: t(isShown(choice, factor, feature.key) ? "palette.on" : "palette.off"),
      run: () => visibility.setState(toggleFeature(visibility.getState(), factor, feature.key)),
    };
  });
  return [whole, ...parts];
}

function settingEntries(t: Translate): Entry[] {
  const entry = (id: string, name: string, value: string, run: () => void): Entry => ({
    id: `setting:${id}`,
    kind: "settings",
    title: `${name}: ${value}`,
    run,
  });
  const set = preferences.setState;
  return [
    ...THEMES.map((theme) =>
      entry(`theme.${theme}`, t("settings.theme"), t(`settings.theme.${theme}`), () => set({ theme })),
    ),
    ...PALETTES.map((palette) =>
      entry(`palette.${palette}`, t("settings.palette"), t(`settings.palette.${palette}`), () => set({ palette })),
    ),
    entry("language.en", t("settings.language"), "English", () => set({ language: "en" })),
    entry("language.zh", t("settings.language"), "简体中文", () => set({ language: "zh-CN" })),
    entry("zone.utc", t("settings.timeZone"), "UTC", () => set({ timeZone: "utc" })),
    entry(
      "zone.local",
      t("settings.timeZone"),
      t("settings.timeZone.local", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
      () => set({ timeZone: "local" }),
    ),
  ];
}
