import type { MarketClock } from "../../api/clock";
import { useT } from "../../i18n/react";
import { CommandButton } from "../../ui/controls/Button";
import { Icon, Logo } from "../../ui/controls/Icon";
import { Dialog } from "../../ui/overlays/Dialog";

const WIRE_SCHEMA = "1";
const CHART_LIBRARY = "https://www.tradingview.com/";

export default function AboutDialog({ clock, onClose }: { clock: MarketClock; onClose: () => void }) {
  const t = useT();
  const version = clock.version() || t("about.unknown");
  const market = clock.demo() ? t("health.clock.demo", { speed: clock.speed() }) : t("health.clock.real");
  return (
    <Dialog title={t("about.title")} onClose={onClose} width="w-[460px]" testId="about">
      <div className="flex flex-col gap-4 p-4">
        <div className="flex items-center gap-3">
          <Logo size={36} />
          <div>
            <p className="text-15 font-semibold">{t("app.title")}</p>
            <p className="text-text-2">{t("about.text")}</p>
          </div>
        </div>
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
          <Fact name={t("about.version")} value={version} />
          <Fact name={t("about.schema")} value={WIRE_SCHEMA} />
          <Fact name={t("about.mode")} value={market} />
        </dl>
        <div className="flex flex-col gap-1 border-t border-line pt-3 text-12 text-text-2">
          <h3 className="font-semibold text-text-3">{t("about.licences")}</h3>
          <p>{t("about.chart.notice")}</p>
          <p>
            <a href={CHART_LIBRARY} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1">
              {CHART_LIBRARY}
              <Icon name="external" size={12} />
            </a>
          </p>
          <p>{t("about.libraries")}</p>
        </div>
        <CommandButton id="keys.open" icon="keyboard" className="self-start">
          {t("about.keys")}
        </CommandButton>
      </div>
    </Dialog>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
