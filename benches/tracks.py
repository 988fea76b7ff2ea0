"""Times torrid's maps of tracks beside NumPy and gpxpy in the same run, and writes docs/benchmarks-tracks.md.

usage: python3 benches/tracks.py     `make bench` calls it

Makes 2,000 activities of the shared recordings by shifting them in place and time (target/bench/activities), and one CSV of
ten million fixes. The peer is what the known scripts do: gpxpy reads, NumPy's histogram2d counts the points, Pillow writes.
"""
import json, os, platform, statistics, subprocess, sys, time, venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRACKS = ROOT / "../shared/data/tracks"
ENV, DATA = ROOT / "target/peers", ROOT / "target/bench"
PYTHON, TORRID = ENV / "bin/python", ROOT / "target/release/torrid"
TURNS = int(os.environ.get("TURNS", 3))
ACTIVITIES, FIXES = 2000, 10_000_000
NEEDED = ["gpxpy==1.6.2", "numpy", "pillow", "pyarrow"]

SHIFT = """
import glob, gzip, random, re, sys
from pathlib import Path
tracks, out, wanted = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
files = [f for f in sorted(glob.glob(tracks + "/*/*.gpx*")) if Path(f).stat().st_size > 20_000]
texts = [(gzip.open(f, "rt") if f.endswith(".gz") else open(f, encoding="utf-8", errors="replace")).read() for f in files]
middles = []
for text in texts:
    found = re.findall(r'<trkpt[^>]*?lat="([-\\d.]+)"[^>]*?lon="([-\\d.]+)"', text) or [
        (b, a) for a, b in re.findall(r'<trkpt[^>]*?lon="([-\\d.]+)"[^>]*?lat="([-\\d.]+)"', text)]
    middles.append((float(found[0][0]), float(found[0][1])))
rng = random.Random(7)
out.mkdir(parents=True, exist_ok=True)
for i in range(wanted):
    which = rng.randrange(len(texts))
    # All of them in and around one town.
    up, right = 45.75 + rng.gauss(0, 0.08) - middles[which][0], 14.35 + rng.gauss(0, 0.12) - middles[which][1]
    year = 2010 + i % 15
    text = re.sub(r'lat="([-\\d.]+)"', lambda m: f'lat="{float(m[1]) + up:.7f}"', texts[which])
    text = re.sub(r'lon="([-\\d.]+)"', lambda m: f'lon="{float(m[1]) + right:.7f}"', text)
    text = re.sub(r"<time>\\d{4}", f"<time>{year}", text)
    (out / f"{i:05}.gpx").write_text(text)
"""
PEER = """
import glob, math, sys
import gpxpy, numpy as np
from PIL import Image
folder, out, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
lat, lng = [], []
for file in sorted(glob.glob(folder + "/*.gpx")):
    with open(file) as text:
        for track in gpxpy.parse(text).tracks:
            for segment in track.segments:
                for point in segment.points:
                    lat.append(point.latitude); lng.append(point.longitude)
lat, lng = np.radians(np.array(lat)), np.array(lng)
x, y = lng / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)
reach = max(np.ptp(x), np.ptp(y))
counts, _, _ = np.histogram2d(y, x, bins=side, range=[[y.min(), y.min() + reach], [x.min(), x.min() + reach]])
shade = (255 * np.log1p(counts) / np.log1p(counts.max())).astype(np.uint8)
Image.fromarray(shade).save(out)
print(len(lat))
"""
WALKS = """
import numpy as np, pyarrow as pa, pyarrow.csv as pc, sys
fixes, tracks = int(sys.argv[1]), 1000
rng = np.random.default_rng(7)
each = fixes // tracks
heading = np.cumsum(rng.normal(0, 0.15, (tracks, each)), axis=1)
step = 1e-4
lng = 2.35 + rng.normal(0, 0.05, (tracks, 1)) + np.cumsum(step * np.cos(heading), axis=1)
lat = 48.85 + rng.normal(0, 0.04, (tracks, 1)) + np.cumsum(0.66 * step * np.sin(heading), axis=1)
track = np.repeat(np.arange(tracks), each)
table = pa.table({"track": track, "lon": np.round(lng.ravel(), 6), "lat": np.round(lat.ravel(), 6)})
pc.write_csv(table, sys.argv[2])
"""


def run(*command):
    """Seconds, peak memory in bytes, and standard output of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: {errors}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024, output


def in_turns(commands):
    """For each name the median time, the greatest memory, and what it printed last."""
    found = {name: [] for name in commands}
    for _ in range(TURNS):
        for name, command in commands.items():
            found[name].append(run(*command))
    return {name: (statistics.median(r[0] for r in runs), max(r[1] for r in runs), runs[-1][2]) for name, runs in found.items()}


def torrid(inputs, *options):
    return [TORRID, "render", inputs, "-o", DATA / "tracks.png", "--force", "--json", "--quiet", *options]


def folder():
    activities = DATA / "activities"
    if not activities.exists():
        run(PYTHON, "-c", SHIFT, TRACKS, activities, ACTIVITIES)
    size = sum(file.stat().st_size for file in activities.iterdir()) / 1e6
    found = in_turns({
        "gpxpy, NumPy, Pillow: points": [PYTHON, "-c", PEER, activities, DATA / "peer.png", 2048],
        "torrid: points, plain bins": torrid(activities, "--size", "2048x2048", "-b", "none", "--track-weight", "fix", "--norm", "log"),
        "torrid: lines, metres, plain bins": torrid(activities, "--size", "2048x2048", "-b", "none", "--norm", "log"),
        "torrid: lines, metres per km², Gaussian 200 m": torrid(activities, "--size", "2048x2048", "-b", "200m", "--norm", "log"),
        "torrid: the same, 50 m, narrower than a cell": torrid(activities, "--size", "2048x2048", "-b", "50m", "--norm", "log"),
    })
    theirs = found["gpxpy, NumPy, Pillow: points"]
    lines = [
        f"| {name} | {seconds:.2f} s | {memory / 1e6:.0f} MB | {theirs[0] / seconds:.0f}x |"
        for name, (seconds, memory, _) in found.items()
    ]
    return "\n".join(lines), f"{ACTIVITIES:,} files, {size:.0f} MB, {int(theirs[2]):,} points"


def segments():
    path = DATA / f"walks-{FIXES}.csv"
    if not path.exists():
        run(PYTHON, "-c", WALKS, FIXES, path)
    lines = []
    for what, options in {"plain bins": ["-b", "none"], "Gaussian 50 m": ["-b", "50m"]}.items():
        command = torrid(path, "--track", "track", "--size", "4096x4096", "--norm", "log", *options)
        seconds, memory, output = in_turns({what: command})[what]
        stages = json.loads(output)["seconds"]
        lines.append(
            f"| {what} | {seconds:.1f} s | {FIXES / seconds * 60 / 1e6:.0f} million | {stages['gathering']:.1f} s "
            f"| {FIXES / stages['gathering'] * 60 / 1e6:.0f} million | {memory / 1e6:.0f} MB |"
        )
    return "\n".join(lines)


def main():
    DATA.mkdir(parents=True, exist_ok=True)
    if not PYTHON.exists():
        venv.create(ENV, with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", *NEEDED], check=True)
    text = (ROOT / "benches/tracks.md").read_text()
    rows, data = folder()
    machine = f"{os.cpu_count()} cores ({platform.machine()})"
    text = text.format(machine=machine, turns=TURNS, data=data, folder=rows, segments=segments(), fixes=FIXES // 1_000_000)
    (ROOT / "docs/benchmarks-tracks.md").write_text(text)


if __name__ == "__main__":
    main()
