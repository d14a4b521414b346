import { useMutation, useQuery } from "@tanstack/react-query";
import type { ApiClient } from "../../api/client";
import type { ApiError } from "../../api/error";
import type { ChartHost, ChartState } from "../../chart/types";
import { useT } from "../../i18n/react";
import { Button } from "../../ui/controls/Button";
import { Icon } from "../../ui/controls/Icon";
import { toast } from "../../ui/feedback/toasts";

interface DrawingsBehindProps {
  api: ApiClient;
  state: ChartState;
  host: ChartHost | null;
  formatTime: (time: number) => string;
}

/** The drawing is out of step and is asked for again; a server that allows it can be told to write it anew. */
export function DrawingsBehind({ api, state, host, formatTime }: DrawingsBehindProps) {
  const t = useT();
  const { toTime, rebuilding } = state.drawings;
  return (
    <div
      role="status"
      data-testid="drawings-behind"
      className="pointer-events-auto flex flex-col items-start gap-1 rounded-card border border-line bg-bg-2 px-3 py-2 shadow-float"
    >
      <p className="flex items-center gap-2 font-semibold">
        <Icon name="sync" className="text-warn" />
        {t(rebuilding ? "chart.drawings.rebuilding" : "chart.drawings.title")}
      </p>
      <p className="text-12 text-text-2">
        {toTime === null ? t("chart.drawings.textNone") : t("chart.drawings.text", { time: formatTime(toTime) })}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button className="text-12" data-cmd="chart.retryDrawings" onClick={() => host?.command("retryDrawings")}>
          {t("common.tryNow")}
        </Button>
        {state.series !== null && <Repair api={api} series={state.series} host={host} />}
      </div>
    </div>
  );
}

/** Only where the gate is open; otherwise there is nothing to press. */
function Repair({ api, series, host }: { api: ApiClient; series: string; host: ChartHost | null }) {
  const t = useT();
  const allowed = useQuery({
    queryKey: ["can-repair"],
    queryFn: ({ signal }) => api.canRepair(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const repair = useMutation<void, ApiError>({
    mutationFn: () => api.repairDrawings(series),
    onSuccess: () => {
      toast({ code: "repaired", text: t("chart.drawings.repaired") });
      host?.command("retryDrawings");
    },
    onError: ({ message }) => {
      toast({ code: "repair_failed", text: t("chart.drawings.repairFailed", { message }), tone: "error" });
    },
  });
  if (allowed.data !== true) return null;
  return (
    <Button
      className="text-12"
      data-cmd="chart.repairDrawings"
      disabled={repair.isPending}
      onClick={() => repair.mutate()}
    >
      {t(repair.isPending ? "chart.drawings.repairing" : "chart.drawings.repair")}
    </Button>
  );
}
