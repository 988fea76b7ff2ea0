"""Times torrid beside datashader on the same files in the same run, and writes docs/benchmarks.md.

usage: python3 benches/peers.py [LARGEST]     LARGEST rows, 100000000 by default; `make bench` calls it

Installs the peers into target/peers with pip, makes the data (target/bench, 4 GB), runs every pair in turns, and
takes the median of the turns. Ratios are what counts: absolute times are those of this machine on this day.
"""
import os, platform, re, shutil, statistics, subprocess, sys, time, venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "../shared/peers"
DATA, ENV = ROOT / "target/bench", ROOT / "target/peers"
PYTHON, TORRID = ENV / "bin/python", ROOT / "target/release/torrid"
TURNS = 5
MAKE = """
import sys, numpy as np, pyarrow as pa, pyarrow.csv as pc, pyarrow.parquet as pq
rows, stem = int(sys.argv[1]), sys.argv[2]
random = np.random.default_rng(7)
x, y = random.normal(-73.97, 0.08, 200), random.normal(40.74, 0.06, 200)
schema = pa.schema([("lon", pa.float64()), ("lat", pa.float64())])
with pq.ParquetWriter(stem + ".parquet", schema) as parquet, open(stem + ".csv", "wb") as csv:
    for start in range(0, rows, 1_000_000):
        n = min(1_000_000, rows - start)
        of = random.integers(0, 200, n)
        columns = [np.round(c[of] + random.normal(0, s, n), 6) for c, s in ((x, 0.02), (y, 0.015))]
        table = pa.table(columns, schema=schema)
        parquet.write_table(table, row_group_size=1_000_000)
        pc.write_csv(table, csv, pc.WriteOptions(include_header=start == 0))
"""


def prepare(sizes):
    if not PYTHON.exists():
        venv.create(ENV, with_pip=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "datashader==0.19.1", "pandas", "pyarrow", "pillow"], check=True)
    DATA.mkdir(parents=True, exist_ok=True)
    for rows in sizes:
        if not (DATA / f"{rows}.csv").exists():
            subprocess.run([PYTHON, "-c", MAKE, str(rows), str(DATA / str(rows))], check=True)


def run(command):
    """Seconds and peak memory in MB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: {errors.decode()}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def torrid(file, bandwidth):
    out = DATA / "torrid.png"
    return [TORRID, "render", file, "-o", out, "-f", "-q", "--size", "2048x2048", "-b", bandwidth, "--norm", "eq_hist"]


def in_turns(commands):
    """Medians of seconds, and the greatest memory, for commands run one after the other, several times."""
    for command in commands.values():
        run(command)
    seen = {name: [] for name in commands}
    for _ in range(TURNS):
        for name, command in commands.items():
            seen[name].append(run(command))
    return {name: (statistics.median(s for s, _ in runs), max(m for _, m in runs)) for name, runs in seen.items()}


def speed():
    rows = []
    for kind in ("parquet", "csv"):
        file = DATA / f"10000000.{kind}"
        peer = [PYTHON, PEERS / "datashader_picture.py", file, DATA / "datashader.png"]
        figures = in_turns({"datashader": peer, "bins": torrid(file, "none"), "gaussian": torrid(file, "500m")})
        (ds, ds_mb), (bins, bins_mb), (gauss, gauss_mb) = figures["datashader"], figures["bins"], figures["gaussian"]
        rows += [
            f"| {kind} | datashader 0.19.1 | {ds:.2f} s | {ds_mb:.0f} MB | 1 |",
            f"| {kind} | torrid, plain bins | {bins:.2f} s | {bins_mb:.0f} MB | **{ds / bins:.1f}x faster** |",
            f"| {kind} | torrid, Gaussian 500 m | {gauss:.2f} s | {gauss_mb:.0f} MB | {gauss / bins:.2f} of plain bins |",
        ]
    return rows


def memory(sizes):
    rows = []
    for size in sizes:
        for kind in ("parquet", "csv"):
            file = DATA / f"{size}.{kind}"
            cells = [run(torrid(file, b)) for b in ("none", "500m")]
            rows.append(f"| {size:,} | {kind} | " + " | ".join(f"{s:.2f} s, {m:.0f} MB" for s, m in cells) + " |")
    return rows


def inner():
    """The inner loops on one core, by criterion: median time and rate."""
    bench = ["cargo", "bench", "-q", "--bench", "gather"]
    one_core = ["taskset", "-c", "1"] if shutil.which("taskset") else []
    printed = subprocess.run(one_core + bench, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    found = re.findall(r"^(\S+/.*?)\s+time:\s+\[\S+ \S+ (\S+ \S+).*?thrpt:\s+\[\S+ \S+ (\S+ \S+)", printed, re.M | re.S)
    rows = [f"| {name} | {time} | {rate.replace('Melem', 'million ')} |" for name, time, rate in found]
    least = ["cargo", "bench", "-q", "--bench", "beside", "--", "binning", "10000000"]
    runs = [float(subprocess.run(one_core + least, capture_output=True, text=True, cwd=ROOT, check=True).stdout) for _ in range(3)]
    return rows + [f"| gather/cell, least of 21 | {1000 * min(runs):.1f} ms | {10 / min(runs):.1f} million /s |"]


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
    sizes = [n for n in (1_000_000, 10_000_000, 100_000_000) if n <= largest]
    prepare(sizes)
    template = (ROOT / "benches/benchmarks.md").read_text()
    cores = f"{os.cpu_count()} cores, {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    text = template.replace("{machine}", cores).replace("{turns}", str(TURNS))
    text = text.replace("{speed}", "\n".join(speed())).replace("{memory}", "\n".join(memory(sizes)))
    text = text.replace("{inner}", "\n".join(inner()))
    (ROOT / "docs/benchmarks.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
