// Where everything is on the canvas, in CSS pixels, while the whole heatmap is seen; it stays there while one zooms.

import type { Axis } from "./axis";
import { widestOf } from "./labels";
import type { Figure } from "./told";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  /** What is needed of the canvas: it may be less high than what there was. */
  width: number;
  height: number;
  /** Where the cells are. */
  frame: Box;
  rows: SideLayout;
  columns: SideLayout;
  bar: BarLayout | null;
}

/** What is beside the rows, or above and below the columns; as far from the frame as it is long. */
export interface SideLayout {
  /** Labels and title; of rows, `after` is right of the frame. */
  labels: Box;
  after: boolean;
  /** Whether labels of columns are written upwards where they have no room beside each other. */
  upright: boolean;
  title: Box | null;
  tree: Box | null;
  /** One for each attribute. */
  strips: Box[];
}

export interface BarLayout {
  strip: Box;
  /** Whether it lies below the cells, with the least at the left; else it stands beside them, with the least below. */
  lying: boolean;
  /** Where its name is. */
  name: Box;
}

export const FONT = 12;
/** What a line of text takes. */
export const LINE = 16;
const GAP = 6;
const STRIP = 14;
/** What is left between the strips of attributes and the cells. */
export const BESIDE = 7;
const MARGIN = 8;
/** What the colour bar takes across. */
const BAR = 14;
/** A cell is no larger than this while the whole is seen. */
const LARGEST = { width: 150, height: 110 };
/** A frame is no smaller than this. */
const SMALLEST = 28;
/** Labels of columns this long are rather left out than written upwards. */
const SHORT = 56;
const ROOMY = 100;

/** What there is on the stage; `fineness` is how many pixels of the canvas a CSS pixel has. */
export interface Stage {
  width: number;
  height: number;
  fineness: number;
}

/** Puts everything onto the stage. */
export function laidOut(figure: Figure, rows: Axis, columns: Axis, { width, height, fineness }: Stage, measure: (text: string) => number): Layout {
  const room = new Room(width, height, measure);
  // On whole pixels, so that cells are crisp.
  const snapped = (length: number) => Math.round(length * fineness) / fineness;
  const lying = width < 600;
  const widest = (axis: Axis) => Math.ceil(Math.max(10, ...widestOf(axis.labels).map(measure)));
  const after = Boolean(rows.tree || rows.attributes.length);
  const rowLabels = Math.min(widest(rows), 240, width * 0.3);
  const place = { tree: room.tree(rows.tree, width), strips: rows.attributes.map(() => STRIP) };
  const title = rows.title ? LINE + 2 : 0;
  const beside = (strips: number[]) => sum(strips) + (strips.length ? BESIDE : 0);
  const left = after ? beside(place.strips) + place.tree : rowLabels + GAP + title;
  const barWidth = figure.scale && !lying ? room.barWidth(figure) : 0;
  const right = (after ? rowLabels + GAP + title : lastHalf(columns, measure)) + barWidth;
  const above = { tree: room.tree(columns.tree, height), strips: columns.attributes.map(() => STRIP) };
  const top = above.tree + beside(above.strips);
  const columnTitle = columns.title ? LINE + 4 : 0;
  const barHeight = figure.scale && lying ? BAR + LINE + 10 + (figure.name ? LINE : 0) + 8 : 0;
  const framedOver = (labels: number) => framed(figure, width - 2 * MARGIN - left - right, height - 2 * MARGIN - top - GAP - labels - columnTitle - barHeight);
  const longest = widest(columns);
  const upright = isUpright(framedOver(LINE).width / columns.count, longest);
  const columnLabels = upright ? Math.min(longest, Math.max(56, height * 0.24)) : LINE;
  const bottom = GAP + columnLabels + columnTitle + barHeight;
  const frame = framedOver(columnLabels);
  frame.x = snapped(left + (width - left - right - frame.width) / 2);
  frame.y = snapped(MARGIN + top + 2);
  [frame.width, frame.height] = [snapped(frame.width), snapped(frame.height)];

  const end = frame.x + frame.width;
  const labelsAt = after ? end + GAP : frame.x - GAP - rowLabels;
  const needed = (text: string) => measure(text) * 1.1 + 4; // Titles are bold.
  const high = Math.max(frame.height, Math.min(needed(rows.title), frame.y + frame.height + bottom));
  const wide = Math.max(frame.width, Math.min(needed(columns.title), width - 8));
  const side: SideLayout = {
    labels: { x: labelsAt, y: frame.y, width: rowLabels, height: frame.height },
    after,
    upright: false,
    title: title ? { x: after ? labelsAt + rowLabels + 2 : labelsAt - title, y: Math.max(2, frame.y + (frame.height - high) / 2), width: LINE, height: high } : null,
    tree: place.tree ? { x: frame.x - left, y: frame.y, width: place.tree - 4, height: frame.height } : null,
    strips: stacked(place.strips, frame.x).map((x) => ({ x, y: frame.y, width: STRIP - 2, height: frame.height })),
  };
  const below = frame.y + frame.height;
  const over: SideLayout = {
    labels: { x: frame.x, y: below + GAP, width: frame.width, height: columnLabels },
    after: true,
    upright,
    title: columnTitle
      ? { x: Math.max(4, Math.min(width - 4 - wide, frame.x + (frame.width - wide) / 2)), y: below + GAP + columnLabels + 4, width: wide, height: LINE } : null,
    tree: above.tree ? { x: frame.x, y: frame.y - top, width: frame.width, height: above.tree - 4 } : null,
    strips: stacked(above.strips, frame.y).map((y) => ({ x: frame.x, y, width: frame.width, height: STRIP - 2 })),
  };
  const barAt = end + right - barWidth;
  const bar = figure.scale ? (lying ? lyingBar(figure, frame, below + bottom - barHeight, width) : standingBar(figure, frame, barAt, barWidth, height)) : null;
  const lowest = bar && !lying ? bar.strip.y + bar.strip.height + LINE / 2 : 0;
  return { width, height: Math.ceil(Math.max(below + bottom, lowest) + MARGIN), frame, rows: side, columns: over, bar };
}

const sum = (list: number[]) => list.reduce((all, one) => all + one, 0);

/** Half of the last label reaches beyond the frame, where it has room beside the others. */
const lastHalf = (axis: Axis, measure: (text: string) => number) => Math.min(24, measure(axis.label(axis.count - 1)) / 2);

/** Labels are upright where not all have room beside each other but all have above each other, or where they are long. */
function isUpright(cell: number, longest: number): boolean {
  if (longest + 8 <= cell || cell >= ROOMY) return false;
  return cell >= LINE - 2 || longest > SHORT;
}

/** As large as cells may be. */
function framed({ size: [columns, rows], square }: Figure, width: number, height: number): Box {
  const side = Math.min(width / columns, height / rows, LARGEST.width);
  const wide = square ? side * columns : Math.min(width, LARGEST.width * columns);
  const high = square ? side * rows : Math.min(height, LARGEST.height * rows);
  const full = (length: number) => Math.max(SMALLEST, Math.floor(length));
  return { x: 0, y: 0, width: full(wide), height: full(high) };
}

/** Strips beside each other, the last of them next to the frame. */
function stacked(widths: number[], frame: number): number[] {
  let at = frame - sum(widths) - BESIDE + 2;
  return widths.map((width) => (at += width) - width);
}

function standingBar(figure: Figure, frame: Box, at: number, width: number, height: number): BarLayout {
  const high = Math.min(Math.max(frame.height, 150), 360, Math.max(60, height - frame.y - 16));
  const y = frame.y + Math.max(0, Math.round((frame.height - high) / 2));
  const named = figure.name ? LINE : 0;
  return {
    strip: { x: at + 22, y, width: BAR, height: high },
    lying: false,
    name: { x: at + width - named, y, width: named, height: high },
  };
}

function lyingBar(figure: Figure, frame: Box, y: number, width: number): BarLayout {
  const wide = Math.min(width - 48, Math.max(frame.width, 240));
  const x = Math.max(24, Math.min(frame.x + (frame.width - wide) / 2, width - 24 - wide));
  const named = figure.name ? LINE : 0;
  const middle = x + wide / 2;
  const half = Math.min(middle, width - middle) - 8;
  return { strip: { x, y: y + named + 12, width: wide, height: BAR }, lying: true, name: { x: middle - half, y: y + 8, width: 2 * half, height: named } };
}

class Room {
  constructor(private width: number, private height: number, private measure: (text: string) => number) {}

  /** What a dendrogram takes. */
  tree(tree: Axis["tree"], of: number): number {
    const most = Math.min(this.width, this.height) < 500 ? 44 : 96;
    return tree ? Math.round(Math.max(30, Math.min(most, of * 0.13))) : 0;
  }

  /** A gap, the strip, its ticks, its name. */
  barWidth({ scale, name }: Figure): number {
    const ticks = scale!.ticks.map(([, text]) => this.measure(text));
    return Math.ceil(22 + BAR + 8 + Math.min(110, Math.max(0, ...ticks)) + (name ? LINE + 4 : 0));
  }
}
