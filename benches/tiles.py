"""Times torrid's tile pyramids beside datashader's in the same run, and writes docs/benchmarks-tiles.md.

usage: python3 benches/tiles.py     `make bench` calls it, after benches/peers.py made target/peers and target/bench

datashader: its render_tiles alone, from columns in memory, without a kernel. torrid: the whole process, the file read too.
"""
import json, os, platform, re, shutil, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV, DATA = ROOT / "target/peers", ROOT / "target/bench"
PYTHON = ENV / "bin/python"
PEER = ROOT / "../shared/peers/datashader_tiles.py"


def torrid(rows, *options, turns=3):
    """The fastest of some runs: seconds, and its report."""
    command = [ROOT / "target/release/torrid", "tiles", DATA / f"{rows}.parquet", "-o", DATA / "tiles.pmtiles", "--force", "--json",
               "--quiet", "--norm", "log", *options]
    best = None
    for _ in range(turns):
        start = time.perf_counter()
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - start
        if best is None or seconds < best[0]:
            best = seconds, json.loads(done.stdout)
    return best


def datashader():
    """Seconds of the faster of two runs, and how many tiles it wrote."""
    out, best = DATA / "datashader-tiles", float("inf")
    for _ in range(2):
        shutil.rmtree(out, ignore_errors=True)
        done = subprocess.run([PYTHON, PEER, DATA / "1000000.parquet", out, "12"], capture_output=True, text=True, check=True)
        best = min(best, float(re.search(r"render_tiles ([\d.]+) s", done.stdout).group(1)))
    tiles = sum(1 for _ in out.rglob("*.png"))
    shutil.rmtree(out)
    return best, tiles


def updated():
    """The same city kept with its cells, and a thousand events at one place added to it: seconds of both, and the report."""
    out, new = DATA / "kept.pmtiles", DATA / "new.csv"
    new.write_text("lon,lat\n" + "".join(f"{-73.98 + i % 32 / 3000},{40.75 + i // 32 / 3000}\n" for i in range(1000)))
    draw = ["tiles", DATA / "10000000.parquet", "-o", out, "-f", "-b", "500m", "-z", "14", "--norm", "log", "--keep-cells"]
    times, report = [], None
    for arguments in (draw, ["tiles", "--update", out, new]):
        start = time.perf_counter()
        command = [ROOT / "target/release/torrid", *arguments, "--json", "--quiet"]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - start)
        report = json.loads(done.stdout)
    return times, report


def line(what, seconds, report, ratio):
    tiles = report["tiles"]
    memory = report["peak_memory_bytes"] / 1e6
    return f"| {what} | {seconds:.2f} s | {tiles:,} | {report['bytes'] / tiles / 1000:.1f} kB | {memory:.0f} MB | {ratio} |"


def main():
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", "dask", "datashader==0.19.1", "pyarrow", "pandas"], check=True)
    theirs, tiles = datashader()
    rows = [f"| datashader 0.19.1, plain bins, z0-12 | {theirs:.1f} s | {tiles:,} | | | 1 |"]
    for what, options in [("plain bins, z0-12", ["-b", "none", "-z", "12"]), ("Gaussian 300 m, z0-12", ["-b", "300m", "-z", "12"])]:
        seconds, report = torrid(1_000_000, *options)
        rows.append(line(f"torrid, {what}", seconds, report, f"**{theirs / seconds:.0f}x**"))
    seconds, report = torrid(10_000_000, "-b", "500m", "-z", "14")
    drawing = report["seconds"]["estimating"] + report["seconds"]["drawing"] + report["seconds"]["writing"]
    rate = f"{report['tiles'] / drawing / os.cpu_count():.0f} tiles a second and core"
    city = [line("10 M, Gaussian 500 m, z0-14", seconds, report, rate)]
    (anew, again), report = updated()
    again = f"| 10 M | {anew:.2f} s | {again:.2f} s | {report['drawn_tiles']} of {report['tiles']} |"
    text = (ROOT / "benches/tiles.md").read_text()
    text = text.replace("{machine}", f"{os.cpu_count()} cores, {platform.machine()}, {time.strftime('%Y-%m-%d')}")
    text = text.replace("{beside}", "\n".join(rows)).replace("{city}", "\n".join(city)).replace("{again}", again)
    (ROOT / "docs/benchmarks-tiles.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
