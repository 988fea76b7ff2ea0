// Which labels are drawn, and how much of each: never two on each other.

/** A label along an axis: where its middle is, and how long it is there, in pixels. */
export interface Placed {
  index: number;
  middle: number;
  length: number;
}

/** The smallest of 1, 2, 5, 10, 20, 50 and so on with which labels of a length have room where each has `each` pixels. */
export function stepFor(length: number, each: number): number {
  for (let ten = 1; ; ten *= 10) {
    for (const step of [ten, 2 * ten, 5 * ten]) if (step * each >= length) return step;
  }
}

/** Those that leave a gap to the one before. */
export function apart(placed: Placed[], gap: number): Placed[] {
  let end = -Infinity;
  return placed.filter(({ middle, length }) => {
    const has = middle - length / 2 >= end + gap;
    if (has) end = middle + length / 2;
    return has;
  });
}

/** Moved inside of what there is. */
export function inside(placed: Placed, from: number, to: number): Placed {
  const half = placed.length / 2;
  return { ...placed, middle: Math.max(from + half, Math.min(to - half, placed.middle)) };
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** As much of a text as fits into a width, with an ellipsis where that is not all. */
export function shortened(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const all = [...letters.segment(text.slice(0, 500))].map(({ segment }) => segment);
  const first = (count: number) => `${all.slice(0, count).join("").trimEnd()}…`;
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(first(middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return first(low);
}

/** Whether a text is written from right to left: whether its first letter is, as in Hebrew and Arabic. */
export const isLeftward = (text: string): boolean => /^\P{L}*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u.test(text);

/** The texts that may be the widest, letters of the East counting twice: measuring all of many takes too long. */
export function widestOf(texts: string[], most = 400): string[] {
  const unlike = [...new Set(texts)];
  if (unlike.length <= most) return unlike;
  const guess = (text: string) => text.length + (text.match(/[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uff60]/g)?.length ?? 0);
  return unlike.map((text) => ({ text, long: guess(text) })).sort((a, b) => b.long - a.long).slice(0, most).map(({ text }) => text);
}
