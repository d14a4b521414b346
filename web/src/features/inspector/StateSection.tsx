import type { ChartFormats, ChartHost } from "../../chart/types";
import type { Ledger, LevelFact, PenFact } from "../../feed/ledger";
import { useT } from "../../i18n/react";
import { Fact, Facts, Part } from "../../ui/controls/Facts";
import { switchTo } from "./changes";
import type { BarFacts } from "./useBarFacts";
import { anchorWhy } from "./words";

interface StateProps {
  ledger: Ledger;
  formats: ChartFormats;
}

/** What followed from everything up to the bar: unfinished pens, the alive zone, the anchor, the nearest levels. */
export function StateSection({ facts, host, formats }: { facts: BarFacts; host: ChartHost; formats: ChartFormats }) {
  const t = useT();
  const { ledger, heads, time } = facts;
  const close = host.barAt(time)?.close ?? null;
  return (
    <Part title={t("inspector.state")} testId="inspector-state">
      {heads.factors.length === 0 ? (
        <p className="text-text-2">{t("inspector.nothing")}</p>
      ) : (
        <Facts>
          {heads.factors.includes("pen") && <Pens ledger={ledger} formats={formats} />}
          {heads.factors.includes("pen") && <Zone ledger={ledger} formats={formats} />}
          {heads.factors.includes("anchor") && <Anchor ledger={ledger} formats={formats} />}
          {heads.factors.includes("sr") && <Levels ledger={ledger} formats={formats} close={close} />}
        </Facts>
      )}
    </Part>
  );
}

function Pens({ ledger: { extending, candidate }, formats }: StateProps) {
  const t = useT();
  if (!extending) return <Fact name={t("inspector.pen")}>{t("inspector.pen.none")}</Fact>;
  const line = (pen: PenFact) =>
    t("object.line", {
      range: formats.range(pen.startTime, pen.endTime),
      from: formats.price(pen.startPrice),
      to: formats.price(pen.endPrice),
    });
  return (
    <>
      <Fact name={t("inspector.pen")} note={line(extending)}>
        {t(extending.direction > 0 ? "inspector.pen.extending.up" : "inspector.pen.extending.down")}
        <Open />
      </Fact>
      {candidate && (
        <Fact name="" note={line(candidate)}>
          {t(candidate.direction > 0 ? "inspector.pen.candidate.up" : "inspector.pen.candidate.down")}
          <Open />
        </Fact>
      )}
    </>
  );
}

function Open() {
  return <span className="ml-2 text-12 text-text-3">{useT()("inspector.pen.open")}</span>;
}

function Zone({ ledger: { aliveZone: zone }, formats }: StateProps) {
  const t = useT();
  if (!zone) return <Fact name={t("inspector.zone")}>{t("inspector.zone.none")}</Fact>;
  const prices = t("inspector.object.bandValue", { low: formats.price(zone.low), high: formats.price(zone.high) });
  return (
    <Fact
      name={t("inspector.zone")}
      note={
        <>
          <span className="block">{prices}</span>
          {t("inspector.zone.since", { time: formats.dateTime(zone.formedTime) })}
        </>
      }
    >
      {t(zone.entry > 0 ? "inspector.zone.up" : "inspector.zone.down")}
    </Fact>
  );
}

function Anchor({ ledger, formats }: StateProps) {
  const t = useT();
  const { anchor } = ledger;
  if (!anchor) return <Fact name={t("inspector.anchor")}>{t("inspector.anchor.none")}</Fact>;
  const change = switchTo(ledger, anchor);
  return (
    <Fact
      name={t("inspector.anchor")}
      note={
        <>
          <span className="block">{formats.range(anchor.startTime, anchor.endTime)}</span>
          {change && anchorWhy(change.time, change.reason, formats, t)}
        </>
      }
    >
      {t(`inspector.anchor.${anchor.kind}`)}
    </Fact>
  );
}

function Levels({ ledger, formats, close }: StateProps & { close: number | null }) {
  const t = useT();
  const active = ledger.levels.filter(({ status }) => status !== "broken");
  if (active.length === 0 || close === null) {
    return <Fact name={t("inspector.levels")}>{t("inspector.levels.none")}</Fact>;
  }
  const nearest = (side: (level: LevelFact) => boolean) =>
    active.filter(side).sort((a, b) => Math.abs(a.price - close) - Math.abs(b.price - close))[0];
  const [above, below] = [nearest(({ price }) => price >= close), nearest(({ price }) => price < close)];
  const distance = ({ price }: LevelFact) =>
    t("inspector.levels.distance", {
      change: formats.change(price - close),
      percent: formats.percent((price / close - 1) * 100),
    });
  const text = ({ side, price, count }: LevelFact) =>
    t(`level.${side}.count`, { price: formats.price(price), n: count });
  return (
    <>
      {above && (
        <Fact name={t("inspector.levels.above")} note={distance(above)}>
          {text(above)}
        </Fact>
      )}
      {below && (
        <Fact name={t("inspector.levels.below")} note={distance(below)}>
          {text(below)}
        </Fact>
      )}
    </>
  );
}
