// A server that keeps the contract of `torrid serve` with made-up events, for looking at the page without torrid:
// `npm run build && npm run mock`, then http://localhost:8123. What the texts of styles mean is only hinted at.
// `where=busy` answers 503 twice, `where=wrong` 400; every new style takes a moment, as preparing one does.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { deflateSync, crc32 } from "node:zlib";

const POLICY = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self'";
const FILES = new URL("../dist/", import.meta.url);
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css", svg: "image/svg+xml" };

const MAPS = {
  torrid: ["#00558000", "#2a6fa080", "#7b5ea7c0", "#c2487fe0", "#f07048f0", "#ffc040ff", "#fff8d0ff"],
  magma: ["#000004", "#2c115f", "#721f81", "#b73779", "#f1605d", "#feb078", "#fcfdbf"],
  viridis: ["#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725"],
  Greys: ["#ffffff", "#e2e2e2", "#c0c0c0", "#929292", "#686868", "#353535", "#000000"],
  mako: ["#0b0405", "#2e1e3c", "#413d7b", "#37659e", "#348fa7", "#40b7ad", "#def5e5"],
};
const NORMS = ["linear", "log", "sqrt", "cbrt", "eq_hist", "quantile"];
const BOUNDS = [-3.05, 53.33, -2.82, 53.48];
const HILLS = [[-2.98, 53.405, 1], [-2.93, 53.43, 0.5], [-2.9, 53.37, 0.4], [-2.96, 53.45, 0.3], [-2.99, 53.36, 0.25]];
const FIRST = Date.parse("2018-10-01T00:00:00Z");
const LAST = Date.parse("2018-10-31T23:00:00Z");
const EVENTS = 4212;

const prepared = new Set();
let refused = 0;
const listeners = new Set();

/** Starts the server; `server.change()` tells the page that tiles changed. */
export function start(port = 8123, { kernels = ["gaussian"] } = {}) {
  const server = createServer((request, response) => {
    answer(new URL(request.url, `http://${request.headers.host}`), response, kernels).catch((error) => {
      send(response, 404, "text/plain", `\`${request.url}\` is nothing this server has; expected a file, layers.json or a tile. (${error.message})`);
    });
  });
  server.change = () => listeners.forEach((response) => response.write("data: tiles changed\n\n"));
  return new Promise((resolve) => server.listen(port, () => resolve(server)));
}

async function answer(url, response, kernels) {
  const [, folder, ...rest] = url.pathname.split("/");
  const last = rest.at(-1);
  const query = url.searchParams;
  if (folder === "layers.json") return json(response, { layers: [{ name: "crimes", title: "Crimes in Liverpool", tiles: "/crimes/tiles.json" }], bases: ["land", "land-dark"] });
  if (folder === "choices.json") return json(response, { colormaps: Object.entries(MAPS).map(([name, colours]) => ({ name, colours })), norms: NORMS, kernels });
  if (folder === "base" && rest.length === 1) return json(response, { maxzoom: 12, attribution: "Natural Earth" });
  if (folder === "base") return send(response, 200, "image/png", base(rest[0] === "land-dark", ...rest.slice(1).map(parseFloat)));
  if (folder === "crimes") return layer(last, rest.map(parseFloat), query, url, response);
  const name = url.pathname === "/" ? "index.html" : url.pathname.slice(1);
  send(response, 200, TYPES[name.split(".").at(-1)], await readFile(new URL(name, FILES)));
}

async function layer(last, [z, x, y], query, url, response) {
  if (last === "changes") return follow(response);
  const style = readStyle(query.get("style") ?? "gaussian:auto log torrid");
  const wrong = query.get("where") === "wrong" ? "--where: found `wrong`, expected a comparison such as `magnitude >= 6`. The columns are category, month." : style.wrong;
  if (wrong) return send(response, 400, "text/plain", wrong);
  if (last === "tiles.json") return tileset(style, query, url, response);
  if (last === "value") return json(response, value(style, query));
  send(response, 200, "image/png", heat(style, query, z, x, y, last.includes("@2x") ? 512 : 256));
}

async function tileset(style, query, url, response) {
  if (query.get("where") === "busy" && refused++ % 3 < 2) {
    return send(response, 503, "text/plain", "Four styles are being prepared already; this one waits for its turn.", { "Retry-After": "1" });
  }
  if (!prepared.has(url.search)) await new Promise((resolve) => setTimeout(resolve, 300));
  prepared.add(url.search);
  const { colours, norm, limits } = style;
  const share = window(query);
  const top = style.vmax ?? share * 3200 * (250 / style.metres);
  const text = `${style.none ? "none" : `gaussian:${style.metres}m`} ${[norm, ...limits].join(",")} ${style.name}${style.opacity < 1 ? ` ${style.opacity}` : ""}`;
  const address = `http://${url.host}/crimes/{z}/{x}/{y}.png${url.search}`;
  json(response, {
    tilejson: "3.0.0", tiles: [address], tiles_2x: [address.replace(".png", "@2x.png")], minzoom: 0, maxzoom: 16,
    bounds: BOUNDS, center: [-2.95, 53.41, 10], attribution: "data.police.uk, OGL 3.0", style: text, value: `http://${url.host}/crimes/value${url.search}`,
    legend: `<div style="width:260px;font:12px sans-serif"><div>events per km²</div><div style="height:12px;background:linear-gradient(to right,${colours.join(",")})"></div><div style="position:relative;height:16px">${[0, 0.5, 1].map((at) => `<span style="position:absolute;left:${100 * at}%;transform:translateX(-50%)">${Math.round(at * top)}</span>`).join("")}</div></div>`,
    bandwidth: `${style.metres}m`, scales: [{ zoom: null, value_range: [0, top], stops: [] }], events: Math.round(EVENTS * share), notes: ["12 rows had no coordinates."],
    time_range: ["2018-10-01T00:00:00Z", "2018-10-31T23:00:00Z"], changes: "/crimes/changes",
  });
}

function readStyle(text) {
  const [first, scale, colours, opacity = "1"] = text.split(" ");
  const [norm, ...limits] = (scale ?? "").split(",");
  const name = (colours ?? "").replace(/_r$/, "");
  if (!NORMS.includes(norm)) return { wrong: `--norm: found \`${norm}\`, expected one of ${NORMS.join(", ")}.` };
  if (!MAPS[name]) return { wrong: `--colormap: found \`${name}\`, expected one of ${Object.keys(MAPS).join(", ")}.` };
  const [, number, kilo] = /([\d.]+)(k?)m$/.exec(first) ?? [];
  const vmax = limits.find((limit) => limit.startsWith("vmax="));
  return {
    none: first === "none", metres: number ? number * (kilo ? 1000 : 1) : 600, norm, limits, name: colours,
    vmax: vmax && Number(vmax.slice(5)), colours: colours === name ? MAPS[name] : [...MAPS[name]].reverse(), opacity: Number(opacity),
  };
}

/** The share of the events that a query's window of time has. */
function window(query) {
  const after = Date.parse(query.get("after") ?? "") || FIRST;
  const before = Date.parse(query.get("before") ?? "") || LAST;
  return Math.max(0, Math.min(1, (before - after) / (LAST - FIRST)));
}

/** 0 to 1 at a place: hills that wander with time and are as wide as the bandwidth. */
function density({ metres }, query, lng, lat) {
  const middle = (Date.parse(query.get("after") ?? "") || FIRST) - FIRST;
  const turn = (middle / (LAST - FIRST)) * 2 * Math.PI;
  const width = 0.004 + metres / 60000;
  return HILLS.reduce((sum, [x, y, high], at) => {
    const dx = (lng - x - 0.01 * Math.sin(turn + at)) * 0.6;
    const dy = lat - y - 0.006 * Math.cos(turn * at) + 0.006;
    return sum + high * Math.exp(-(dx * dx + dy * dy) / (2 * width * width));
  }, 0);
}

function value(style, query) {
  const [lng, lat, zoom] = ["lng", "lat", "zoom"].map((name) => Number(query.get(name)));
  const here = density(style, query, lng, lat) * window(query);
  return { value: here < 1e-6 ? null : 3200 * (250 / style.metres) * here, unit: "events per km²", events: Math.round(40 * here), zoom, lng, lat };
}

function heat(style, query, z, x, y, size) {
  const level = { linear: (v) => v, log: (v) => 1 + Math.log10(Math.max(v, 1e-4)) / 4, sqrt: Math.sqrt, cbrt: Math.cbrt }[style.norm] ?? Math.cbrt;
  const grain = style.none ? size / 32 : 1;
  return png(size, (col, row) => {
    const [lng, lat] = lngLat(z, x + Math.floor(col / grain) * grain / size, y + Math.floor(row / grain) * grain / size);
    const here = density(style, query, lng, lat);
    if (here < 1e-3) return [0, 0, 0, 0];
    const [r, g, b, a] = blend(style.colours, Math.min(1, Math.max(0, level(here))));
    return [r, g, b, a * style.opacity];
  });
}

/** A base without a coast: ground with a line at every degree. */
function base(dark, z, x, y) {
  const ground = dark ? [34, 40, 47, 255] : [242, 239, 233, 255];
  const line = dark ? [54, 62, 71, 255] : [222, 216, 206, 255];
  const step = z < 6 ? 10 : 0.05;
  const cell = (col, row) => lngLat(z, x + col / 256, y + row / 256).map((degrees) => Math.floor(degrees / step)).join();
  return png(256, (col, row) => (cell(col, row) === cell(col + 1, row + 1) ? ground : line));
}

function lngLat(z, x, y) {
  const scale = 2 ** z;
  return [(x / scale) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / scale))) * 180) / Math.PI];
}

function blend(colours, at) {
  const place = at * (colours.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)].map((index) => [1, 3, 5, 7].map((from) => parseInt(colours[index].slice(from, from + 2) || "ff", 16)));
  return low.map((value, index) => value + (high[index] - value) * (place % 1));
}

function png(size, colour) {
  const rows = Buffer.alloc(size * (4 * size + 1));
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) rows.set(colour(col, row).map(Math.round), row * (4 * size + 1) + 1 + 4 * col);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8);
  const parts = [["IHDR", header], ["IDAT", deflateSync(rows, { level: 1 })], ["IEND", Buffer.alloc(0)]];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts.map(chunk)]);
}

function chunk([name, body]) {
  const typed = Buffer.concat([Buffer.from(name), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

function follow(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(": hello\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
}

const json = (response, body) => send(response, 200, "application/json", JSON.stringify(body));

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", ...headers });
  response.end(body);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await start();
  console.log("http://localhost:8123");
}
