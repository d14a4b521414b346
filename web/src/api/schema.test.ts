import { expect, test } from "vitest";
import type { components } from "./schema";
import type {
  BackfillProgress,
  BaseBucket,
  Candle,
  CandlesResponse,
  DrawDelta,
  EpochRebuild,
  EpochsResponse,
  ErrorBody,
  FactorCatalog,
  FactorEntry,
  FactorHealth,
  Gap,
  GapsResponse,
  LiveHealth,
  MarketHealth,
  MarketMessage,
  PatchItem,
  SeriesGap,
  SeriesHealth,
  SeriesListResponse,
  SeriesRow,
  SubFeature,
  TopMarket,
  TopMarketsResponse,
  WhitelistResponse,
} from "./types";

type Schemas = components["schemas"];

/** True when both name the same fields; the hand-written types only say more about their values. */
type SameFields<Ours, Theirs> = [keyof Ours] extends [keyof Theirs]
  ? [keyof Theirs] extends [keyof Ours]
    ? true
    : never
  : never;

test("the hand-written types name exactly the fields of the server's document", () => {
  // A field that only one side knows makes this line fail to compile.
  const checked: readonly [
    SameFields<Candle, Schemas["CandleClosed"]>,
    SameFields<CandlesResponse, Schemas["GetCandlesResponse"]>,
    SameFields<DrawDelta, Schemas["DrawDeltaV1"]>,
    SameFields<PatchItem, Schemas["OverlayInstructionPatchItemV1"]>,
    SameFields<ErrorBody, Schemas["ErrorBodyV1"]>,
    SameFields<FactorCatalog, Schemas["FactorCatalogResponseV1"]>,
    SameFields<FactorEntry, Schemas["FactorCatalogEntryV1"]>,
    SameFields<SubFeature, Schemas["FactorCatalogFeatureV1"]>,
    SameFields<FactorHealth, Schemas["FactorHealthResponseV1"]>,
    SameFields<MarketHealth, Schemas["MarketHealthResponseV1"]>,
    SameFields<BackfillProgress, Schemas["BackfillProgressV1"]>,
    SameFields<TopMarketsResponse, Schemas["TopMarketsResponse"]>,
    SameFields<TopMarket, Schemas["TopMarketItem"]>,
    SameFields<Gap, Schemas["GapV1"]>,
    SameFields<GapsResponse, Schemas["GapsResponseV1"]>,
    SameFields<EpochRebuild, Schemas["RebuildV1"]>,
    SameFields<EpochsResponse, Schemas["EpochsResponseV1"]>,
    SameFields<SeriesHealth, Schemas["SeriesHealthResponse"]>,
    SameFields<SeriesGap, Schemas["StepV1"]>,
    SameFields<BaseBucket, Schemas["BucketV1"]>,
    SameFields<LiveHealth, Schemas["LiveResponse"]>,
    SameFields<SeriesListResponse, Schemas["GetSeriesResponseV1"]>,
    SameFields<SeriesRow, Schemas["SeriesV1"]>,
    SameFields<WhitelistResponse, Schemas["WhitelistResponse"]>,
    MarketMessage["type"] extends Schemas["ServerMessage"]["type"] ? true : never,
    Schemas["ServerMessage"]["type"] extends MarketMessage["type"] ? true : never,
  ] = [
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
  ];
  expect(checked.every(Boolean)).toBe(true);
});
