"""`timed.py LOG PROGRAM [ARGUMENT]...`: runs the program and adds a line of JSON with what it took to the log."""

import json
import os
import sys
import time

log, program, *arguments = sys.argv[1:]
start = time.monotonic()
child = os.posix_spawn(program, [program, *arguments], os.environ)
_, status, usage = os.wait4(child, 0)
took_s = time.monotonic() - start
told = {
    "took_us": round(took_s * 1e6),
    "busy_us": round((usage.ru_utime + usage.ru_stime) * 1e6),
    "peak_kb": usage.ru_maxrss,
}
with open(log, "a", encoding="utf-8") as file:
    print(json.dumps(told), file=file)
sys.exit(os.waitstatus_to_exitcode(status))
