// Colours as numbers.

/** Red, green, blue and how opaque, each 0 to 255. */
export type Rgba = [number, number, number, number];

/** Reads `#rgb`, `#rrggbb` or `#rrggbbaa`. */
export function rgbaOf(hex: string): Rgba {
  const digits = hex.slice(1);
  const full = digits.length < 6 ? [...digits].map((digit) => digit + digit).join("") : digits;
  const part = (at: number) => parseInt(full.slice(at, at + 2), 16);
  return [part(0), part(2), part(4), full.length > 6 ? part(6) : 255];
}

/** A colour as it looks on a ground, which is opaque. */
export function over([r, g, b, a]: Rgba, ground: Rgba): Rgba {
  const mix = (one: number, below: number) => Math.round((one * a + below * (255 - a)) / 255);
  return [mix(r, ground[0]), mix(g, ground[1]), mix(b, ground[2]), 255];
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
export function luminance([r, g, b]: Rgba): number {
  const linear = (part: number) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Black or white, whichever is told better from a colour: the two contrasts are equal where (l + 0.05)² = 1.05 · 0.05. */
export const inkOn = (colour: Rgba): string => (luminance(colour) > Math.sqrt(1.05 * 0.05) - 0.05 ? "#000" : "#fff");

/** As the pixels of a canvas are kept, with the low byte first. */
export const packed = ([r, g, b, a]: Rgba): number => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

export const hexOf = ([r, g, b]: Rgba): string => `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
