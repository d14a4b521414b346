import type { ChartFormats } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Part } from "../../ui/controls/Facts";
import type { Change } from "./changes";
import type { BarFacts } from "./useBarFacts";
import { changeSentence } from "./words";

/** What happened at the bar; where nothing did, what happened last. */
export function ChangesSection({ facts, formats }: { facts: BarFacts; formats: ChartFormats }) {
  const t = useT();
  return (
    <Part title={t("inspector.changes")} testId="inspector-changes">
      {facts.changes.length > 0 ? (
        <List changes={facts.changes} formats={formats} />
      ) : (
        <>
          <p className="text-text-2">{t("inspector.changes.none")}</p>
          {facts.last.length > 0 && (
            <>
              <p className="mt-2 mb-1 text-12 text-text-3">{t("inspector.changes.last")}</p>
              <List changes={facts.last} formats={formats} dated />
            </>
          )}
        </>
      )}
    </Part>
  );
}

function List({
  changes,
  formats,
  dated = false,
}: {
  changes: readonly Change[];
  formats: ChartFormats;
  dated?: boolean;
}) {
  const t = useT();
  return (
    <ul className="flex flex-col gap-1.5">
      {changes.map((change, at) => {
        const { text, detail } = changeSentence(change, formats, t);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole.
          <li key={at} data-change={change.kind} className="border-l-2 border-line-strong pl-2">
            {dated && (
              <span className="block text-12 text-text-3">
                {t("inspector.change.at", { time: formats.dateTime(change.at) })}
              </span>
            )}
            {text}
            {detail && <span className="block text-12 text-text-2">{detail}</span>}
          </li>
        );
      })}
    </ul>
  );
}
