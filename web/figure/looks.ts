// The colours of the page, and those of the cells on it.

import { Picture } from "./cells";
import { over, rgbaOf, type Rgba } from "./colour";
import type { Subject } from "./paint";
import type { Look } from "./pen";

/** As the style of the page has them now. */
export function lookNow(): Look {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { ink: of("ink"), faint: of("faint"), ground: of("ground"), line: of("line"), accent: of("accent") };
}

/** Makes the picture of the cells anew where they look otherwise: clear colours let the ground of the page through. */
export function recolour(subject: Subject, { ground }: Look) {
  const { colours, missing } = subject.figure;
  const below = rgbaOf(ground);
  const looks = colours.map((colour) => over(rgbaOf(colour), below));
  const gap: Rgba = missing ? over(rgbaOf(missing), below) : [0, 0, 0, 0];
  const all = [...looks, gap];
  if (String(all) === String(subject.colours)) return;
  subject.colours = all;
  subject.picture = new Picture(subject.cells, looks, gap);
}
