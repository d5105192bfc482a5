"""python benchmarks/batch_rows.py [--rules-only] [ROWS …]: rows per second and peak memory of ``triage batch``.

Writes a CSV of ROWS complaints (the examples over and over, each with its own number), lets the command decide it,
and prints one Markdown row for each size: 10,000 and 1,000,000 by default. Memory is the sum of the resident sets of
the command and its workers, read from /proc every quarter of a second (Linux).
"""

import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples" / "complaints.jsonl"
SIZES = (10_000, 1_000_000)


def main(sizes: list[int], options: list[str]) -> None:
    """Print the table."""
    print("| rows | seconds | rows/s | peak memory, MiB | in the first half, MiB |")
    print("|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder, "in.csv"), Path(folder, "out.jsonl")
            write(source, size)
            seconds, samples = measure(source, out, options)
            decided = sum(1 for _ in out.open("rb"))
            if decided != size:
                sys.exit(f"{decided} decisions for {size} rows")
        half = max(samples[: max(1, len(samples) // 2)])
        print(f"| {size:,} | {seconds:.0f} | {size / seconds:,.0f} | {max(samples):.0f} | {half:.0f} |", flush=True)


def write(path: Path, size: int) -> None:
    """Write ``size`` complaints, no two alike to the byte."""
    texts = [json.loads(line)["text"] for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "text"))
        rows.writerows(
            (f"c{number}", f"{text}（第{number}件）") for number, text in enumerate(islice(cycle(texts), size))
        )


def measure(source: Path, out: Path, options: list[str]) -> tuple[float, list[float]]:
    """Return the seconds that the command took, and its resident memory in MiB over time."""
    command = [sys.executable, "-m", "triage", "batch", str(source), str(out), "--quiet", *options]
    started = time.monotonic()
    samples: list[float] = []
    with subprocess.Popen(command) as process:
        watcher = threading.Thread(target=watch, args=(process, samples))
        watcher.start()
        code = process.wait()
        watcher.join()
    if code:
        sys.exit(f"triage batch ended with {code}")
    return time.monotonic() - started, samples


def watch(process: subprocess.Popen[bytes], samples: list[float]) -> None:
    """Append the memory of ``process`` and its descendants until it ends."""
    while process.poll() is None:
        samples.append(sum(resident(pid) for pid in family(process.pid)))
        time.sleep(0.25)


def family(pid: int) -> list[int]:
    """Return ``pid`` and all processes below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        [int(size) for size in given if size.isdigit()] or list(SIZES),
        [option for option in given if not option.isdigit()],
    )
