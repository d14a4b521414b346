import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import { useT } from "../i18n/react";
import { CommandButton, IconButton } from "../ui/controls/Button";
import { useStored } from "../ui/storage/useStored";
import type { Control } from "./control";
import { type Arrangement, clampDock, DOCK, layout } from "./layout";
import { PANELS, type PanelName } from "./view";

interface RightDockProps {
  control: Control;
  /** The open panel; null: folded. */
  panel: PanelName | null;
  arranged: Arrangement;
  children: ReactNode;
}

const TITLES = { factors: "factors.title", inspector: "inspector.title" } as const;

/** Strip of icons and one panel: beside the chart, floating over its edge, or as a sheet from below. */
export function RightDock({ control, panel, arranged, children }: RightDockProps) {
  const t = useT();
  if (arranged === "phone") {
    return panel ? (
      <BottomSheet control={control} panel={panel}>
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
  const dragged = useStored(layout, (state) => state.dockWidth);
  const width = dragged ?? (arranged === "wide" ? DOCK.wide : DOCK.narrow);
  const floating = arranged === "floating";
  return (
    <div
      style={{ width }}
      className={`flex min-h-0 border-l border-line bg-bg-1 ${floating ? "absolute inset-y-0 right-(--strip) z-20 max-w-[calc(100vw-120px)] shadow-float" : "relative"}`}
    >
      <Splitter width={width} onFold={() => control.setPanel(null)} />
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

const STEP = 16;

/** A 1 px line with a 9 px grab zone. */
function Splitter({ width, onFold }: { width: number; onFold: () => void }) {
  const t = useT();
  const resize = (next: number) => layout.setState({ dockWidth: clampDock(next) });
  const restore = () => {
    const { dockWidth: _, ...rest } = layout.getState();
    layout.setState(rest, true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") resize(width + STEP);
    else if (event.key === "ArrowRight") resize(width - STEP);
    else if (event.key === "Enter") onFold();
    else return;
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => resize(width + from - moved.clientX);
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved has no element of its own.
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("cmd.dock.right")}
      aria-valuenow={width}
      aria-valuemin={DOCK.least}
      aria-valuemax={DOCK.most}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onDoubleClick={restore}
      className="absolute inset-y-0 -left-[5px] z-10 w-[9px] cursor-col-resize touch-none after:absolute after:inset-y-0 after:left-1 after:w-px hover:after:bg-accent focus-visible:after:bg-accent"
    />
  );
}

/** 45 % or 92 % of the height; the handle toggles, Escape and the button close. */
function BottomSheet({ control, panel, children }: OpenProps) {
  const t = useT();
  const [tall, setTall] = useState(false);
  return (
    <aside
      data-region="dock"
      aria-label={t("app.dock")}
      onKeyDown={(event) => {
        if (event.key === "Escape") control.setPanel(null);
      }}
      className={`absolute inset-x-0 bottom-0 z-20 flex flex-col rounded-t-card border-t border-line bg-bg-1 shadow-float transition-[height] duration-(--motion) ${tall ? "h-[92%]" : "h-[45%]"}`}
    >
      <button
        type="button"
        aria-expanded={tall}
        aria-label={t(TITLES[panel])}
        onClick={() => setTall(!tall)}
        className="hit relative flex h-4 shrink-0 items-center justify-center"
      >
        <span className="h-1 w-9 rounded-full bg-line-strong" />
      </button>
      <PanelHeader control={control} panel={panel} />
      {children}
    </aside>
  );
}
