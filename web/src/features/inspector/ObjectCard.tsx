import type { ReactNode } from "react";
import type { Explanation } from "../../chart/explain";
import type { ChartFormats, ChartHost, Selected } from "../../chart/types";
import type { PenRef } from "../../feed/ledger";
import { useT } from "../../i18n/react";
import { Fact, Facts, Part } from "../../ui/controls/Facts";
import { Id } from "./parts";

interface ObjectCardProps {
  selected: Extract<Selected, { kind: "object" }>;
  host: ChartHost;
  formats: ChartFormats;
  wordsOf: (explanation: Explanation, formats: ChartFormats) => readonly string[];
}

/** The chosen object: what its tooltip says, and what did not fit there. */
export function ObjectCard({ selected, host, formats, wordsOf }: ObjectCardProps) {
  const t = useT();
  const { explanation, id, gone } = selected;
  const [name, ...lines] = wordsOf(explanation, formats);
  const [from, to] = spanOf(explanation);
  return (
    <Part title={t("inspector.object")} testId="inspector-object">
      <p className="font-semibold" data-object={id}>
        {name}
      </p>
      {gone && <p className="text-12 text-warn">{t("inspector.object.gone")}</p>}
      {lines.map((line) => (
        <p key={line} className="text-text-2 tabular-nums">
          {line}
        </p>
      ))}
      {host.spansGap(from, to) && <p className="text-12 text-warn">{t("inspector.object.gap")}</p>}
      <Facts>
        <More explanation={explanation} formats={formats} />
      </Facts>
      <Id name={t("inspector.object.id")} value={id} />
    </Part>
  );
}

function More({ explanation, formats }: { explanation: Explanation; formats: ChartFormats }): ReactNode {
  const t = useT();
  const pen = (ref: PenRef | null) => (ref ? formats.range(ref.startTime, ref.endTime) : t("inspector.object.none"));
  switch (explanation.kind) {
    case "zone":
      return (
        explanation.formedTime !== null && (
          <Fact name={t("inspector.object.formed")}>{formats.dateTime(explanation.formedTime)}</Fact>
        )
      );
    case "anchor":
      return explanation.reason !== null && <Fact name={t("inspector.object.before")}>{pen(explanation.before)}</Fact>;
    case "switch":
      return (
        explanation.after && (
          <>
            <Fact name={t("inspector.object.before")}>{pen(explanation.before)}</Fact>
            <Fact name={t("inspector.object.after")}>{pen(explanation.after)}</Fact>
          </>
        )
      );
    case "level": {
      const { band, touches } = explanation;
      return (
        <>
          {band && (
            <Fact name={t("inspector.object.band")}>
              {t("inspector.object.bandValue", { low: formats.price(band.low), high: formats.price(band.high) })}
            </Fact>
          )}
          {touches.length > 0 && (
            <Fact name={t("inspector.object.touches")}>
              {touches.map((time) => (
                <span key={time} className="block">
                  {formats.dateTime(time)}
                </span>
              ))}
            </Fact>
          )}
        </>
      );
    }
    default:
      return null;
  }
}

/** First and last time of an object. */
function spanOf(explanation: Explanation): readonly [number, number] {
  switch (explanation.kind) {
    case "pen":
    case "anchor":
      return [explanation.from.time, explanation.to.time];
    case "zone":
    case "other":
      return [explanation.from, explanation.to];
    case "level":
      return [explanation.from, explanation.deathTime ?? explanation.from];
    default:
      return [explanation.time, explanation.time];
  }
}
