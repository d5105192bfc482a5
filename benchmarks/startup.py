"""python benchmarks/startup.py [RUNS]: how long a cold command takes, and the peak memory of its process.

Runs ``triage predict TEXT --json --rules-only`` in fresh processes, RUNS times in turn (9 by default): as installed,
with an empty cache, with the cache off, and beside them Python alone. Prints one Markdown row for each: the least and
the median of the wall-clock seconds and of the processor's seconds, and the peak resident memory (Linux, macOS).
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

TEXT = "信用卡被盗刷三千元，打客服说要等十五天，我已经投诉到12378"
PREDICT = ["-m", "triage", "predict", TEXT, "--json", "--rules-only"]
KIBIBYTE = 1 if sys.platform == "darwin" else 1024


def main(runs: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder, "warm")
        run(PREDICT, str(warm))
        cases = {
            "`triage predict`, as from the second run on": lambda _: run(PREDICT, str(warm)),
            "the first run: the cache is written": lambda turn: run(PREDICT, str(Path(folder, f"cold{turn}"))),
            "no cache (`TRIAGE_CACHE=`)": lambda _: run(PREDICT, ""),
            "`import triage`": lambda _: run(["-c", "import triage"], str(warm)),
            "Python alone": lambda _: run(["-c", "pass"], ""),
        }
        # In turn, so that a busy minute of the machine hits all alike.
        found = {name: [] for name in cases}
        for turn in range(runs):
            for name, case in cases.items():
                found[name].append(case(turn))
    print("| process | s, least | s, median | processor s, least | processor s, median | peak memory, MiB |")
    print("|---|---|---|---|---|---|")
    for name, rows in found.items():
        seconds, processor, memory = (list(column) for column in zip(*rows, strict=True))
        times = [min(seconds), statistics.median(seconds), min(processor), statistics.median(processor)]
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in times)} | {max(memory):.0f} |")


def run(arguments: list[str], cache: str) -> tuple[float, float, float]:
    """Return the wall-clock seconds of a fresh process, its processor seconds, and its peak memory in MiB."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, *arguments],
            os.environ | {"TRIAGE_CACHE": cache},
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)],
        )
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        said = out.read()
    if status or ("predict" in arguments and json.loads(said)["business"]["label"] != "credit_card"):
        sys.exit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIBIBYTE / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
