// The text of a style, as torrid writes it: `gaussian:250m log,robust magma 0.8`, or `none linear gray` for plain bins.
// Only text: what a norm or a colormap means is the server's to say.

/** A style in its parts; `print(parse(text))` is the text. */
export interface Style {
  kernel: string;
  /** `250m`, `2km`, `12px`, `auto`, a rule such as `knn:15`, or `none` for plain bins. */
  bandwidth: string;
  norm: string;
  /** `robust`, `vmin=…`, `vmax=…`, as they were written. */
  limits: string[];
  colours: string;
  /** 0 to 1. */
  opacity: number;
}

export function parse(text: string): Style {
  const [first = "", scale = "", colours = "", opacity = "1"] = text.trim().split(/\s+/);
  const colon = first.indexOf(":");
  const [norm = "", ...limits] = scale.split(",");
  return {
    kernel: colon < 0 ? "gaussian" : first.slice(0, colon),
    bandwidth: first.slice(colon + 1),
    norm,
    limits,
    colours,
    opacity: Number(opacity),
  };
}

export function print({ kernel, bandwidth, norm, limits, colours, opacity }: Style): string {
  const shape = bandwidth === "none" ? "none" : `${kernel}:${bandwidth}`;
  const words = [shape, [norm, ...limits].join(","), colours];
  if (opacity < 1) words.push(String(opacity));
  return words.join(" ");
}

/** Norms that know no limits, because they go by rank. */
export const byRank = (norm: string) => norm === "quantile" || norm === "eq_hist";

/** Limits that hold the colours where they are: those of the values now shown. A logarithm has no place for 0. */
export function heldLimits(norm: string, [least, most]: [number, number]): string[] {
  const vmin = norm === "log" && least <= 0 ? [] : [`vmin=${tidy(least)}`];
  return [...vmin, `vmax=${tidy(most)}`];
}

export const isHeld = (limits: string[]) => limits.some((limit) => limit.startsWith("vmax="));

/** `250m` → 250, `2km` → 2000; undefined for what is no length on the ground. */
export function metres(bandwidth: string): number | undefined {
  const [, number, unit] = /^([\d.]+)(k?m)$/.exec(bandwidth) ?? [];
  return number === undefined ? undefined : Number(number) * (unit === "km" ? 1000 : 1);
}

/** 250 → `250m`, 2000 → `2km`: the text of a bandwidth. */
export const inMetres = (length: number) =>
  length < 1000 ? `${tidy(length)}m` : `${tidy(length / 1000)}km`;

/** `894.1528911m` → `894m`: three digits are enough for people, and for an address. */
export const brief = (text: string) => text.replace(/\d+\.\d+/g, (number) => String(Number(Number(number).toPrecision(3))));

/** `250m` → `250 m`, for people. */
export const spoken = (bandwidth: string) => brief(bandwidth).replace(/^([\d.]+)(k?m|px)$/, "$1 $2");

/** Round lengths from one to another, in steps that look even on a logarithmic slider. */
export function roundLengths(from: number, to: number): number[] {
  const steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  const decades = Array.from({ length: 12 }, (_, power) => 10 ** (power - 3));
  const all = decades.flatMap((decade) => steps.map((step) => tidy(step * decade)));
  return all.filter((length) => length >= from && length <= to);
}

/** The place of the length nearest to this one, by their ratio. */
export function nearest(lengths: number[], length: number): number {
  const far = lengths.map((other) => Math.abs(Math.log(other / length)));
  return far.indexOf(Math.min(...far));
}

const tidy = (number: number) => Number(number.toPrecision(6));
