// What lies on the heatmap while one looks at it: the cell that is pointed at, the one that the keys are at, a row or column
// that was found, a box that is drawn, and where the value is on the strip of colours.

import type { Axis } from "./axis";
import type { Box, Layout } from "./layout";
import type { Subject, View } from "./paint";
import type { Look } from "./pen";
import type { Cell } from "./readout";
import type { Match } from "./find";
import { pixelOf, type Span } from "./view";

export interface Marked {
  pointed: Cell | undefined;
  cursor: Cell | undefined;
  found: Pick<Match, "side" | "index"> | undefined;
  box: Box | undefined;
}

/** Where something from one index of an axis to the next is on the screen. */
export function alongOf(axis: Axis, index: number, span: Span, begin: number, pixels: number): [number, number] {
  return [pixelOf(axis.start(index), span, begin, pixels), pixelOf(axis.start(index + 1), span, begin, pixels)];
}

/** Where a cell is on the stage, also outside of what is seen. */
export function boxOf({ columns, rows }: Pick<Subject, "columns" | "rows">, { frame }: Layout, { across, down }: View, { column, row }: Cell): Box {
  const [left, right] = alongOf(columns, column, across, frame.x, frame.width);
  const [top, bottom] = alongOf(rows, row, down, frame.y, frame.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export class Marks {
  constructor(private context: CanvasRenderingContext2D, private subject: Subject) {}

  paint(layout: Layout, view: View, look: Look, marked: Marked) {
    const { context } = this;
    context.clearRect(0, 0, layout.width, layout.height);
    this.bars(layout, view, look);
    context.save();
    context.beginPath();
    context.rect(layout.frame.x - 2, layout.frame.y - 2, layout.frame.width + 4, layout.frame.height + 4);
    context.clip();
    if (marked.found) this.line(layout, view, look, marked.found);
    if (marked.pointed) this.cell(boxOf(this.subject, layout, view, marked.pointed), 1);
    if (marked.cursor) this.cross(layout, view, marked.cursor);
    if (marked.box) this.drawnBox(marked.box, look);
    context.restore();
    const told = marked.pointed ?? marked.cursor;
    if (told) this.onStrip(layout, look, told);
  }

  /** White around black, which are seen on all colours. */
  private cell({ x, y, width, height }: Box, out: number) {
    const { context } = this;
    // A cell of less than some pixels would not be seen.
    const more = (length: number) => Math.max(0, (6 - length) / 2) + out;
    const [side, over] = [more(width), more(height)];
    for (const [colour, thick] of [["#fff", 4], ["#000", 2]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.strokeRect(x - side + 0.5, y - over + 0.5, width + 2 * side - 1, height + 2 * over - 1);
    }
  }

  private cross({ frame, ...layout }: Layout, view: View, cursor: Cell) {
    const box = boxOf(this.subject, { frame, ...layout }, view, cursor);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const { context } = this;
    for (const [colour, thick] of [["#fff", 3], ["#000", 1]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.setLineDash([5, 3]);
      context.beginPath();
      for (const [from, to] of [[frame.x, box.x - 3], [box.x + box.width + 3, frame.x + frame.width]] as const) if (to > from) context.moveTo(from, y), context.lineTo(to, y);
      for (const [from, to] of [[frame.y, box.y - 3], [box.y + box.height + 3, frame.y + frame.height]] as const) if (to > from) context.moveTo(x, from), context.lineTo(x, to);
      context.stroke();
    }
    context.setLineDash([]);
    this.cell(box, 1);
  }

  private line({ frame }: Layout, { across, down }: View, look: Look, { side, index }: NonNullable<Marked["found"]>) {
    const [from, to] = side === "rows"
      ? alongOf(this.subject.rows, index, down, frame.y, frame.height)
      : alongOf(this.subject.columns, index, across, frame.x, frame.width);
    const { context } = this;
    const box = side === "rows" ? [frame.x, from, frame.width, to - from] as const : [from, frame.y, to - from, frame.height] as const;
    for (const [colour, thick] of [[look.ground, 5], [look.accent, 2.5]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.strokeRect(...box);
    }
  }

  private drawnBox({ x, y, width, height }: Box, look: Look) {
    const { context } = this;
    context.fillStyle = "#8884";
    context.fillRect(x, y, width, height);
    context.strokeStyle = look.accent;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
  }

  /** Which part is seen, where not all is. */
  private bars({ frame }: Layout, { across, down }: View, look: Look) {
    const { context } = this;
    context.fillStyle = look.faint;
    const { columns, rows } = this.subject;
    const right = frame.x + frame.width + 2;
    const below = frame.y + frame.height + 2;
    if (across.length < columns.count * 0.9999) {
      context.fillRect(frame.x + (across.from / columns.count) * frame.width, below, Math.max(8, (across.length / columns.count) * frame.width), 2);
    }
    if (down.length < rows.count * 0.9999) {
      context.fillRect(right, frame.y + (down.from / rows.count) * frame.height, 2, Math.max(8, (down.length / rows.count) * frame.height));
    }
  }

  private onStrip({ bar }: Layout, look: Look, { column, row }: Cell) {
    if (!bar || Number.isNaN(this.subject.cells.value(column, row))) return;
    const share = (this.subject.cells.place(column, row) + 0.5) / 256;
    const { strip, lying } = bar;
    const at = lying ? strip.x + share * strip.width : strip.y + (1 - share) * strip.height;
    const { context } = this;
    context.fillStyle = look.ink;
    context.beginPath();
    if (lying) context.moveTo(at, strip.y + 1), context.lineTo(at - 5, strip.y - 7), context.lineTo(at + 5, strip.y - 7);
    else context.moveTo(strip.x + 1, at), context.lineTo(strip.x - 8, at - 5), context.lineTo(strip.x - 8, at + 5);
    context.fill();
    context.strokeStyle = look.ink;
    context.lineWidth = 1;
    context.strokeRect(lying ? at - 1.5 : strip.x, lying ? strip.y : at - 1.5, lying ? 3 : strip.width, lying ? strip.height : 3);
  }
}
