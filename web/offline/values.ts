// Exact values, from pictures whose pixels are numbers (docs/value-tiles.md).
//
// The pictures are unpacked here and not by a canvas: browsers that hide who their user is put noise into what is read
// back from one.

import { amount } from "../src/readout";
import { bytesOf, type Told } from "./told";

/** Values row by row, the first row north; NaN where there is no data. */
export interface Numbers {
  width: number;
  height: number;
  values: Float32Array;
}

/** A value, one that is only known to be less than `below`, or none. */
export type Found = { value: number | null } | { below: number };

/** Unpacks a PNG of straight RGBA, 8 bits each (PNG 1.2, sections 5 to 9), into the numbers that its pixels are. */
export async function numbersOf(file: Uint8Array<ArrayBuffer>): Promise<Numbers> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (view.getUint32(24) !== 0x08060000) throw new Error("The values of this map are in a form that it does not know.");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at < file.length; at += view.getUint32(at) + 12) {
    const isData = view.getUint32(at + 4) === 0x49444154; // IDAT
    if (isData) parts.push(file.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const lines = await inflate(parts);
  return { width, height, values: floats(unfiltered(lines, width * 4, height)) };
}

async function inflate(parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const inflated = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** Undoes what each line was made smaller by: differences from what is left, above, both. */
export function unfiltered(lines: Uint8Array, length: number, height: number): Uint8Array {
  const bytes = new Uint8Array(length * height);
  for (let row = 0; row < height; row++) {
    const filter = lines[row * (length + 1)]!;
    const from = row * (length + 1) + 1;
    const to = row * length;
    for (let i = 0; i < length; i++) {
      const left = i < 4 ? 0 : bytes[to + i - 4]!;
      const above = row === 0 ? 0 : bytes[to + i - length]!;
      const corner = i < 4 || row === 0 ? 0 : bytes[to + i - length - 4]!;
      bytes[to + i] = lines[from + i]! + guess(filter, left, above, corner);
    }
  }
  return bytes;
}

function guess(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const whole = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(whole - left), Math.abs(whole - above), Math.abs(whole - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Red, green and blue are the first 24 bits of a float32; alpha says whether there is data. */
function floats(rgba: Uint8Array): Float32Array {
  const bits = new Uint32Array(rgba.length / 4);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = (rgba[4 * i]! << 24) | (rgba[4 * i + 1]! << 16) | (rgba[4 * i + 2]! << 8);
    if (rgba[4 * i + 3] === 0) values[i] = NaN;
  }
  return values;
}

/** The value of the cell at a place that is a share of the way across and down. */
export function valueIn({ width, height, values }: Numbers, across: number, down: number): number | null {
  const cell = (share: number, cells: number) => Math.min(cells - 1, Math.floor(share * cells));
  const value = values[cell(down, height) * width + cell(across, width)]!;
  return Number.isNaN(value) ? null : value;
}

/** What a tile that is not there has everywhere. */
export function absentAt({ absent, clear_below }: Told, zoom: number): Found {
  const [, below] = clear_below?.find(([of]) => of === null || of === zoom) ?? [];
  return below !== undefined && below > 0 ? { below } : { value: absent ?? null };
}

/** How many unpacked files are kept. */
const KEPT = 64;

/** Files that are unpacked when they are looked at. */
export class Unpacked {
  private kept = new Map<number, Promise<Numbers>>();

  constructor(private files: string[]) {}

  get(place: number): Promise<Numbers> {
    const known = this.kept.get(place) ?? numbersOf(bytesOf(this.files[place]!));
    this.kept.delete(place);
    this.kept.set(place, known);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return known;
  }
}

/** A value with its unit. */
export function inWords(found: Found, unit: string): string {
  if ("below" in found) return `less than ${amount(found.below, unit)}`;
  return found.value === null ? "no data" : amount(found.value, unit);
}
