import { describe, expect, test } from "vitest";
import { createApiClient } from "./client";
import { ApiError } from "./error";

function clientAnswering(answer: () => Response | Promise<Response>) {
  const urls: string[] = [];
  const fetch = async (request: Request) => {
    urls.push(request.url);
    return answer();
  };
  return { urls, api: createApiClient({ baseUrl: "http://server", fetch }) };
}

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const failure = await promise.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  return failure as ApiError;
}

test("queries are encoded and absent parameters left out", async () => {
  const { api, urls } = clientAnswering(() => Response.json({ candles: [] }));
  await api.candles({ series_id: "binance:futures:BTC/USDT:1m", limit: 2000 });
  expect(urls).toEqual(["http://server/api/market/candles?series_id=binance%3Afutures%3ABTC%2FUSDT%3A1m&limit=2000"]);
});

describe("failures", () => {
  test("carry the body of the contract", async () => {
    const body = {
      detail: "ledger_out_of_sync:overlay",
      code: "draw_read.ledger_out_of_sync.overlay",
      message: "The drawings are behind.",
      request_id: "r-1",
    };
    const { api } = clientAnswering(() => Response.json(body, { status: 409 }));
    const failure = await failureOf(api.drawDelta({ series_id: "x" }));
    expect(failure).toMatchObject({
      status: 409,
      detail: "ledger_out_of_sync:overlay",
      code: "draw_read.ledger_out_of_sync.overlay",
      message: "The drawings are behind.",
      requestId: "r-1",
    });
  });

  test("list details become text", async () => {
    const detail = [{ type: "missing", loc: ["query", "series_id"] }];
    const { api } = clientAnswering(() => Response.json({ detail }, { status: 422 }));
    expect((await failureOf(api.live())).detail).toBe(JSON.stringify(detail));
  });

  test("a body that is not of the contract keeps status and request id", async () => {
    const headers = { "x-request-id": "r-2" };
    const { api } = clientAnswering(() => new Response("gateway", { status: 502, headers }));
    expect(await failureOf(api.live())).toMatchObject({ status: 502, code: "client.http_502", requestId: "r-2" });
  });

  test("no answer is a failure without status", async () => {
    const { api } = clientAnswering(() => Promise.reject(new TypeError("refused")));
    expect(await failureOf(api.live())).toMatchObject({ status: 0, code: "client.unreachable" });
  });

  test("an unreadable success is told", async () => {
    const { api } = clientAnswering(() => new Response("<html>"));
    expect((await failureOf(api.live())).code).toBe("client.unreadable");
  });

  test("a cancelled request rejects with the cancellation", async () => {
    const abort = new AbortController();
    const { api } = clientAnswering(() => {
      abort.abort();
      return Promise.reject(abort.signal.reason);
    });
    await expect(api.live(abort.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
