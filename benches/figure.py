"""Times torrid's figures beside seaborn's in the same run, and writes docs/benchmarks-figure.md.

usage: python3 benches/figure.py     `make bench` calls it, after benches/peers.py made target/peers
"""
import json, os, platform, re, statistics, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV, DATA = ROOT / "target/peers", ROOT / "target/bench"
PYTHON = ENV / "bin/python"
PEER = ROOT / "../shared/peers/seaborn_figure.py"
TORRID = ROOT / "target/release/torrid"
TURNS = int(os.environ.get("TURNS", 3))

MAKE = """
import numpy as np, pandas as pd, sys
out, rows, columns, groups = sys.argv[1], *map(int, sys.argv[2:])
rng = np.random.default_rng(7)
values = rng.random((rows, columns))
if groups:
    values += 3 * rng.random((groups, columns))[rng.integers(groups, size=rows)]
pd.DataFrame(values).to_csv(out)
"""
CLUSTERMAP = """
import sys, pandas as pd, matplotlib; matplotlib.use("Agg")
import seaborn as sns
sns.clustermap(pd.read_csv(sys.argv[1], index_col=0), col_cluster=False).savefig(sys.argv[2], dpi=150)
"""
LINKAGE = """
import sys, time, pandas as pd, resource
values = pd.read_csv(sys.argv[1], index_col=0).to_numpy()
if sys.argv[2] == "SciPy":
    from scipy.spatial.distance import pdist
    from scipy.cluster.hierarchy import linkage
    start = time.perf_counter(); linkage(pdist(values), "average")
else:
    from scipy.spatial.distance import pdist
    import fastcluster
    start = time.perf_counter(); fastcluster.linkage(pdist(values), "average", preserve_input=False)
print(time.perf_counter() - start)
"""


def run(*command):
    """Seconds, peak memory in bytes, and standard output of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{command} failed")
    return seconds, usage.ru_maxrss * 1024, output


def in_turns(commands):
    """For each name the median time, the greatest memory, and what it printed last."""
    found = {name: [] for name in commands}
    for _ in range(TURNS):
        for name, command in commands.items():
            found[name].append(run(*command))
    return {name: (statistics.median(r[0] for r in runs), max(r[1] for r in runs), runs[-1][2]) for name, runs in found.items()}


def torrid(table, out, *options):
    return [TORRID, "figure", table, "-o", out, "--force", "--json", "--quiet", *options]


def table(name, rows, columns, groups=0):
    path = DATA / name
    if not path.exists():
        subprocess.run([PYTHON, "-c", MAKE, path, str(rows), str(columns), str(groups)], check=True)
    return path


def heatmaps():
    lines = []
    for side in (1000, 5000):
        path, out = table(f"table-{side}.csv", side, side), DATA / "figure.png"
        found = in_turns({
            "seaborn 0.13.2": [PYTHON, PEER, path, out],
            "torrid": torrid(path, out),
            "torrid, 960 x 720": torrid(path, out, "--figsize", "6.4,4.8"),
        })
        theirs = found["seaborn 0.13.2"][0]
        for name, (seconds, memory, output) in found.items():
            size = json.loads(output)["size"] if output.startswith("{") else [960, 720]
            ratio = "1" if name.startswith("seaborn") else f"**{theirs / seconds:.0f}x**"
            what = f"{side:,} x {side:,}"
            lines.append(f"| {what} | {name} | {size[0]} x {size[1]} | {seconds:.2f} s | {memory / 1e6:.0f} MB | {ratio} |")
    return "\n".join(lines)


def clusters():
    path, out = table("clusters.csv", 5000, 50, 10), DATA / "clusters.png"
    found = in_turns({
        "SciPy 1.17.1, pdist and linkage": [PYTHON, "-c", LINKAGE, path, "SciPy"],
        "fastcluster, pdist and linkage": [PYTHON, "-c", LINKAGE, path, "fastcluster"],
        "seaborn 0.13.2, whole process": [PYTHON, "-c", CLUSTERMAP, path, out],
        "torrid, whole process": torrid(path, out, "--cluster", "rows"),
    })
    scipy = float(found["SciPy 1.17.1, pdist and linkage"][2])
    arranging = json.loads(found["torrid, whole process"][2])["seconds"]["arranging"]
    lines = []
    for name, (seconds, memory, output) in found.items():
        seconds = float(output) if "linkage" in name else seconds
        told = "" if "linkage" in name else f"{memory / 1e6:.0f} MB"
        lines.append(f"| {name} | {seconds:.2f} s | {told} | {scipy / seconds:.1f}x |")
    lines.insert(3, f"| torrid, arranging | {arranging:.2f} s | | **{scipy / arranging:.1f}x** |")
    return "\n".join(lines)


def main():
    DATA.mkdir(parents=True, exist_ok=True)
    wanted = ["seaborn==0.13.2", "matplotlib==3.11.2", "scipy==1.17.1", "pandas==3.1.1", "fastcluster"]
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", *wanted], check=True)
    text = (ROOT / "benches/figure.md").read_text()
    machine = f"{os.cpu_count()} cores ({platform.machine()})"
    text = text.format(machine=machine, turns=TURNS, heatmaps=heatmaps(), clusters=clusters())
    (ROOT / "docs/benchmarks-figure.md").write_text(text)


if __name__ == "__main__":
    main()
