// The part of an axis that is seen, and where that is on the screen.

/** From where, and how much of it: places on an axis. */
export interface Span {
  from: number;
  length: number;
}

export const whole = (total: number): Span => ({ from: 0, length: total });

/** Closer by a factor, or farther by one below 1, with what is at a place staying where it is; never beyond the whole. */
export function zoomed(span: Span, total: number, least: number, factor: number, at: number): Span {
  const length = Math.min(total, Math.max(Math.min(least, span.length), span.length / factor));
  return kept({ from: at - ((at - span.from) * length) / span.length, length }, total);
}

export const moved = (span: Span, total: number, by: number): Span => kept({ ...span, from: span.from + by }, total);

/** The part between two places, as it may be seen. */
export function between(one: number, other: number, total: number, least: number): Span {
  const length = Math.min(total, Math.max(least, Math.abs(other - one)));
  return kept({ from: (one + other) / 2 - length / 2, length }, total);
}

/** Moved no more than it takes to see all that lies between two places, and as much around it. */
export function revealing(span: Span, total: number, from: number, to: number): Span {
  if (to - from >= span.length) return kept({ ...span, from: (from + to) / 2 - span.length / 2 }, total);
  return kept({ ...span, from: Math.max(to - span.length, Math.min(from, span.from)) }, total);
}

function kept({ from, length }: Span, total: number): Span {
  return { from: Math.max(0, Math.min(total - length, from)), length };
}

/** From a place to a pixel of a line of pixels, and back. */
export const pixelOf = (place: number, span: Span, begin: number, pixels: number): number => begin + ((place - span.from) / span.length) * pixels;

export const placeOf = (pixel: number, span: Span, begin: number, pixels: number): number => span.from + ((pixel - begin) / pixels) * span.length;
