// The cells as pixels: each cell crisp where it has a pixel at least, and the mean of cells where it has less, so that none
// is dropped. Means are taken from pictures of half, a quarter and so on of the cells on each side.

import type { Axis } from "./axis";
import { packed, type Rgba } from "./colour";
import type { Told } from "./told";
import type { Span } from "./view";

/** Values and colours by column and row as they are shown, from the upper left. */
export class Cells {
  readonly columns: number;
  readonly rows: number;
  private reversed: boolean;

  constructor(private told: Told) {
    [this.columns, this.rows] = told.figure.size;
    this.reversed = told.figure.origin === "lower";
  }

  /** Where the first cell of a row is. */
  rowAt(row: number): number {
    return (this.reversed ? this.rows - 1 - row : row) * this.columns;
  }

  value(column: number, row: number): number {
    return this.told.numbers[this.rowAt(row) + column]!;
  }

  /** All of a row. */
  values(row: number): Float64Array {
    return this.told.numbers.subarray(this.rowAt(row), this.rowAt(row) + this.columns);
  }

  /** Which of the 256 colours. */
  place(column: number, row: number): number {
    return this.told.places[this.rowAt(row) + column]!;
  }

  text(column: number, row: number): string | undefined {
    return this.told.figure.texts?.[this.rowAt(row) + column];
  }

  /** The pixels of some cells of a row, one each; `colours` has that of no data after its 256. */
  fill(pixels: Uint32Array, row: number, from: number, colours: Uint32Array) {
    const { places, numbers } = this.told;
    const begin = this.rowAt(row) + from;
    for (let i = 0; i < pixels.length; i++) {
      const value = numbers[begin + i]!;
      pixels[i] = colours[value === value ? places[begin + i]! : 256]!;
    }
  }

  /** Whether a cell has no data. */
  hasGaps(): boolean {
    return this.told.numbers.some((value) => value !== value);
  }
}

/** A picture with one pixel for some cells: red, green, blue, each times how opaque, and that. */
interface Level {
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** Smaller pictures than this are not needed: what is drawn has more pixels. */
const LEAST = 128;

/** Which cells, or pixels of a level, a pixel shows, from `first[i]` on, and how much of each: `shares[begin[i]]` and on. */
export interface Taps {
  first: Int32Array;
  begin: Int32Array;
  shares: Float32Array;
}

export class Picture {
  private levels: Level[] = [];
  private colours: Uint32Array;

  constructor(private cells: Cells, colours: Rgba[], missing: Rgba) {
    this.colours = Uint32Array.from([...colours, missing], packed);
  }

  /** Draws what is seen of two axes into pixels (RGBA, straight). */
  draw(pixels: Uint32Array, width: number, height: number, across: [Axis, Span], down: [Axis, Span]) {
    const [x, y] = [crisp(...across, width), crisp(...down, height)];
    if (x && y) return this.drawCrisp(pixels, width, x, y);
    const deep = Math.min(depth(across[1], width), depth(down[1], height));
    const level = this.level(deep);
    const taps = (exact: Int32Array | undefined, [axis, span]: [Axis, Span], size: number) => (exact ? single(exact) : shared(axis, span, size, level));
    this.drawMean(pixels, width, level, taps(x, across, width), taps(y, down, height));
  }

  private drawCrisp(pixels: Uint32Array, width: number, x: Int32Array, y: Int32Array) {
    const from = x[0]!;
    const row = new Uint32Array(x[width - 1]! - from + 1);
    for (let j = 0; j < y.length; j++) {
      const begin = j * width;
      if (j > 0 && y[j] === y[j - 1]) {
        pixels.copyWithin(begin, begin - width, begin);
        continue;
      }
      this.cells.fill(row, y[j]!, from, this.colours);
      for (let i = 0; i < width; i++) pixels[begin + i] = row[x[i]! - from]!;
    }
  }

  private drawMean(pixels: Uint32Array, width: number, level: number, x: Taps, y: Taps) {
    const row = new Rows(this, level, x);
    const sums = new Float32Array(4 * width);
    const out = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    for (let j = 0; j < y.first.length; j++) {
      sums.fill(0);
      for (let tap = y.begin[j]!; tap < y.begin[j + 1]!; tap++) add(sums, row.at(y.first[j]! + tap - y.begin[j]!), y.shares[tap]!);
      straight(sums, out, 4 * j * width);
    }
  }

  /** How deep a level there is. */
  private level(deep: number): number {
    for (let { width, height } = this.size(this.levels.length); this.levels.length < deep && Math.min(width, height) > LEAST; ) {
      this.levels.push(this.halved(this.levels.length));
      ({ width, height } = this.size(this.levels.length));
    }
    return Math.min(deep, this.levels.length);
  }

  private size(level: number): { width: number; height: number } {
    return level === 0 ? { width: this.cells.columns, height: this.cells.rows } : this.levels[level - 1]!;
  }

  /** Some pixels of a row of a level. */
  bytes(level: number, row: number, from: number, count: number): Uint8Array {
    if (level > 0) {
      const { bytes, width } = this.levels[level - 1]!;
      return bytes.subarray(4 * (row * width + from), 4 * (row * width + from + count));
    }
    const pixels = new Uint32Array(count);
    this.cells.fill(pixels, row, from, this.colours);
    return new Uint8Array(pixels.buffer);
  }

  /** The next level: means of two by two, of what there is of them at the edges. */
  private halved(level: number): Level {
    const { width: wide, height: high } = this.size(level);
    const [width, height] = [Math.ceil(wide / 2), Math.ceil(high / 2)];
    const bytes = new Uint8Array(4 * width * height);
    for (let y = 0; y < height; y++) {
      const one = this.bytes(level, 2 * y, 0, wide);
      const other = 2 * y + 1 < high ? this.bytes(level, 2 * y + 1, 0, wide) : one;
      for (let x = 0; x < width; x++) {
        const [left, right] = [8 * x, 2 * x + 1 < wide ? 8 * x + 4 : 8 * x];
        for (let part = 0; part < 4; part++) {
          bytes[4 * (y * width + x) + part] = (one[left + part]! + one[right + part]! + other[left + part]! + other[right + part]! + 2) >> 2;
        }
      }
    }
    return { width, height, bytes };
  }
}

/** Rows of a level, made as many pixels as are drawn; the last is kept, since two rows of pixels may share it. */
class Rows {
  private last = -1;
  private made: Float32Array;
  private to: number;

  constructor(private picture: Picture, private level: number, private x: Taps) {
    const end = x.first.length - 1;
    this.made = new Float32Array(4 * x.first.length);
    this.to = x.first[end]! + x.begin[end + 1]! - x.begin[end]!;
  }

  at(row: number): Float32Array {
    if (row === this.last) return this.made;
    this.last = row;
    const { first, begin, shares } = this.x;
    const from = first[0]!;
    const bytes = this.picture.bytes(this.level, row, from, this.to - from);
    for (let i = 0; i < first.length; i++) {
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let tap = begin[i]!, at = 4 * (first[i]! - from); tap < begin[i + 1]!; tap++, at += 4) {
        const share = shares[tap]!;
        r += share * bytes[at]!;
        g += share * bytes[at + 1]!;
        b += share * bytes[at + 2]!;
        a += share * bytes[at + 3]!;
      }
      this.made[4 * i] = r;
      this.made[4 * i + 1] = g;
      this.made[4 * i + 2] = b;
      this.made[4 * i + 3] = a;
    }
    return this.made;
  }
}

function add(sums: Float32Array, row: Float32Array, share: number) {
  for (let i = 0; i < sums.length; i++) sums[i]! += share * row[i]!;
}

/** Undoes that colours are times how opaque they are. */
function straight(sums: Float32Array, out: Uint8Array, begin: number) {
  for (let i = 0; i < sums.length; i += 4) {
    const opaque = sums[i + 3]!;
    const by = opaque > 0 ? 255 / opaque : 0;
    for (let part = 0; part < 3; part++) out[begin + i + part] = Math.min(255, sums[i + part]! * by + 0.5);
    out[begin + i + 3] = Math.min(255, opaque + 0.5);
  }
}

/** How often cells can be halved until a pixel has fewer than two. */
const depth = (span: Span, pixels: number) => Math.max(0, Math.floor(Math.log2(span.length / pixels)));

/** The cell at the middle of each pixel, where each cell has a pixel at least. */
export function crisp(axis: Axis, span: Span, pixels: number): Int32Array | undefined {
  const [from, to] = [axis.at(span.from), axis.at(span.from + span.length)];
  if (axis.narrowest(from, to) * pixels < span.length * (1 - 1e-9)) return undefined;
  const found = new Int32Array(pixels);
  for (let i = 0; i < pixels; i++) found[i] = axis.at(span.from + ((i + 0.5) / pixels) * span.length);
  return found;
}

/** The pixels of a level below each pixel, by how much of it they cover. */
export function shared(axis: Axis, span: Span, pixels: number, level: number): Taps {
  const last = (axis.count - 1) >> level;
  const start = (at: number) => axis.start(Math.min(axis.count, at * 2 ** level));
  const [first, begin, shares] = [new Int32Array(pixels), new Int32Array(pixels + 1), [] as number[]];
  for (let i = 0; i < pixels; i++) {
    const [from, to] = [span.from + (i / pixels) * span.length, span.from + ((i + 1) / pixels) * span.length];
    first[i] = axis.at(from) >> level;
    for (let at = first[i]!; at <= last && (at === first[i] || start(at) < to); at++) {
      shares.push(Math.max(0, Math.min(to, start(at + 1)) - Math.max(from, start(at))) / (to - from));
    }
    begin[i + 1] = shares.length;
  }
  return { first, begin, shares: Float32Array.from(shares) };
}

/** All of one cell. */
function single(first: Int32Array): Taps {
  return { first, begin: Int32Array.from({ length: first.length + 1 }, (_, i) => i), shares: new Float32Array(first.length).fill(1) };
}
