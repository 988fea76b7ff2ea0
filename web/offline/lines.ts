// Lines of land: read from what the file holds, and cut to what is drawn.

import { bytesOf } from "./told";

/** Positions x, y, x, y in the unit square of Web Mercator, and what holds them: west, north, east, south. */
export interface Line {
  points: Float64Array;
  box: [number, number, number, number];
}

/**
 * Reads lines: numbers of 7 bits a byte, the low ones first. Each line is how many points it has, and for each how far it
 * is from the one before in x and in y, 0, -1, 1, -2 as 0, 1, 2, 3.
 */
export function linesOf(packed: string, steps: number): Line[] {
  const bytes = bytesOf(packed);
  const lines: Line[] = [];
  let at = 0;
  const next = () => {
    let number = 0;
    for (let worth = 1; ; worth *= 128) {
      const byte = bytes[at++]!;
      number += (byte & 127) * worth;
      if (byte < 128) return number;
    }
  };
  const step = () => {
    const number = next();
    return number % 2 ? -(number + 1) / 2 : number / 2;
  };
  let [x, y] = [0, 0];
  while (at < bytes.length) {
    const points = new Float64Array(2 * next());
    const box: Line["box"] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < points.length; i += 2) {
      points[i] = (x += step()) / steps;
      points[i + 1] = (y += step()) / steps;
      box[0] = Math.min(box[0], points[i]!);
      box[1] = Math.min(box[1], points[i + 1]!);
      box[2] = Math.max(box[2], points[i]!);
      box[3] = Math.max(box[3], points[i + 1]!);
    }
    lines.push({ points, box });
  }
  return lines;
}

/** A ring cut to a square (Sutherland and Hodgman 1974): canvases count in float32, which loses what is far outside. */
export function clipped(ring: number[], least: number, most: number): number[] {
  for (const axis of [0, 1] as const) {
    ring = cut(ring, (x, y) => (axis ? y : x) - least);
    ring = cut(ring, (x, y) => most - (axis ? y : x));
  }
  return ring;
}

/** The part of a ring where `inside`, which is linear, is not negative. */
function cut(ring: number[], inside: (x: number, y: number) => number): number[] {
  const kept: number[] = [];
  let [fromX, fromY] = ring.slice(-2) as [number, number];
  let from = ring.length ? inside(fromX, fromY) : 0;
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [ring[i]!, ring[i + 1]!];
    const to = inside(x, y);
    if (from < 0 !== to < 0) {
      const share = from / (from - to);
      kept.push(fromX + share * (x - fromX), fromY + share * (y - fromY));
    }
    if (to >= 0) kept.push(x, y);
    [fromX, fromY, from] = [x, y, to];
  }
  return kept;
}
