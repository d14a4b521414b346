import { type ReactNode, useEffect, useState } from "react";
import { useT } from "../../i18n/react";
import { Button } from "../controls/Button";
import { Icon, type IconName } from "../controls/Icon";
import { copyText } from "./clipboard";
import { failureReasons, failureText } from "./failures";

/** What every failed read can tell; `ApiError` and the chart's failures have this form. */
export interface Failure {
  code: string;
  message: string;
  requestId: string;
  /** What clients match on, in places the JSON text of an object with reasons. */
  detail?: string;
}

/** One icon, one sentence, one action, at the top and not lost in the middle of a void. */
export function EmptyState({
  icon,
  title,
  text,
  children,
}: {
  icon: IconName;
  title: string;
  text?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-start gap-2 p-4">
      <Icon name={icon} size={24} className="text-text-3" />
      <p className="font-semibold">{title}</p>
      {text && <p className="max-w-[52ch] text-text-2">{text}</p>}
      {children}
    </div>
  );
}

/** Says of what was read earlier that it could not be renewed: why, of when it is, and how to try again. */
export function StaleNote({ query, formats }: { query: StaleQuery; formats: StaleFormats }) {
  const t = useT();
  const nowMs = useNow(1_000);
  if (!query.error || query.dataUpdatedAt === 0) return null;
  const { message, code, requestId } = query.error;
  return (
    <div
      role="status"
      data-stale
      data-error-code={code}
      data-request-id={requestId}
      className="mx-3 mt-3 flex items-start gap-2 rounded-card border border-line bg-bg-2 py-1.5 pr-1.5 pl-3 text-12"
    >
      <Icon name="warn" size={14} className="mt-1 text-warn" />
      <p className="min-w-0 flex-1 py-0.5 break-words">
        {t("data.stale", {
          reason: message,
          time: formats.dateTime(query.dataUpdatedAt / 1_000),
          age: formats.duration((nowMs - query.dataUpdatedAt) / 1_000),
        })}
      </p>
      <Button onClick={() => void query.refetch()}>{t("common.retry")}</Button>
    </div>
  );
}

/** How a stale note writes times and ages, both in seconds. */
interface StaleFormats {
  dateTime(seconds: number): string;
  duration(seconds: number): string;
}

/** The part of a query that a stale note needs. */
interface StaleQuery {
  error: Failure | null;
  /** Wall clock of the answer on screen, milliseconds; 0: there is none. */
  dataUpdatedAt: number;
  refetch(): unknown;
}

/** A failure with everything a person needs to go on or to ask for help. */
export function ErrorState({
  title,
  failure,
  text,
  retryAtMs = null,
  onRetry,
  children,
}: {
  title: string;
  failure: Failure;
  /** Words for what is known of the failure; those of the server then stand under the details. */
  text?: string;
  retryAtMs?: number | null;
  onRetry: () => void;
  /** Further ways out, beside the next try. */
  children?: ReactNode;
}) {
  const t = useT();
  const seconds = useCountdown(retryAtMs);
  const words = text ?? failureText(failure, t);
  const more = [...(words === failure.message ? [] : [failure.message]), ...failureReasons(failure.detail ?? "")];
  return (
    <div
      role="alert"
      data-error-code={failure.code}
      data-request-id={failure.requestId}
      className="flex flex-col items-start gap-2 p-4"
    >
      <p className="flex items-center gap-2 font-semibold text-danger">
        <Icon name="error" />
        {title}
      </p>
      <p className="max-w-[80ch] text-text-2">{words}</p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-0.5 text-12 text-text-3">
        <dt>{t("common.code")}</dt>
        <dd className="truncate font-mono text-text-2">{failure.code}</dd>
        {failure.requestId !== "" && (
          <>
            <dt>{t("common.requestId")}</dt>
            <dd className="flex min-w-0 items-center gap-1 font-mono text-text-2">
              <span className="truncate">{failure.requestId}</span>
              <Button tone="plain" className="font-sans text-12" onClick={() => copyText(failure.requestId, t)}>
                {t("common.copy")}
              </Button>
            </dd>
          </>
        )}
      </dl>
      {more.length > 0 && (
        <details className="max-w-full text-12 text-text-2">
          <summary className="cursor-pointer text-text-3">{t("common.details")}</summary>
          {more.map((line) => (
            <p key={line} className="max-h-40 max-w-[80ch] overflow-y-auto break-words whitespace-pre-line select-text">
              {line}
            </p>
          ))}
        </details>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        {children}
        <Button data-cmd="retry" onClick={onRetry}>
          {t("common.retry")}
        </Button>
        <span className="min-w-[16ch] text-12 text-text-3">{seconds !== null && t("common.retryIn", { seconds })}</span>
      </div>
    </div>
  );
}

/** Whole seconds until `atMs`, or null without one. */
export function useCountdown(atMs: number | null): number | null {
  const now = useNow(atMs === null ? null : 1_000);
  return atMs === null ? null : Math.max(0, Math.ceil((atMs - now) / 1_000));
}

/** Wall clock, milliseconds, renewed every `everyMs`; null keeps it still. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** True once `active` has lasted `ms`; for skeletons that must not flash. */
export function useDelayed(active: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [active, ms]);
  return active && late;
}

/** Grey bars in the shape of rows to come; words follow after a second. */
export function SkeletonRows({ rows, words }: { rows: readonly string[]; words: string }) {
  const shown = useDelayed(true, 150);
  const late = useDelayed(true, 1_000);
  return (
    <div role="status" className={`flex flex-col gap-2 p-3 ${shown ? "" : "invisible"}`}>
      {rows.map((width) => (
        <div key={width} className="h-4 rounded-control bg-bg-3" style={{ width }} />
      ))}
      <p className="h-5 text-12 text-text-3">{late && words}</p>
    </div>
  );
}
