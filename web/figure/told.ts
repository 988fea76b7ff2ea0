// What the file holds, as torrid writes it: JSON in scripts that are not run, told apart by their class. Bytes are base64, in
// parts: a list may go on in the next script of its class, since browsers are slow with scripts of many megabytes.

/** A heatmap, but for its cells. */
export interface Figure {
  title: string;
  caption: string;
  /** What the values are, such as `passengers`. */
  name: string;
  rows: Side;
  columns: Side;
  /** Columns, rows. */
  size: [number, number];
  /** 256 colours `#rrggbb` or `#rrggbbaa`, from that of the lowest value to that of the highest. */
  colours: string[];
  /** Where values are on the strip of colours, 0 to 1, and how they are written; null for no strip. */
  scale: { ticks: [number, string][] } | null;
  /** Whether cells are as wide as they are high. */
  square: boolean;
  /** Lines between cells, in CSS pixels. */
  lines: { width: number; colour: string } | null;
  /** Where the first row is: above or below. */
  origin: "upper" | "lower";
  /** Whether cells are written into, where they are large enough. */
  annotate: boolean;
  /** What is written into each cell, row by row; the value where there are none. */
  texts: string[] | null;
  /** The colour of cells without data; null for hatching. */
  missing: string | null;
}

/** The rows, or the columns. */
export interface Side {
  /** What all of them are, such as `month`. */
  title: string;
  labels: string[];
  attributes: Attribute[];
  tree: Join[] | null;
  /** Where they begin and end, where their widths differ: one number more than there are, ascending. */
  edges: number[] | null;
}

/** Something known of each row or column: a word and a colour for each, both empty where it is not known. */
export interface Attribute {
  name: string;
  words: string[];
  colours: string[];
}

/** A U of a dendrogram: its legs at x0 and x1 along the leaves, leaf i at i + 0.5, which begin at y0 and y1 and join at h. */
export type Join = [x0: number, y0: number, x1: number, y1: number, h: number];

/** All of a file. */
export interface Told {
  figure: Figure;
  /** One of the 256 colours for each cell, row by row. */
  places: Uint8Array;
  /** The value of each cell; NaN is no data. */
  numbers: Float64Array;
}

/** How many characters of base64 are read before the page may draw again. */
const BETWEEN = 1 << 24;

/** Takes what the page holds out of it, and tells how much of it there is already, 0 to 1. */
export async function taken(progress: (share: number) => void): Promise<Told> {
  const [script] = scripts("figure");
  if (!script) throw new Error("There is nothing in this file.");
  const figure = JSON.parse(script.textContent ?? "") as Figure;
  script.remove();
  const [columns, rows] = figure.size;
  const cells = columns * rows;
  const places = await filled("places", new Uint8Array(cells), (share) => progress(share / 9));
  const numbers = new Float64Array(cells); // Every machine that has a browser today keeps its numbers with the low byte first.
  await filled("numbers", new Uint8Array(numbers.buffer), (share) => progress((1 + 8 * share) / 9));
  return { figure, places, numbers };
}

const scripts = (name: string) => [...document.querySelectorAll(`script.${name}`)];

async function filled(name: string, bytes: Uint8Array, progress: (share: number) => void): Promise<Uint8Array> {
  let [at, since] = [0, 0];
  for (const script of scripts(name)) {
    for (const text of JSON.parse(script.textContent ?? "") as string[]) {
      at += unpack(text, bytes, at);
      since += text.length;
    }
    script.remove();
    if (since < BETWEEN) continue;
    since = 0;
    progress(at / bytes.length);
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (at !== bytes.length) throw new Error(`This file is not whole: ${at} bytes of ${name} where ${bytes.length} belong.`);
  return bytes;
}

/** Newer than the types that this is checked with: https://tc39.es/proposal-arraybuffer-base64/ */
type Newer = Uint8Array & { setFromBase64?: (text: string) => { written: number } };

/** Reads base64 into bytes from a place on, and tells how many it read. What has no place is only counted. */
export function unpack(base64: string, bytes: Uint8Array, at: number): number {
  const length = (base64.length / 4) * 3 - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
  if (at + length > bytes.length) return length;
  const rest = bytes.subarray(at) as Newer;
  if (rest.setFromBase64) return rest.setFromBase64(base64).written;
  const text = atob(base64);
  for (let i = 0; i < text.length; i++) rest[i] = text.charCodeAt(i);
  return text.length;
}
