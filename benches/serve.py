"""Times torrid's server by wrk on loopback, and writes docs/benchmarks-serve.md.

usage: python3 benches/serve.py     `make bench` calls it, after benches/peers.py made target/bench; needs wrk

Tiles from cells of 10 million points, drawn and kept; and events that are taken while tiles are asked for.
"""
import http.client, json, math, os, platform, random, re, shutil, subprocess, sys, time, urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA, TORRID = ROOT / "target/bench", ROOT / "target/release/torrid"
WEST, SOUTH, EAST, NORTH = -74.2, 40.5, -73.75, 40.92
SECONDS, EACH, SENDERS, READERS, PACE = 10, 1000, 8, 2, 50
TOKEN = "a-token-for-benchmarks"

TILES = """
local paths, i = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
local threads = 0
function setup(thread) thread:set("start", threads * math.floor(#paths / 2)); threads = threads + 1 end
function init() i = start end
function request() i = i + 1; return wrk.format("GET", paths[(i - 1) %% #paths + 1]) end
"""

EVENTS = """
local threads, bodies, sent = 0, {}, 0
function setup(thread) thread:set("own", threads); threads = threads + 1 end
function init()
  math.randomseed(own + 1)
  for body = 1, 50 do
    local rows = {"lng,lat,speed"}
    for row = 1, %d do
      rows[#rows + 1] = string.format("%%.6f,%%.6f,%%d", %f + %f * math.random(), %f + %f * math.random(), math.random(90))
    end
    bodies[body] = table.concat(rows, "\\n") .. "\\n"
  end
end
function request()
  sent = sent + 1
  local headers = {["Authorization"] = "Bearer %s", ["Content-Type"] = "text/csv", ["Idempotency-Key"] = own .. "-" .. sent}
  return wrk.format("POST", "%s", headers, bodies[(sent - 1) %% #bodies + 1])
end
"""


class Server:
    """A running `torrid serve`."""

    def __init__(self, *arguments):
        command = [TORRID, "serve", *arguments, "-b", "500m", "--norm", "log", "--port", "0"]
        environment = {**os.environ, "TORRID_TOKEN": TOKEN}
        self.process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True, env=environment)
        self.url = re.search(r"http://[^/]+", self.process.stderr.readline()).group()

    def bytes(self, path):
        return urllib.request.urlopen(self.url + path).read()

    def get(self, path):
        return self.bytes(path).decode()

    def metric(self, name):
        return int(re.search(rf"^{name}{{.*}} (\d+)$", self.get("/metrics"), re.M).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def tile(lng, lat, zoom):
    side = 2**zoom
    down = 0.5 - math.asinh(math.tan(math.radians(lat))) / math.pi / 2
    return int((lng / 360 + 0.5) * side), int(down * side)


def different(layer):
    """Paths of tiles over the city, in no order."""
    paths = []
    for zoom in range(9, 18):
        (west, north), (east, south) = tile(WEST, NORTH, zoom), tile(EAST, SOUTH, zoom)
        every = [f"/{layer}/{zoom}/{x}/{y}.png" for x in range(west, east + 1) for y in range(north, south + 1)]
        paths += random.Random(zoom).sample(every, min(len(every), 25000))
    random.Random(1).shuffle(paths)
    return paths


def begin(server, script, connections, seconds=SECONDS):
    path = DATA / f"wrk-{connections}-{time.time_ns()}.lua"
    path.write_text(script)
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", path, server.url]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True), path


def end(running):
    """Requests a second, and the times that half and 99 % of them took at most."""
    process, path = running
    text = process.communicate()[0]
    path.unlink()
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
    assert not refused, text
    found = lambda pattern: re.search(pattern, text).group(1)
    return float(found(r"Requests/sec:\s+([\d.]+)")), found(r"50%\s+([\d.]+\w+)"), found(r"99%\s+([\d.]+\w+)")


def listed(paths):
    path = DATA / "paths.txt"
    path.write_text("\n".join(paths))
    return TILES % path


def row(what, connections, found):
    rate, half, most = found
    return f"| {what} | {connections} | **{rate:,.0f}** | {half} | {most} |"


def live():
    """A layer of 10 million points that takes more."""
    journal = DATA / "bench.journal"
    journal.unlink(missing_ok=True)
    server = Server(DATA / "10000000.parquet", "--accept", journal, "--name", "city", "--timeout", 120)
    server.before = json.loads(server.get("/city/tiles.json"))["events"]
    return server


def counted(server):
    """How many events there are: those of before and all that were acknowledged."""
    taken = server.metric("torrid_events_taken_total")
    after = json.loads(server.get("/city/tiles.json"))["events"]
    assert after == server.before + taken, f"{after} events, {server.before} at first, {taken} taken"
    return after


def paced(server):
    """Sends bodies at a pace: events a second, and the seconds that 99 % of them took at most."""
    place = random.Random(2)
    bodies = ["lng,lat,speed\n" + "".join(
        f"{place.uniform(WEST, EAST):.6f},{place.uniform(SOUTH, NORTH):.6f},{place.randrange(90)}\n" for _ in range(EACH)) for _ in range(50)]
    times, start, host = [], time.perf_counter(), server.url.removeprefix("http://")

    def send(sender):
        connection = http.client.HTTPConnection(host)
        for number in range(sender, PACE * SECONDS, SENDERS):
            time.sleep(max(0, start + number / PACE - time.perf_counter()))
            begun = time.perf_counter()
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv", "Idempotency-Key": str(number)}
            connection.request("POST", "/city/events", bodies[number % len(bodies)], headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()
            times.append(time.perf_counter() - begun)

    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(send, range(SENDERS)))
    return len(times) * EACH / (time.perf_counter() - start), sorted(times)[len(times) * 99 // 100]


def main():
    if not shutil.which("wrk"):
        sys.exit("benches/serve.py needs wrk: apt-get install wrk")
    cells = DATA / "city.cells.parquet"
    subprocess.run([TORRID, "cells", DATA / "10000000.parquet", "-o", cells, "-f", "-q"], check=True)
    paths, rows = different("city"), []
    with Server(cells) as server:
        start = time.perf_counter()
        server.get("/city/tiles.json")
        first = time.perf_counter() - start
        rows.append(row("never asked for before", 4, end(begin(server, listed(paths), 4))))
        drawn = server.metric("torrid_tiles_drawn_total")
        assert drawn < len(paths), f"every tile was asked for once at most: {drawn} of {len(paths)}"
        for path in paths[:64]:
            server.bytes(path)
        rows.append(row("kept", 16, end(begin(server, listed(paths[:64]), 16))))
    events = []
    with live() as server:
        post = EVENTS % (EACH, WEST, EAST - WEST, SOUTH, NORTH - SOUTH, TOKEN, "/city/events")
        bodies, _, acknowledged = end(begin(server, post, SENDERS))
        events.append(f"| as many as it takes | **{bodies * EACH:,.0f}** | {acknowledged} | |")
        counted(server)
    with live() as server:
        tiles = begin(server, listed(paths), READERS)
        rate, acknowledged = paced(server)
        meanwhile = end(tiles)
        events.append(f"| {PACE * EACH:,} | **{rate:,.0f}** | {1000 * acknowledged:.1f}ms | {meanwhile[0]:,.0f} |")
        after = counted(server)
    rows.append(row(f"while {PACE * EACH:,} events a second come", READERS, meanwhile))
    told = {"machine": f"{os.cpu_count()} cores, {platform.machine()}, {time.strftime('%Y-%m-%d')}", "first": f"{first:.1f} s",
            "tiles": "\n".join(rows), "different": f"{len(paths):,}", "events": "\n".join(events), "each": EACH, "senders": SENDERS,
            "readers": READERS, "seconds": SECONDS, "after": f"{after:,}"}
    text = (ROOT / "benches/serve.md").read_text()
    for name, value in told.items():
        text = text.replace("{" + name + "}", str(value))
    (ROOT / "docs/benchmarks-serve.md").write_text(text)
    print(text)


main()
