import { type MouseEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { ChartHost, CreateChartHost } from "../../chart/types";
import { useT } from "../../i18n/react";
import { ContextMenu, type MenuFeature, type MenuTarget } from "./ContextMenu";

interface ChartStageProps {
  /** Makes the host in its element; the application knows the dependencies. */
  create: (container: HTMLElement) => ReturnType<CreateChartHost>;
  onHost: (host: ChartHost | null) => void;
  /** Drawings that can be hidden from the menu. */
  features: readonly MenuFeature[];
  host: ChartHost | null;
  /** Replays the series from a bar; absent where there is no replay. */
  onReplay: ((bar: number) => void) | undefined;
  /** Cards and buttons over the chart. */
  children: ReactNode;
}

const EDGES = ["--tc-price-axis", "--tc-time-axis", "--tc-last-bar"] as const;

/** The element of the chart and what React lays over it. The chart itself never renders through React. */
export function ChartStage({ create, onHost, features, host, onReplay, children }: ChartStageProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const mount = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<MenuTarget | null>(null);
  const description = useId();

  useEffect(() => {
    const container = mount.current;
    if (!container || !frame.current) return;
    const made = create(container);
    const stop = mirrorEdges(container, frame.current);
    onHost(made);
    return () => {
      onHost(null);
      stop();
      made.destroy();
    };
  }, [create, onHost]);

  const openMenu = (event: MouseEvent) => {
    if (!host) return;
    event.preventDefault();
    const target = menuTarget(host, event, mount.current);
    // With the release of the button the browser closes every layer that opened while it was down.
    if (event.buttons === 0) setMenu(target);
    else addEventListener("pointerup", () => setTimeout(() => setMenu(target)), { once: true });
  };

  return (
    <div ref={frame} className="relative size-full min-h-0 overflow-hidden bg-bg-1">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the chart host makes it an application with a name. */}
      <div ref={mount} aria-describedby={description} onContextMenu={openMenu} className="size-full" />
      <p id={description} className="sr-only">
        {t("chart.desc")}
      </p>
      {children}
      {menu && (
        <ContextMenu
          target={menu}
          features={features}
          onInspect={(bar) => host?.choose(bar)}
          onReplay={onReplay}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/** The host tells the sizes of its edges on its own element; what lies beside it needs them too. */
function mirrorEdges(from: HTMLElement, to: HTMLElement): () => void {
  const copy = () => {
    for (const name of EDGES) {
      const value = from.style.getPropertyValue(name);
      if (value !== "" && to.style.getPropertyValue(name) !== value) to.style.setProperty(name, value);
    }
  };
  copy();
  const observer = new MutationObserver(copy);
  observer.observe(from, { attributes: true, attributeFilter: ["style"] });
  return () => observer.disconnect();
}

/** From the keyboard there is no pointer position: the menu then stands in the upper left of the chart. */
function menuTarget(host: ChartHost, event: MouseEvent, container: HTMLElement | null): MenuTarget {
  const { hover, last } = host.state();
  const bar = hover ?? last;
  const formats = host.formats();
  const rect = container?.getBoundingClientRect();
  const price = host.priceAt(event.clientY) ?? bar?.close ?? null;
  const byKey = event.clientX === 0 && event.clientY === 0;
  return {
    x: byKey && rect ? rect.left + 24 : event.clientX,
    y: byKey && rect ? rect.top + 48 : event.clientY,
    price: price === null ? null : formats.price(price),
    time: bar ? formats.dateTime(bar.time) : null,
    bar: bar?.time ?? null,
  };
}
