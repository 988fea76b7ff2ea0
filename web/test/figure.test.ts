import { describe, expect, it } from "vitest";
import { Axis } from "../figure/axis";
import { Cells, crisp, Picture, shared } from "../figure/cells";
import { inkOn, luminance, over, rgbaOf, type Rgba } from "../figure/colour";
import { matches } from "../figure/find";
import { apart, inside, isLeftward, shortened, stepFor, widestOf } from "../figure/labels";
import { brief, fileName, headOf, lineOf, written } from "../figure/texts";
import { unpack, type Figure, type Side } from "../figure/told";
import { between, moved, pixelOf, placeOf, revealing, whole, zoomed, type Span } from "../figure/view";

/** Numbers that look random and are the same each time. */
function* numbers(seed = 1): Generator<number> {
  for (;;) yield (seed = (seed * 48271) % 2147483647) / 2147483647;
}

const some = numbers();
const next = () => some.next().value as number;

const side = (more: Partial<Side> = {}): Side => ({ title: "", labels: [], attributes: [], tree: null, edges: null, ...more });

describe("labels", () => {
  it("that are kept never lie on each other, and the first is kept", () => {
    for (let round = 0; round < 200; round++) {
      const placed = Array.from({ length: 40 }, (_, index) => ({ index, middle: 500 * next(), length: 60 * next() })).sort((a, b) => a.middle - b.middle);
      const kept = apart(placed, 4);
      expect(kept[0]).toBe(placed[0]);
      for (let i = 1; i < kept.length; i++) {
        expect(kept[i]!.middle - kept[i]!.length / 2).toBeGreaterThanOrEqual(kept[i - 1]!.middle + kept[i - 1]!.length / 2 + 4);
      }
    }
  });

  it("are left out by 1, 2, 5, 10, 20 and so on, no more than they must", () => {
    expect([stepFor(14, 20), stepFor(14, 14), stepFor(14, 13), stepFor(14, 3), stepFor(14, 0.15)]).toEqual([1, 1, 2, 5, 100]);
  });

  it("are moved inside of what there is", () => {
    expect(inside({ index: 0, middle: 3, length: 20 }, 2, 100).middle).toBe(12);
    expect(inside({ index: 0, middle: 99, length: 20 }, 2, 100).middle).toBe(90);
    expect(inside({ index: 0, middle: 50, length: 20 }, 2, 100).middle).toBe(50);
  });

  it("are shortened to what has room, never within a letter", () => {
    const measure = (text: string) => [...text].length;
    expect(shortened("passengers", 10, measure)).toBe("passengers");
    expect(shortened("passengers", 6, measure)).toBe("passe…");
    expect(shortened("two words", 5, measure)).toBe("two…");
    expect(shortened("é".normalize("NFD").repeat(9), 6, measure)).toBe(`${"é".normalize("NFD").repeat(2)}…`);
    expect(shortened("anything", 0, measure)).toBe("…");
  });

  it("are written from the right where their first letter is", () => {
    expect(["متوسط", "12 שלום", "month", "12", "東京", "month متوسط"].map(isLeftward)).toEqual([true, true, false, false, false, false]);
  });

  it("of which many may be the widest are measured only then", () => {
    const labels = Array.from({ length: 5000 }, (_, i) => `row ${i}`);
    expect(widestOf([...labels, "a very long one", "東京都新宿区西新宿"], 10)).toEqual(expect.arrayContaining(["a very long one", "東京都新宿区西新宿"]));
    expect(widestOf(labels, 10)).toHaveLength(10);
  });
});

describe("what is seen", () => {
  const total = 100;
  const anywhere = (): Span => between(total * next(), total * next(), total, 2);

  it("stays at its pixel while one zooms in", () => {
    for (let round = 0; round < 500; round++) {
      const span = anywhere();
      const pixel = 40 + 700 * next();
      const place = placeOf(pixel, span, 40, 700);
      const closer = zoomed(span, total, 2, 1 + 3 * next(), place);
      expect(pixelOf(place, closer, 40, 700)).toBeCloseTo(pixel, 6);
    }
  });

  it("is never beyond the whole, nor less than the least", () => {
    for (let round = 0; round < 500; round++) {
      const span = anywhere();
      const changed = [zoomed(span, total, 2, 20 * next(), total * next()), moved(span, total, 300 * (next() - 0.5)), revealing(span, total, 20, 21)];
      for (const { from, length } of changed) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from + length).toBeLessThanOrEqual(total + 1e-9);
        expect(length).toBeGreaterThanOrEqual(2);
      }
    }
    expect(zoomed({ from: 30, length: 10 }, total, 2, 1e-9, 31)).toEqual(whole(total));
    expect(zoomed(whole(1), 1, 1, 8, 0.3)).toEqual(whole(1));
  });

  it("goes from places to pixels and back", () => {
    for (let round = 0; round < 500; round++) {
      const span = anywhere();
      const place = total * next();
      expect(placeOf(pixelOf(place, span, 17, 333), span, 17, 333)).toBeCloseTo(place, 9);
    }
  });

  it("moves no more than it takes to reveal a cell", () => {
    const span = { from: 10, length: 20 };
    expect(revealing(span, total, 15, 16)).toEqual(span);
    expect(revealing(span, total, 5, 6).from).toBe(5);
    expect(revealing(span, total, 40, 41).from).toBe(21);
  });
});

describe("an axis", () => {
  it("has cells of the widths that its edges say, and finds each at any place in it", () => {
    const edges = [0, 1, 3, 4, 9, 10, 18, 19, 31];
    const axis = new Axis(side({ edges }), 8);
    for (let i = 0; i < 8; i++) {
      expect(axis.start(i)).toBeCloseTo((edges[i]! / 31) * 8);
      expect(axis.at(axis.start(i))).toBe(i);
      expect(axis.at(axis.middle(i))).toBe(i);
      expect(axis.leaf(i + 0.5)).toBeCloseTo(axis.middle(i));
    }
    expect([axis.at(-1), axis.at(99)]).toEqual([0, 7]);
    expect(axis.narrowest()).toBeCloseTo(8 / 31);
  });

  it("that begins below is shown the other way round", () => {
    const tree = [[0.5, 0, 1.5, 0, 1]] as Side["tree"];
    const attributes = [{ name: "kind", words: ["a", "b", "c"], colours: ["#111", "#222", "#333"] }];
    const axis = new Axis(side({ labels: ["one", "two", "three"], edges: [0, 1, 2, 4], tree, attributes }), 3, true);
    expect(axis.labels).toEqual(["three", "two", "one"]);
    expect([axis.start(0), axis.start(1), axis.start(3)]).toEqual([0, 1.5, 3]);
    expect(axis.tree).toEqual([[2.5, 0, 1.5, 0, 1]]);
    expect(axis.attributes[0]!.words).toEqual(["c", "b", "a"]);
  });
});

/** Cells of two colours, and their picture. */
function drawn(columns: number, rows: number, place: (column: number, row: number) => number, value = (_: number, __: number) => 1, origin: Figure["origin"] = "upper") {
  const figure = { size: [columns, rows], origin } as Figure;
  const all = Array.from({ length: columns * rows }, (_, i) => [i % columns, Math.floor(i / columns)] as const);
  const cells = new Cells({ figure, places: Uint8Array.from(all, ([x, y]) => place(x, y)), numbers: Float64Array.from(all, ([x, y]) => value(x, y)) });
  const greys = Array.from({ length: 256 }, (_, i): Rgba => [i, i, i, 255]);
  const picture = new Picture(cells, greys, [0, 0, 0, 0]);
  const axes = [new Axis(side(), columns), new Axis(side(), rows)] as const;
  return (width: number, height: number, across = whole(columns), down = whole(rows)) => {
    const pixels = new Uint32Array(width * height);
    picture.draw(pixels, width, height, [axes[0], across], [axes[1], down]);
    return (x: number, y: number) => [pixels[y * width + x]! & 255, pixels[y * width + x]! >>> 24];
  };
}

describe("pixels", () => {
  it("are those of the cells that they are in, where cells are larger", () => {
    const at = drawn(7, 5, (x, y) => 10 * x + y)(70, 50);
    for (let y = 0; y < 50; y++) for (let x = 0; x < 70; x++) if (at(x, y)[0] !== 10 * Math.floor(x / 10) + Math.floor(y / 10)) expect.fail(`at ${x}, ${y}: ${at(x, y)}`);
  });

  it("are the means of all cells in them, where cells are smaller, however deep the levels", () => {
    // Where pixels cut through those of a level, what is next to them comes in: within 10 of 256.
    for (const [columns, rows, width, height, within] of [[512, 256, 32, 32, 2.5], [300, 300, 75, 75, 1.5], [500, 350, 166, 45, 10], [5, 900, 50, 20, 1], [768, 768, 12, 12, 2.5]] as const) {
      const place = (x: number, y: number) => (x * 31 + y * 17 + ((x * y) % 13) * 9) % 256;
      const at = drawn(columns, rows, place)(width, height);
      for (const [x, y] of [[0, 0], [width - 1, height - 1], [width >> 1, height >> 2]] as const) {
        const [[left, right], [top, bottom]] = [[x, columns, width], [y, rows, height]].map(([i, n, of]) => [(i! * n!) / of!, ((i! + 1) * n!) / of!]) as [[number, number], [number, number]];
        let [sum, area] = [0, 0];
        for (let j = Math.floor(top); j < bottom; j++) {
          for (let i = Math.floor(left); i < right; i++) {
            if (columns < width && i !== Math.floor((left + right) / 2)) continue;
            const share = Math.max(0, Math.min(i + 1, right) - Math.max(i, left)) * Math.max(0, Math.min(j + 1, bottom) - Math.max(j, top));
            sum += share * place(i, j);
            area += share;
          }
        }
        const [grey, opaque] = at(x, y);
        expect(opaque).toBe(255);
        expect(Math.abs(grey! - sum / area), `${columns} by ${rows} at ${x}, ${y}`).toBeLessThan(within);
      }
    }
  });

  it("drop no cell: one bright cell of many is seen", () => {
    const at = drawn(400, 400, (x, y) => (x === 201 && y === 203 ? 255 : 0))(50, 50);
    expect(at(25, 25)[0]).toBeGreaterThan(2);
  });

  it("are as clear as the share of cells without data", () => {
    const half = drawn(512, 512, () => 100, (x) => (x % 2 ? NaN : 1))(64, 64);
    expect(half(10, 10)[0]).toBe(100);
    expect(Math.abs(half(10, 10)[1]! - 127.5)).toBeLessThan(2);
    expect(drawn(2, 1, () => 7, (x) => (x ? NaN : 1))(4, 1)(3, 0)).toEqual([0, 0]);
  });

  it("of a first row that is below are below", () => {
    const at = drawn(1, 3, (_, y) => 50 * y, () => 1, "lower")(1, 3);
    expect([at(0, 0)[0], at(0, 1)[0], at(0, 2)[0]]).toEqual([100, 50, 0]);
  });

  it("have shares that add up to all of them", () => {
    const axis = new Axis(side({ edges: Array.from({ length: 1001 }, (_, i) => i * i) }), 1000);
    for (const level of [0, 1, 3]) {
      const { begin, shares } = shared(axis, { from: 13.7, length: 801 }, 97, level);
      for (let i = 0; i < 97; i++) expect(shares.slice(begin[i], begin[i + 1]).reduce((all, one) => all + one, 0)).toBeCloseTo(1, 4);
    }
    expect(crisp(axis, whole(1000), 500)).toBeUndefined();
  });
});

describe("texts", () => {
  it("of values read back as the same numbers, thousands as they are", () => {
    expect([1234567.5, 0.1 + 0.2, 1e21, -0, NaN].map(written)).toEqual(["1234567.5", "0.30000000000000004", "1e+21", "0", "no data"]);
    expect([1234567.5, 0.1 + 0.2, NaN].map(brief)).toEqual(["1235000", "0.3", ""]);
  });

  it("of tables are CSV", () => {
    expect(headOf("month", ['a "b"', "c,d", " e"])).toBe('month,"a ""b""","c,d"," e"\r\n');
    expect(lineOf("x\ny", [1, NaN, 0.5])).toBe('"x\ny",1,,0.5\r\n');
  });

  it("of files are plain", () => {
    expect(["Air passengers, 1949/60", "", "../", "東京 2024"].map(fileName)).toEqual(["air-passengers-1949-60", "figure", "figure", "東京-2024"]);
  });
});

describe("base64", () => {
  it("is read in parts that follow each other, and told where it has no room", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) % 256);
    const text = (from: number, to: number) => btoa(String.fromCharCode(...bytes.slice(from, to)));
    const read = new Uint8Array(100);
    let at = 0;
    for (const [from, to] of [[0, 33], [33, 34], [34, 36], [36, 100]] as const) at += unpack(text(from, to), read, at);
    expect(at).toBe(100);
    expect(read).toEqual(bytes);
    expect(unpack(text(0, 4), read, 98)).toBe(4);
    expect(read).toEqual(bytes);
  });
});

describe("colours", () => {
  it("are read with and without their opacity, and laid on a ground", () => {
    expect(rgbaOf("#0a14ff")).toEqual([10, 20, 255, 255]);
    expect(rgbaOf("#0a14ff80")).toEqual([10, 20, 255, 128]);
    expect(rgbaOf("#fff")).toEqual([255, 255, 255, 255]);
    expect(over([255, 0, 0, 51], [255, 255, 255, 255])).toEqual([255, 204, 204, 255]);
  });

  it("have letters on them whose contrast is 4.5 at least (WCAG 2.2, AA)", () => {
    for (let round = 0; round < 2000; round++) {
      const colour: Rgba = [Math.floor(256 * next()), Math.floor(256 * next()), Math.floor(256 * next()), 255];
      const light = luminance(colour) + 0.05;
      const contrast = inkOn(colour) === "#fff" ? 1.05 / light : light / 0.05;
      expect(contrast).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("a search", () => {
  const sides = [
    { side: "rows" as const, axis: new Axis(side({ labels: ["São Paulo", "Paul", "Paula", "Oslo"] }), 4) },
    { side: "columns" as const, axis: new Axis(side({ labels: ["paul", "1949"] }), 2) },
  ];
  const labels = (text: string) => matches(sides, text).map(({ label }) => label);

  it("finds what is called so first, then what begins so, then what has it in it, whatever the accents", () => {
    expect(labels("paul")).toEqual(["Paul", "paul", "Paula", "São Paulo"]);
    expect(labels("sao")).toEqual(["São Paulo"]);
    expect(labels(" ")).toEqual([]);
  });
});
