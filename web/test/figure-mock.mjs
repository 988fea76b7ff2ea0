// Writes made-up heatmaps of one file, from the page that was built: `node test/figure-mock.mjs [FOLDER] [NAME]`. Prints for each
// the arguments with which test/figure.mjs goes through it.

import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [folder = "pictures", only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

/** Colours between some, evenly. */
function ramp(...stops) {
  const parts = stops.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (parts.length - 1);
    const low = Math.min(parts.length - 2, Math.floor(at));
    const mixed = parts[low].map((part, j) => Math.round(part + (at - low) * (parts[low + 1][j] - part)));
    return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  });
}

const ROCKET = ramp("#03051a", "#3b1f3d", "#841e5a", "#cb1b4f", "#f06043", "#f6aa82", "#faebdd");
const VIRIDIS = ramp("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725");
const VLAG = ramp("#2369bd", "#a9c3dd", "#faf5f3", "#d9a5a3", "#a9373b");

/** Numbers that look random and are the same each time. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const side = (title, labels, more = {}) => ({ title, labels, attributes: [], tree: null, edges: null, ...more });
const count = (n, name) => Array.from({ length: n }, (_, i) => name(i));

/** Steps of 1, 2 or 5 between two values. */
function ticksOf(low, high) {
  const rough = (high - low) / 6;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((one) => one * ten >= rough) * ten;
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) ticks.push([(value - low) / (high - low), String(Number(value.toPrecision(6)))]);
  return ticks;
}

function figureOf({ columns, rows, numbers, low, high, colours, ...more }) {
  const size = [columns.labels.length, rows.labels.length];
  let [least, most] = [low ?? Infinity, high ?? -Infinity];
  for (const value of numbers) {
    if (low === undefined && value < least) least = value;
    if (high === undefined && value > most) most = value;
  }
  const places = Uint8Array.from(numbers, (value) => Math.max(0, Math.min(255, Math.floor(((value - least) / (most - least || 1)) * 256))) || 0);
  const figure = {
    title: "", caption: "", name: "", rows, columns, size, colours: colours ?? ROCKET, scale: { ticks: ticksOf(least, most === least ? least + 1 : most) },
    square: false, lines: null, origin: "upper", annotate: false, texts: null, missing: null, ...more,
  };
  return { figure, places, numbers };
}

/** As torrid writes it: at most so many bytes in a script. */
const TOGETHER = 3 << 18;

function write(name, { figure, places, numbers }) {
  const path = resolve(folder, `${name}.html`);
  const [before, after] = readFileSync(resolve(here, "../dist/figure.html"), "utf8").split("<!-- what is shown -->");
  const file = openSync(path, "w");
  const script = (kind, text) => writeSync(file, `<script type="application/json" class="${kind}">${text}</script>\n`);
  writeSync(file, before);
  script("figure", JSON.stringify(figure).replaceAll("<", "\\u003c"));
  for (const [kind, list] of [["places", places], ["numbers", numbers]]) {
    const bytes = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
    for (let at = 0; at < bytes.length; at += TOGETHER) script(kind, `["${bytes.subarray(at, at + TOGETHER).toString("base64")}"]`);
  }
  writeSync(file, after);
  closeSync(file);
  const [width, height] = figure.size;
  const told = (column, row) => {
    const value = numbers[row * width + column];
    return `${figure.rows.labels[row]}|${figure.columns.labels[column]}|${Number.isNaN(value) ? "no data" : value}`;
  };
  const some = [told(0, 0), told(width - 1, height - 1), told(width >> 1, height >> 2)];
  return [path, ...new Set(some)];
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** A dendrogram that joins neighbours, two by two. */
function treeOf(leaves, chance) {
  let nodes = count(leaves, (i) => ({ x: i + 0.5, h: 0 }));
  const tree = [];
  let h = 0;
  while (nodes.length > 1) {
    let at = Math.floor(chance() * (nodes.length - 1));
    if (nodes.length > 2) at = Math.min(at, nodes.length - 2);
    h += 0.05 + chance() * 0.3 * (leaves / nodes.length) ** 0.5;
    const [one, other] = [nodes[at], nodes[at + 1]];
    tree.push([one.x, one.h, other.x, other.h, h]);
    nodes.splice(at, 2, { x: (one.x + other.x) / 2, h });
  }
  return tree;
}

const samples = {
  flights() {
    const years = count(12, (i) => String(1949 + i));
    const numbers = Float64Array.from({ length: 144 }, (_, i) => Math.round((112 + (i % 12) * 26) * (1 + 0.28 * Math.sin(((Math.floor(i / 12) - 2.6) / 12) * 2 * Math.PI))));
    return figureOf({
      title: "Air passengers", caption: "Thousands of passengers a month, made up.", name: "passengers", rows: side("month", MONTHS), columns: side("year", years),
      numbers, annotate: true, texts: [...numbers].map(String), lines: { width: 0.5, colour: "#ffffff" },
    });
  },
  clustered() {
    const chance = random(7);
    const networks = ["visual", "dorsal", "limbic", "default"];
    const tints = ["#4c72b0", "#dd8452", "#55a868", "#c44e52"];
    const n = 62;
    const kind = count(n, (i) => Math.floor((i / n) * 4));
    const labels = count(n, (i) => `${networks[kind[i]]} ${i + 1}${i % 2 ? " left" : " right"}`);
    const attributes = [
      { name: "network", words: kind.map((i) => networks[i]), colours: kind.map((i) => tints[i]) },
      { name: "hemisphere", words: count(n, (i) => (i % 2 ? "left" : "right")), colours: count(n, (i) => (i % 2 ? "#8172b3" : "#ccb974")) },
    ];
    const tree = treeOf(n, chance);
    const numbers = Float64Array.from({ length: n * n }, (_, i) => {
      const [a, b] = [i % n, Math.floor(i / n)];
      return a === b ? 1 : Math.round((kind[a] === kind[b] ? 0.5 : -0.1) * 1e3 + (chance() - 0.5) * 700) / 1e3;
    });
    return figureOf({ title: "Correlation of brain networks", name: "correlation", rows: side("", labels, { attributes, tree }), columns: side("", labels, { attributes: attributes.slice(0, 1), tree }), numbers, low: -1, high: 1, colours: VLAG, square: true });
  },
  thousand() {
    const numbers = Float64Array.from({ length: 1e6 }, (_, i) => Math.sin((i % 1000) / 40) * Math.cos(Math.floor(i / 1000) / 55) + ((i * 7919) % 1000) / 4000);
    return figureOf({ title: "A thousand by a thousand", name: "height", rows: side("row", count(1000, (i) => `r${i}`)), columns: side("column", count(1000, (i) => `c${i}`)), numbers, colours: VIRIDIS });
  },
  missing() {
    const chance = random(3);
    const numbers = Float64Array.from({ length: 24 * 40 }, (_, i) => (chance() < 0.12 || (i % 40) > Math.floor(i / 40) + 18 ? NaN : Math.round(chance() * 1e5) / 10));
    return figureOf({ title: "Sensors, some of which were off", name: "lux", rows: side("hour", count(24, (i) => `${String(i).padStart(2, "0")}:00`)), columns: side("day", count(40, (i) => `2024-0${1 + Math.floor(i / 31)}-${String((i % 31) + 1).padStart(2, "0")}`)), numbers, colours: VIRIDIS, origin: "lower" });
  },
  scripts() {
    const words = [
      "Die Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik", "متوسط درجات الحرارة اليومية في محطات الرصد الجوي على الساحل", "東京都新宿区西新宿二丁目八番一号にある東京都庁第一本庁舎の展望室から見える景色と山々の名前と高さを示す一覧表",
      "Среднемесячная температура воздуха на станции наблюдения", "ממוצע הטמפרטורות החודשי בתחנות המדידה לאורך החוף המערבי", "การวัดอุณหภูมิเฉลี่ยรายเดือนของสถานีตรวจอากาศชายฝั่งทะเล", "👩‍👩‍👧‍👦 families, and a label that goes on for sixty letters and more", "kurz",
    ];
    const numbers = Float64Array.from({ length: 8 * 14 }, (_, i) => ((i * 37) % 101) / 7);
    return figureOf({ title: "Labels of sixty letters متعددة اللغات", caption: "Each is shortened, and whole where one points at it.", name: "مقدار", rows: side("اسم المحطة", words), columns: side("場所の名前", count(14, (i) => `${words[(i * 3) % 8]} ${i}`)), numbers });
  },
  one() {
    return figureOf({ title: "One cell", name: "value", rows: side("row", ["the only row"]), columns: side("column", ["the only column, which is called something long"]), numbers: Float64Array.of(42.125), annotate: true, texts: ["42.1"], low: 0, high: 100 });
  },
  strip() {
    const numbers = Float64Array.from({ length: 500 }, (_, i) => 20 + 12 * Math.sin(i / 31) + 4 * Math.sin(i / 3));
    return figureOf({ title: "One row of five hundred", name: "°C", rows: side("", ["Oslo"]), columns: side("day", count(500, (i) => String(i + 1))), numbers });
  },
  edges() {
    const bounds = [0, 1, 3, 4, 9, 10, 18, 19, 31];
    const numbers = Float64Array.from({ length: 64 }, (_, i) => (i % 8) * Math.floor(i / 8));
    return figureOf({ title: "Cells of different widths", name: "product", rows: side("depth in metres", count(8, (i) => `${bounds[i]} – ${bounds[i + 1]}`), { edges: bounds }), columns: side("age", count(8, (i) => `${bounds[i]} – ${bounds[i + 1]}`), { edges: bounds }), numbers, annotate: true, missing: "#bbbbbb" });
  },
  huge() {
    const n = 5000;
    const numbers = new Float64Array(n * n);
    for (let i = 0; i < numbers.length; i++) numbers[i] = Math.hypot((i % n) - 2500, Math.floor(i / n) - 2500) % 700 + ((i * 7919) % 977) / 10;
    return figureOf({ title: "Twenty-five million cells", name: "distance", rows: side("row", count(n, (i) => `row ${i}`)), columns: side("column", count(n, (i) => `column ${i}`)), numbers, square: true });
  },
};

for (const [name, make] of Object.entries(samples)) {
  if (only ? only !== name : name === "huge") continue;
  console.log(write(name, make()).map((argument) => `'${argument.replaceAll("'", "'\\''")}'`).join(" "));
}
