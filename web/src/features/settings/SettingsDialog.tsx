import { useState } from "react";
import type { Translate } from "../../i18n/catalogue";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { type Option, Segmented, Select, Switch } from "../../ui/controls/Choice";
import { Dialog } from "../../ui/overlays/Dialog";
import { useStored } from "../../ui/storage/useStored";
import {
  BARS,
  clampBars,
  DENSITIES,
  DIRECTIONS,
  NUMBER_STYLES,
  PALETTES,
  type Preferences,
  preferences,
  THEMES,
} from "./preferences";
import { Row, Section } from "./Section";

/** Every choice acts at once; there is nothing to save. */
export default function SettingsDialog({ onClose, onReset }: { onClose: () => void; onReset: () => void }) {
  const t = useT();
  const chosen = useStored(preferences, (state) => state);
  const set = (change: Partial<Preferences>) => preferences.setState(change);

  return (
    <Dialog title={t("settings.title")} onClose={onClose} testId="settings">
      <Appearance chosen={chosen} set={set} t={t} />
      <Formats chosen={chosen} set={set} t={t} />
      <Section title={t("settings.chart")}>
        <BarsRow value={chosen.defaultBars} onChange={(defaultBars) => set({ defaultBars })} />
      </Section>
      <Section title={t("settings.keyboard")}>
        <Row label={t("settings.singleKeys")} hint={t("settings.singleKeys.hint")}>
          <Switch
            label={t("settings.singleKeys")}
            checked={chosen.singleKeys}
            onChange={(singleKeys) => set({ singleKeys })}
          />
        </Row>
      </Section>
      <Section title={t("common.reset")}>
        <Row label={t("settings.reset")} hint={t("settings.reset.hint")}>
          <Button data-cmd="settings.reset" onClick={onReset}>
            {t("common.reset")}
          </Button>
        </Row>
      </Section>
    </Dialog>
  );
}

interface PartProps {
  chosen: Preferences;
  set: (change: Partial<Preferences>) => void;
  t: Translate;
}

function Appearance({ chosen, set, t }: PartProps) {
  const swapped = chosen.palette === "colour-blind";
  const direction = chosen.direction ?? (document.documentElement.dataset.direction as Preferences["direction"]);
  return (
    <Section title={t("settings.appearance")}>
      <Row label={t("settings.theme")}>
        <Segmented
          label={t("settings.theme")}
          value={chosen.theme}
          options={THEMES.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
          onChange={(theme) => set({ theme })}
        />
      </Row>
      <Row label={t("settings.palette")}>
        <Segmented
          label={t("settings.palette")}
          value={chosen.palette}
          options={PALETTES.map((value) => ({ value, label: t(`settings.palette.${value}`) }))}
          onChange={(palette) => set({ palette })}
        />
      </Row>
      <Row label={t("settings.direction")}>
        <Segmented
          label={t("settings.direction")}
          value={direction ?? "green-up"}
          options={DIRECTIONS.map((value) => ({ value, label: directionName(value, swapped, t) }))}
          onChange={(value) => set({ direction: value })}
        />
      </Row>
      <Row label={t("settings.density")}>
        <Segmented
          label={t("settings.density")}
          value={chosen.density}
          options={DENSITIES.map((value) => ({ value, label: t(`settings.density.${value}`) }))}
          onChange={(density) => set({ density })}
        />
      </Row>
    </Section>
  );
}

function directionName(value: (typeof DIRECTIONS)[number], colourBlind: boolean, t: Translate): string {
  if (!colourBlind) return t(`settings.direction.${value}`);
  return t(value === "green-up" ? "settings.direction.a-up" : "settings.direction.b-up");
}

function Formats({ chosen, set, t }: PartProps) {
  const languages: Option<Preferences["language"]>[] = [
    { value: "auto", label: t("settings.language.auto") },
    // Names of languages stand in their own language everywhere.
    { value: "en", label: "English" },
    { value: "zh-CN", label: "简体中文" },
  ];
  return (
    <Section title={t("settings.formats")}>
      <Row label={t("settings.language")}>
        <Segmented
          label={t("settings.language")}
          value={chosen.language}
          options={languages}
          onChange={(language) => set({ language })}
        />
      </Row>
      <Row label={t("settings.timeZone")}>
        <Select
          label={t("settings.timeZone")}
          value={chosen.timeZone}
          options={zones(t)}
          onChange={(timeZone) => set({ timeZone })}
        />
      </Row>
      <Row label={t("settings.numberStyle")}>
        <Segmented
          label={t("settings.numberStyle")}
          value={chosen.numberStyle}
          options={NUMBER_STYLES.map((value) => ({ value, label: t(`settings.numberStyle.${value}`) }))}
          onChange={(numberStyle) => set({ numberStyle })}
        />
      </Row>
    </Section>
  );
}

function zones(t: Translate): Option<string>[] {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [
    { value: "local", label: t("settings.timeZone.local", { zone: local }) },
    { value: "utc", label: t("settings.timeZone.utc") },
    { value: "exchange", label: t("settings.timeZone.exchange") },
    ...Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
  ];
}

function BarsRow({ value, onChange }: { value: number; onChange: (bars: number) => void }) {
  const t = useT();
  const [draft, setDraft] = useState(String(value));
  return (
    <Row label={t("settings.defaultBars")}>
      <input
        type="number"
        aria-label={t("settings.defaultBars")}
        min={BARS.least}
        max={BARS.most}
        step={10}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          const bars = Number(event.target.value);
          if (clampBars(bars) === bars) onChange(bars);
        }}
        onBlur={() => {
          const bars = clampBars(Number(draft)) ?? value;
          setDraft(String(bars));
          onChange(bars);
        }}
        className="h-(--control) w-24 rounded-control border border-line-strong bg-bg-2 px-2 text-right"
      />
    </Row>
  );
}
