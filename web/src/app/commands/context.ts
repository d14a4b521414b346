import type { ApiClient } from "../../api/client";
import type { FactorCatalog } from "../../api/types";
import type { ChartHost } from "../../chart/types";
import type { BacktestStore } from "../../features/backtest/slot";
import type { ReplayStore } from "../../features/replay/slot";
import type { Translate } from "../../i18n/catalogue";
import type { Control } from "../control";

/** What commands act upon. Functions, because commands are made once and the rest changes. */
export interface CommandContext {
  host: () => ChartHost | null;
  control: Control;
  catalog: () => FactorCatalog | undefined;
  replay: ReplayStore;
  backtest: BacktestStore;
  api: ApiClient;
  t: () => Translate;
}
