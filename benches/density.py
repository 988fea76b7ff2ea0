"""Times torrid's estimates beside those of LIBKDV, scikit-learn, KDEpy and SciPy on the same numbers in the same run, and
writes docs/benchmarks-density.md.

usage: python3 benches/density.py     `make bench` calls it, after benches/peers.py made target/peers

Every program computes from numbers in memory; reading files is not part of it. Errors are measured against sums in float64.
"""
import os, platform, re, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV, DATA = ROOT / "target/peers", ROOT / "target/bench"
PYTHON = ENV / "bin/python"
WANTED = ["libkdv==1.1.20", "scikit-learn==1.9.1", "KDEpy==1.1.12", "scipy==1.17.1", "numpy", "pandas"]
ATLANTA = (-84.55050, 33.46010, -84.28641, 33.88613)
RADIUS_M = 6371008.8


def beside(*arguments):
    """Seconds of a stage of torrid, and the values it wrote."""
    import numpy as np
    out = DATA / "beside.f32"
    program = next(iter(sorted((ROOT / "target/release/deps").glob("beside-*[!.d]"), key=os.path.getmtime, reverse=True)))
    done = subprocess.run([program, *map(str, arguments), out], capture_output=True, text=True, check=True)
    return float(done.stdout), np.fromfile(out, "<f4").astype(float)


def least(run, turns=3):
    best = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        made = run()
        best = min(best, time.perf_counter() - start)
    return best, made


def exact():
    """Exact Epanechnikov over Atlanta, beside LIBKDV."""
    import libkdv, numpy as np, pandas as pd
    source = Path(libkdv.__file__).parent / "Atlanta.csv"
    points = np.ascontiguousarray(pd.read_csv(source)[["lon", "lat"]].to_numpy(float))
    file, csv = DATA / "atlanta.npy", DATA / "atlanta.csv"
    np.save(file, points)
    pd.DataFrame(points, columns=["lon", "lat"]).to_csv(csv, index=False)
    peer = ROOT / "../shared/peers/libkdv_exact.py"
    rows = []
    for radius in (500, 1000, 3000):
        # The wheel doubles its argument: see lone().
        done = subprocess.run([PYTHON, peer, csv, "1280", "960", str(radius / 2), "2"], capture_output=True, text=True, check=True)
        theirs = float(re.search(r"([\d.]+) s", done.stdout).group(1))
        ours, values = beside("kernels", file, "epanechnikov", radius, *ATLANTA, 1280, 960)
        error = great_circle_error(points, values.reshape(960, 1280), radius)
        rows.append(f"| {radius} m | {theirs:.2f} s | {1000 * ours:.1f} ms | **{theirs / ours:.0f}x** | {error:.1e} |")
    return rows


def great_circle_error(points, values, radius):
    """The greatest error at 400 cells, as a share of the greatest value."""
    import numpy as np
    mercator = lambda lat: np.arctanh(np.sin(np.radians(lat)))
    west, south, east, north = ATLANTA
    random = np.random.default_rng(3)
    rows, cols = random.integers(0, 960, 400), random.integers(0, 1280, 400)
    busiest = np.unravel_index(values.argmax(), values.shape)
    rows[0], cols[0] = busiest
    top, bottom = mercator(north), mercator(south)
    lat = np.arcsin(np.tanh(top + (rows + 0.5) / 960 * (bottom - top)))
    lng = np.radians(west + (cols + 0.5) / 1280 * (east - west))
    x, y = np.radians(points[:, 0]), np.radians(points[:, 1])
    worst = 0.0
    for r, c, a, b in zip(rows, cols, lat, lng):
        s = np.sin((y - a) / 2) ** 2 + np.cos(y) * np.cos(a) * np.sin((x - b) / 2) ** 2
        v = (2 * RADIUS_M * np.arcsin(np.sqrt(s)) / radius) ** 2
        true = (2 / np.pi * np.clip(1 - v, 0, None)).sum() / (radius / 1000) ** 2
        worst = max(worst, abs(values[r, c] - true))
    return worst / values.max()


def lone():
    """The radius, in metres of its own plane, that LIBKDV gives a lone point for an argument of 500."""
    import numpy as np, pandas as pd
    K = sys.modules["libkdv.kdv"]
    K.is_pandas_df = lambda d: isinstance(d, pd.DataFrame)
    frame = pd.DataFrame({"x": [0.0, -4000.0, 4000.0, 0.0, 0.0], "y": [0.0, 0.0, 0.0, -4000.0, 4000.0]})
    k = K.kdv(frame, GPS=False, row_pixels=401, col_pixels=401, bandwidth=500, num_threads=2)
    k.set_args()
    from libkdv.compute_kdv import compute_kdv
    from io import StringIO
    grid = pd.read_csv(StringIO(compute_kdv(k.args)))
    x, y = grid.iloc[:, 0].to_numpy(), grid.iloc[:, 1].to_numpy()
    middle = [(c.max() + c.min()) / 2 for c in (x, y)]
    far = np.hypot(x - middle[0], y - middle[1])
    return far[far < 2500].max()


def density():
    """A million points on 1024 x 1024 cells, beside scikit-learn and KDEpy."""
    import numpy as np
    from KDEpy import FFTKDE
    from sklearn.neighbors import KernelDensity
    random = np.random.default_rng(5)
    centres = random.uniform(0.2, 0.8, (60, 2))
    points = centres[random.integers(0, 60, 1_100_000)] + random.normal(0, 0.03, (1_100_000, 2))
    points = points[(points > 0.02).all(1) & (points < 0.98).all(1)][:1_000_000]
    file, h, side = DATA / "million.npy", 0.01, 1024
    np.save(file, points)
    at = (np.arange(side) + 0.5) / side
    cells = random.integers(0, side, (300, 2))
    true = np.array([np.exp(-((points - at[cell]) ** 2).sum(1) / (2 * h * h)).sum() for cell in cells]) / (2 * np.pi * h * h)
    def error(grid, most):
        return np.abs(grid[cells[:, 1], cells[:, 0]] - true).max() / most
    ours, values = beside("density", file, h, side)
    values = values.reshape(side, side)
    mesh = np.stack(np.meshgrid(at, at, indexing="ij"), -1).reshape(-1, 2)
    theirs, fft = least(lambda: FFTKDE(kernel="gaussian", bw=h).fit(points).evaluate(mesh))
    fft = fft.reshape(side, side).T * len(points)
    few = points[:8000]
    coarse = mesh.reshape(side, side, 2)[::4, ::4].reshape(-1, 2)
    slow, _ = least(lambda: KernelDensity(bandwidth=h).fit(few).score_samples(coarse), 1)
    slow *= len(points) / len(few) * len(mesh) / len(coarse)
    most = values.max()
    return [
        f"| scikit-learn KernelDensity, 8,000 points x 65,536 cells, times 2,000 | {slow:.0f} s | {slow / ours:,.0f} | (exact) |",
        f"| KDEpy FFTKDE | {theirs:.3f} s | {theirs / ours:.1f} | {error(fft, most):.1e} |",
        f"| torrid, fast | {ours:.4f} s | 1 | {error(values, most):.1e} |",
    ]


def blur():
    """4096 x 4096 float32, beside scipy.ndimage.gaussian_filter."""
    import numpy as np
    from scipy.ndimage import gaussian_filter
    from scipy.signal import oaconvolve
    random = np.random.default_rng(9)
    picture = random.random((4096, 4096), dtype=np.float32) ** 8
    file = DATA / "picture.npy"
    np.save(file, picture)
    rows = []
    for sigma in (2, 8, 16, 32, 64, 128, 200):
        theirs, peer = least(lambda: gaussian_filter(picture, sigma, mode="constant"), 2 if sigma < 50 else 1)
        ours, values = beside("blur", file, sigma)
        reach = np.arange(-int(8 * sigma), int(8 * sigma) + 1)
        taps = np.exp(-reach**2 / (2 * sigma**2))
        taps /= taps.sum()
        true = oaconvolve(picture.astype(float), taps[None, :], mode="same", axes=1)
        true = oaconvolve(true, taps[:, None], mode="same", axes=0)
        off = [np.abs(v - true).max() / true.max() for v in (peer, values.reshape(picture.shape))]
        rows.append(f"| {sigma} | {theirs:.2f} s | {off[0]:.1e} | {1000 * ours:.0f} ms | {off[1]:.1e} | **{theirs / ours:.1f}x** |")
    return rows


def choice():
    """Every way of estimating a Gaussian beside what is expected of it, and whether the ways chosen are the best."""
    done = subprocess.run(["cargo", "bench", "-q", "--bench", "choice", "--locked"], cwd=ROOT, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(done.stderr)
    return done.stdout.strip(), done.returncode


def main():
    if Path(sys.prefix).resolve() != ENV.resolve():
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", *WANTED], check=True)
        sys.exit(subprocess.run([PYTHON, __file__]).returncode)
    subprocess.run(["cargo", "bench", "-q", "--no-run", "--bench", "beside", "--locked"], cwd=ROOT, check=True)
    DATA.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "benches/density.md").read_text()
    text = text.replace("{machine}", f"{os.cpu_count()} cores, {platform.machine()}, {time.strftime('%Y-%m-%d')}")
    text = text.replace("{exact}", "\n".join(exact())).replace("{lone}", f"{lone():.0f}")
    text = text.replace("{density}", "\n".join(density())).replace("{blur}", "\n".join(blur()))
    table, poor = choice()
    text = text.replace("{choice}", table)
    (ROOT / "docs/benchmarks-density.md").write_text(text)
    print(text)
    sys.exit("`auto` chose a way that takes more than 1.5 times as long as the best." if poor else 0)


if __name__ == "__main__":
    main()
