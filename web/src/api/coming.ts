/** Routes of the contract that the stored document does not name yet. */
import type { paths } from "./schema";

interface Get<Query> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  get: {
    parameters: { query: Query; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: { 200: { headers: Record<string, unknown>; content: { "application/json": unknown } } };
  };
}

interface Post<Body> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  post: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody: { content: { "application/json": Body } };
    responses: { 200: { headers: Record<string, unknown>; content: { "application/json": unknown } } };
  };
}

type Part = "all" | "head" | "history";

export interface Paths extends Omit<paths, "/api/factor/slices"> {
  "/api/frame/live": Get<{ series_id: string; window_candles?: number; part?: Part }>;
  "/api/delta/poll": Get<{ series_id: string; after_id?: number; window_candles?: number }>;
  "/api/factor/slices": Get<{
    series_id: string;
    at_time: number;
    window_candles?: number;
    part?: Part;
    factors?: string;
  }>;
  "/api/dev/repair/overlay": Post<{ series_id: string; to_time?: number | null }>;
}
