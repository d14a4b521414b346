"""How an Arrow stream gets to the program and back: by HTTP to a server, or through a command."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

ARROW = "application/vnd.apache.arrow.stream"
URL = "TRADE_CANVAS_ADAPTER_URL"
BIN = "TRADE_CANVAS_ADAPTER_BIN"
#: A longer complaint says nothing more.
MOST_WORDS = 500
CHUNK_BYTES = 1 << 20


class Unavailable(Exception):
    """There is no answer; the text says why."""


def ask(body: bytes, order: Mapping[str, str], timeout_s: float) -> bytes:
    """The answer to a frame. `order` has the names of the query; those of the command are the same with dashes."""
    url = os.environ.get(URL, "").strip()
    return _post(url, body, order, timeout_s) if url else _run(body, order, timeout_s)


def _post(url: str, body: bytes, order: Mapping[str, str], timeout_s: float) -> bytes:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Unavailable(f"{URL} is no http URL: {url}")
    address = f"{url.rstrip('/')}/api/strategy/annotate?{urllib.parse.urlencode(order)}"
    request = urllib.request.Request(address, data=body, headers={"content-type": ARROW}, method="POST")
    deadline = time.monotonic() + timeout_s
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            chunks = []
            while chunk := answer.read(CHUNK_BYTES):
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    raise Unavailable(f"no answer within {timeout_s:g} s")
            return b"".join(chunks)
    except urllib.error.HTTPError as error:
        raise Unavailable(f"HTTP {error.code} {_message(error)}".strip()) from error
    except TimeoutError as error:
        raise Unavailable(f"no answer within {timeout_s:g} s") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise Unavailable(f"no answer within {timeout_s:g} s") from error
        raise Unavailable(f"{address.split('?', 1)[0]}: {reason}") from error
    except Exception as error:  # a server that speaks something else than HTTP
        raise Unavailable(f"{type(error).__name__}: {error}") from error


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read(CHUNK_BYTES))["message"])[:MOST_WORDS]
    except Exception:  # whatever it is, it is no message of the server
        return ""


def _run(body: bytes, order: Mapping[str, str], timeout_s: float) -> bytes:
    program = os.environ.get(BIN, "").strip() or "trade-canvas"
    words = [word for name, value in order.items() for word in (f"--{name.replace('_', '-')}", value)]
    try:
        ended = subprocess.run(
            [program, "annotate", *words], input=body, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"no answer within {timeout_s:g} s") from error
    except (OSError, ValueError) as error:
        raise Unavailable(f"{program}: {error}") from error
    if ended.returncode != 0:
        complaint = ended.stderr.decode("utf-8", "replace").strip()[-MOST_WORDS:]
        raise Unavailable(f"{program} ended with {ended.returncode}: {complaint}")
    return ended.stdout
