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
    const message = timedOut ? "The server did not answer in time." : "The server cannot be reached.";
    return ApiError.ofClient(timedOut ? "client.timeout" : "client.unreachable", message, cause);
  }

  static unreadable(cause: unknown): ApiError {
    return ApiError.ofClient("client.unreadable", "The server's answer is not readable.", cause);
  }

  private static ofClient(code: string, message: string, cause: unknown): ApiError {
    return new ApiError(message, { status: 0, code, detail: code, requestId: "" }, cause);
  }
}

/** Reads the error body of the contract; what is missing in `body` becomes `client.http_<status>`. */
export function apiErrorFrom(response: Response, body: unknown): ApiError {
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {};
  const text = (name: string, fallback: string) => (typeof fields[name] === "string" ? fields[name] : fallback);
  const code = text("code", `client.http_${response.status}`);
  return new ApiError(text("message", `The server answered ${response.status}.`), {
    status: response.status,
    code,
    detail: "detail" in fields ? text("detail", JSON.stringify(fields.detail)) : code,
    requestId: text("request_id", response.headers.get("x-request-id") ?? ""),
  });
}
