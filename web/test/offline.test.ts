import { describe, expect, it } from "vitest";
import { clipped, linesOf } from "../offline/lines";
import { degreesOf, flatPosition, shareOf, tileOf, worldOf } from "../offline/place";
import { absentAt, inWords, numbersOf, valueIn } from "../offline/values";

/** A PNG of RGBA whose lines are filtered each by another of the five filters; checksums are left 0. */
async function png(rgba: number[], width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const lines: number[] = [];
  for (let row = 0; row < height; row++) {
    const filter = row % 5;
    lines.push(filter);
    for (let i = 0; i < width * 4; i++) {
      const at = (down: number, across: number) => (row < down || i < across ? 0 : rgba[(row - down) * width * 4 + i - across]!);
      const [left, above, corner] = [at(0, 4), at(1, 0), at(1, 4)];
      const nearest = [left, above, corner].sort((a, b) => Math.abs(left + above - corner - a) - Math.abs(left + above - corner - b))[0]!;
      lines.push((at(0, 0) - [0, left, above, (left + above) >> 1, nearest][filter]! + 256) % 256);
    }
  }
  const chunk = (name: string, bytes: number[]) => [...be(bytes.length), ...[...name].map((letter) => letter.charCodeAt(0)), ...bytes, 0, 0, 0, 0];
  const deflated = new Blob([Uint8Array.from(lines)]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = [...new Uint8Array(await new Response(deflated).arrayBuffer())];
  const [some, rest] = [data.slice(0, 5), data.slice(5)];
  const header = [...be(width), ...be(height), 8, 6, 0, 0, 0];
  return Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunk("IHDR", header), ...chunk("IDAT", some), ...chunk("IDAT", rest), ...chunk("IEND", [])]);
}

const be = (number: number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

/** The first 24 bits of a value as red, green and blue. */
function pixel(value: number): number[] {
  if (Number.isNaN(value)) return [0, 0, 0, 0];
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint8(0), view.getUint8(1), view.getUint8(2), 255];
}

describe("values", () => {
  it("come out of a picture as they went in, whatever its lines are filtered by", async () => {
    const values = Array.from({ length: 7 * 10 }, (_, i) => (i % 13 === 5 ? NaN : (i - 20) ** 3 / 8));
    const numbers = await numbersOf(await png(values.flatMap(pixel), 7, 10));
    expect([numbers.width, numbers.height]).toEqual([7, 10]);
    values.forEach((value, i) => {
      if (Number.isNaN(value)) expect(numbers.values[i]).toBeNaN();
      else expect(Math.abs(numbers.values[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 32768);
    });
  });

  it("are those of the cell that a place is in: west and north edges belong to it", () => {
    const numbers = { width: 2, height: 2, values: Float32Array.from([1, 2, 3, NaN]) };
    const at = (across: number, down: number) => valueIn(numbers, across, down);
    expect([at(0, 0), at(0.499, 0), at(0.5, 0), at(0, 0.5), at(0.75, 0.999)]).toEqual([1, 1, 2, 3, null]);
  });

  it("are in the tile of the scheme of web maps, in any copy of the world", () => {
    // Trafalgar Square, by the formula of https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames.
    const square = worldOf({ lng: -0.1281, lat: 51.508 });
    expect(tileOf(square, 14).key).toBe("14/8186/5448");
    expect(tileOf({ ...square, x: square.x - 3 }, 14).key).toBe("14/8186/5448");
    expect(tileOf({ x: 0.5, y: 0.25 }, 1)).toEqual({ key: "1/1/0", across: 0, down: 0.5 });
    expect(degreesOf(square).lat).toBeCloseTo(51.508, 9);
  });

  it("of a picture across the antimeridian are found on both sides of it, and nowhere else", () => {
    const extent: [number, number, number, number] = [0.9, 0.4, 1.1, 0.6];
    expect(shareOf({ x: 0.95, y: 0.5 }, extent, true)?.across).toBeCloseTo(0.25);
    expect(shareOf({ x: 0.05, y: 0.5 }, extent, true)?.across).toBeCloseTo(0.75);
    expect(shareOf({ x: -0.05, y: 0.5 }, extent, true)?.across).toBeCloseTo(0.25);
    expect(shareOf({ x: 0.5, y: 0.5 }, extent, true)).toBeUndefined();
    expect(shareOf({ x: 0.05, y: 0.5 }, extent, false)).toBeUndefined();
  });

  it("of a tile that is not there are 0, unknown, or below the first colour", () => {
    const told = { name: "", units: "u" };
    expect(absentAt({ ...told, absent: 0 }, 3)).toEqual({ value: 0 });
    expect(absentAt({ ...told, absent: null }, 3)).toEqual({ value: null });
    expect(absentAt({ ...told, absent: 0, clear_below: [[null, 0.5]] }, 3)).toEqual({ below: 0.5 });
    expect(absentAt({ ...told, absent: 0, clear_below: [[2, 0.5], [3, 0.1]] }, 3)).toEqual({ below: 0.1 });
    expect(absentAt({ ...told, absent: 0, clear_below: [[null, -1]] }, 3)).toEqual({ value: 0 });
  });

  it("are told with their unit, or that there is none", () => {
    expect(inWords({ value: 1234.56 }, "events per km²")).toBe("1,235 events per km²");
    expect(inWords({ value: null }, "events per km²")).toBe("no data");
    expect(inWords({ below: 0.25 }, "events per km²")).toBe("less than 0.25 events per km²");
    expect(flatPosition(12.34, -5, "m", 0)).toBe("x 12 m, y -5 m");
    expect(flatPosition(12.34, -5, "m", 4)).toBe("x 12.3 m, y -5.0 m");
  });
});

describe("land", () => {
  it("is read as torrid packs it", () => {
    // The same as in src/sink/html/mod.rs.
    const lines = linesOf("AwAAgICAAYCAQP//nwGAgIABAoCAQP//nwECAQ==", 1 << 20);
    expect(lines.map(({ points }) => [...points].map((at) => Number(at.toFixed(5))))).toEqual([
      [0, 0, 1, 0.5, -0.25, 1.5],
      [0.25, 0.25, 0.25, 0.25],
    ]);
    expect(lines[0]!.box).toEqual([-0.25, 0, 1, 1.5]);
  });

  it("covers the same part of a tile when it is cut to it", () => {
    const area = (ring: number[]) => ring.reduce((sum, x, i) => (i % 2 ? sum : sum + x * (ring[(i + 3) % ring.length]! - ring.at(i - 1)!)), 0) / 2;
    expect(area(clipped([-100, -100, 900, -100, 900, 900, -100, 900], 0, 256))).toBeCloseTo(256 * 256);
    expect(area(clipped([-1000, 128, 128, -1000, 128, 128], 0, 256))).toBeCloseTo(128 * 128);
    expect(clipped([300, 300, 400, 300, 350, 400], 0, 256)).toEqual([]);
  });
});
