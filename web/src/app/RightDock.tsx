import type { ReactNode } from "react";
import { useT } from "../i18n/react";
import { CommandButton, IconButton } from "../ui/controls/Button";
import { useStored } from "../ui/storage/useStored";
import { BottomSheet } from "./BottomSheet";
import type { Control } from "./control";
import { type Arrangement, clampDock, DOCK, layout } from "./layout";
import { Splitter } from "./Splitter";
import { PANELS, type PanelName } from "./view";

interface RightDockProps {
  control: Control;
  /** The open panel; null: folded. */
  panel: PanelName | null;
  arranged: Arrangement;
  children: ReactNode;
}

const TITLES = {
  markets: "markets.title",
  factors: "factors.title",
  inspector: "inspector.title",
  data: "data.title",
} as const;

/** Strip of icons and one panel: beside the chart, floating over its edge, or as a sheet from below. */
export function RightDock({ control, panel, arranged, children }: RightDockProps) {
  const t = useT();
  if (arranged === "phone") {
    return panel ? (
      <BottomSheet title={t(TITLES[panel])} label={t("app.dock")} region="dock" onClose={() => control.setPanel(null)}>
        {children}
      </BottomSheet>
    ) : null;
  }
  return (
    <aside
      data-region="dock"
      aria-label={t("app.dock")}
      className={`flex min-h-0 shrink-0 ${arranged === "floating" ? "relative" : ""}`}
    >
      {panel && (
        <Panel control={control} panel={panel} arranged={arranged}>
          {children}
        </Panel>
      )}
      <nav className="flex w-(--strip) flex-col items-center gap-1 border-l border-line bg-bg-2 py-1.5">
        {PANELS.map((name) => (
          <CommandButton
            key={name}
            id={`panel.${name}`}
            icon={name}
            aria-pressed={panel === name}
            className={panel === name ? "bg-bg-3" : ""}
          />
        ))}
      </nav>
    </aside>
  );
}

type OpenProps = Pick<RightDockProps, "control" | "children"> & { panel: PanelName };

function Panel({ control, panel, arranged, children }: OpenProps & Pick<RightDockProps, "arranged">) {
  const t = useT();
  const dragged = useStored(layout, (state) => state.dockWidth);
  const restore = () => {
    const { dockWidth: _, ...rest } = layout.getState();
    layout.setState(rest, true);
  };
  const width = dragged ?? (arranged === "wide" ? DOCK.wide : DOCK.narrow);
  const floating = arranged === "floating";
  return (
    <div
      style={{ width }}
      className={`flex min-h-0 border-l border-line bg-bg-1 ${floating ? "absolute inset-y-0 right-(--strip) z-20 max-w-[calc(100vw-120px)] shadow-float" : "relative"}`}
    >
      <Splitter
        line="vertical"
        label={t("cmd.dock.right")}
        size={width}
        least={DOCK.least}
        most={DOCK.most}
        onSize={(next) => layout.setState({ dockWidth: clampDock(next) })}
        onRestore={restore}
        onFold={() => control.setPanel(null)}
      />
      <section className="flex min-h-0 min-w-0 flex-1 flex-col">
        <PanelHeader control={control} panel={panel} />
        {children}
      </section>
    </div>
  );
}

function PanelHeader({ control, panel }: Pick<OpenProps, "control" | "panel">) {
  const t = useT();
  return (
    <header className="flex h-9 shrink-0 items-center justify-between border-b border-line pr-1 pl-3 coarse:h-12">
      <h2 className="text-15 font-semibold">{t(TITLES[panel])}</h2>
      <IconButton icon="close" label={t("common.close")} onClick={() => control.setPanel(null)} />
    </header>
  );
}
