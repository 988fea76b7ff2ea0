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

type Measure = (text: string) => number;

/** Puts everything onto the stage. */
export function laidOut(figure: Figure, rows: Axis, columns: Axis, stage: Stage, measure: Measure): Layout {
  const { width, height } = stage;
  const taken = takenBy(figure, rows, columns, stage, measure);
  const frame = placed(taken, stage);
  const needed = (text: string) => measure(text) * 1.1 + 4; // Titles are bold.
  const below = frame.y + frame.height;
  const bar = figure.scale && (taken.barHeight ? lyingBar(figure, frame, below + taken.bottom - taken.barHeight, width) : standingBar(figure, frame, taken, height));
  const lowest = bar && !bar.lying ? bar.strip.y + bar.strip.height + LINE / 2 : 0;
  return {
    width,
    height: Math.ceil(Math.max(below + taken.bottom, lowest) + MARGIN),
    frame,
    rows: besideRows(taken, frame, needed(rows.title)),
    columns: besideColumns(taken, frame, needed(columns.title), width),
    bar,
  };
}

/** What everything takes across or down, beside the cells and of them. */
interface Taken {
  frame: Box;
  left: number;
  right: number;
  top: number;
  bottom: number;
  rowLabels: number;
  rowTitle: number;
  rowTree: number;
  rowStrips: number[];
  /** Whether labels of rows are right of the cells. */
  after: boolean;
  columnLabels: number;
  columnTitle: number;
  columnTree: number;
  columnStrips: number[];
  upright: boolean;
  barWidth: number;
  barHeight: number;
}

function takenBy(figure: Figure, rows: Axis, columns: Axis, { width, height }: Stage, measure: Measure): Taken {
  const room = new Room(width, height, measure);
  const lying = width < 600;
  const widest = (axis: Axis) => Math.ceil(Math.max(10, ...widestOf(axis.labels).map(measure)));
  const beside = (strips: number[]) => sum(strips) + (strips.length ? BESIDE : 0);
  const strips = (axis: Axis) => axis.attributes.map(() => STRIP);
  const after = Boolean(rows.tree || rows.attributes.length);
  const [rowTree, columnTree] = [room.tree(rows.tree, width), room.tree(columns.tree, height)];
  const [rowStrips, columnStrips] = [strips(rows), strips(columns)];
  const rowLabels = Math.min(widest(rows), 240, width * 0.3);
  const [rowTitle, columnTitle] = [rows.title ? LINE + 2 : 0, columns.title ? LINE + 4 : 0];
  const barWidth = figure.scale && !lying ? room.barWidth(figure) : 0;
  const barHeight = figure.scale && lying ? BAR + LINE + 10 + (figure.name ? LINE : 0) + 8 : 0;
  const named = rowLabels + GAP + rowTitle;
  const left = after ? beside(rowStrips) + rowTree : named;
  const right = (after ? named : lastHalf(columns, measure)) + barWidth;
  const top = columnTree + beside(columnStrips);
  const bottom = (labels: number) => GAP + labels + columnTitle + barHeight;
  const frame = (labels: number) => framed(figure, width - 2 * MARGIN - left - right, height - 2 * MARGIN - top - bottom(labels));
  const longest = widest(columns);
  const upright = isUpright(frame(LINE).width / columns.count, longest);
  const columnLabels = upright ? Math.min(longest, Math.max(56, height * 0.24)) : LINE;
  const rest = { rowLabels, rowTitle, rowTree, rowStrips, after, columnLabels, columnTitle, columnTree, columnStrips, upright, barWidth, barHeight };
  return { frame: frame(columnLabels), left, right, top, bottom: bottom(columnLabels), ...rest };
}

/** The cells, in the middle of the stage, on whole pixels, so that they are crisp. */
function placed({ frame, left, right, top }: Taken, { width, fineness }: Stage): Box {
  const snapped = (length: number) => Math.round(length * fineness) / fineness;
  return {
    x: snapped(left + (width - left - right - frame.width) / 2),
    y: snapped(MARGIN + top + 2),
    width: snapped(frame.width),
    height: snapped(frame.height),
  };
}

function besideRows(taken: Taken, { x, y, width, height }: Box, needed: number): SideLayout {
  const { after, rowLabels, rowTitle, rowTree, rowStrips, left, bottom } = taken;
  const labels = after ? x + width + GAP : x - GAP - rowLabels;
  const high = Math.max(height, Math.min(needed, y + height + bottom));
  return {
    labels: { x: labels, y, width: rowLabels, height },
    after,
    upright: false,
    title: rowTitle ? { x: after ? labels + rowLabels + 2 : labels - rowTitle, y: Math.max(2, y + (height - high) / 2), width: LINE, height: high } : null,
    tree: rowTree ? { x: x - left, y, width: rowTree - 4, height } : null,
    strips: stacked(rowStrips, x).map((at) => ({ x: at, y, width: STRIP - 2, height })),
  };
}

function besideColumns(taken: Taken, { x, y, width, height }: Box, needed: number, all: number): SideLayout {
  const { upright, columnLabels, columnTitle, columnTree, columnStrips, top } = taken;
  const labels = y + height + GAP;
  const wide = Math.max(width, Math.min(needed, all - 8));
  const title = { x: Math.max(4, Math.min(all - 4 - wide, x + (width - wide) / 2)), y: labels + columnLabels + 4, width: wide, height: LINE };
  return {
    labels: { x, y: labels, width, height: columnLabels },
    after: true,
    upright,
    title: columnTitle ? title : null,
    tree: columnTree ? { x, y: y - top, width, height: columnTree - 4 } : null,
    strips: stacked(columnStrips, y).map((at) => ({ x, y: at, width, height: STRIP - 2 })),
  };
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

function standingBar(figure: Figure, frame: Box, { right, barWidth: width }: Taken, height: number): BarLayout {
  const at = frame.x + frame.width + right - width;
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
