import type { ErrorBody } from "./types";

export interface ApiErrorFields {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  /** What clients match on: the machine string, or the JSON text of a structured detail. */
  readonly detail: string;
  readonly requestId: string;
}

/** A request that was not answered with success. `message` is the server's English sentence. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;

  constructor(message: string, fields: ApiErrorFields, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiError";
    this.status = fields.status;
    this.code = fields.code;
    this.detail = fields.detail;
    this.requestId = fields.requestId;
  }

  static unreachable(timedOut: boolean, cause: unknown): ApiError {
    const code = timedOut ? "client.timeout" : "client.unreachable";
    const message = timedOut ? "The server did not answer in time." : "The server cannot be reached.";
    return new ApiError(message, { status: 0, code, detail: code, requestId: "" }, cause);
  }

  static unreadable(response: Response, cause: unknown): ApiError {
    const requestId = response.headers.get("x-request-id") ?? "";
    const fields = { status: response.status, code: "client.unreadable", detail: "client.unreadable", requestId };
    return new ApiError("The server's answer is not readable.", fields, cause);
  }
}

/** Reads the error body of the contract; anything else becomes `client.http_<status>`. */
export async function apiErrorFromResponse(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id") ?? "";
  const body = await readBody(response);
  if (body === null) {
    const code = `client.http_${response.status}`;
    return new ApiError(`The server answered ${response.status}.`, {
      status: response.status,
      code,
      detail: code,
      requestId,
    });
  }
  return new ApiError(body.message, {
    status: response.status,
    code: body.code,
    detail: typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail),
    requestId: body.request_id === "" ? requestId : body.request_id,
  });
}

async function readBody(response: Response): Promise<ErrorBody | null> {
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null || !("detail" in body)) return null;
    const { detail, code, message, request_id } = body as Partial<ErrorBody>;
    const text = (value: unknown, fallback: string) => (typeof value === "string" ? value : fallback);
    return {
      detail,
      code: text(code, `client.http_${response.status}`),
      message: text(message, `The server answered ${response.status}.`),
      request_id: text(request_id, ""),
    };
  } catch {
    return null;
  }
}
