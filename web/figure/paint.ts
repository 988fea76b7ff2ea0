// Draws the heatmap as it is seen: onto the page, onto paper, into a picture that is saved.

import type { Axis } from "./axis";
import { inkOn, type Rgba } from "./colour";
import type { Cells, Picture } from "./cells";
import { Beside, middles } from "./beside";
import { widestOf } from "./labels";
import { FONT, type Box, type Layout, type SideLayout } from "./layout";
import { face, type Pen } from "./pen";
import { brief } from "./texts";
import type { Figure } from "./told";
import { pixelOf, type Span } from "./view";

export interface View {
  across: Span;
  down: Span;
}

/** All that is drawn. */
export interface Subject {
  figure: Figure;
  cells: Cells;
  rows: Axis;
  columns: Axis;
  picture: Picture;
  /** Of each of the 256 places on the scale, as it looks. */
  colours: Rgba[];
  hasGaps: boolean;
}

/** Cells that are smaller have no lines between them. */
const LINED = 4;

/** Letters in cells are at least this large. */
const LEGIBLE = 9;

export class Painter {
  constructor(private pen: Pen, private subject: Subject, private layout: Layout, private view: View) {}

  paint() {
    const { rows, columns } = this.layout;
    this.pen.context.clearRect(0, 0, this.layout.width, this.layout.height);
    this.paintCells();
    this.paintLines();
    this.paintTexts();
    this.pen.outline(this.layout.frame, this.pen.look.line);
    this.paintTree(this.subject.rows, rows, this.view.down, false);
    this.paintTree(this.subject.columns, columns, this.view.across, true);
    this.paintStrips(this.subject.rows, rows, this.view.down, false);
    this.paintStrips(this.subject.columns, columns, this.view.across, true);
    new Beside(this.pen, this.subject, this.layout, this.view).paint();
  }

  private paintCells() {
    const { frame } = this.layout;
    const [width, height] = [Math.round(frame.width * this.pen.fineness), Math.round(frame.height * this.pen.fineness)];
    if (this.subject.hasGaps && !this.subject.figure.missing) this.hatch(frame);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    const { picture, rows, columns } = this.subject;
    picture.draw(new Uint32Array(image.data.buffer), width, height, [columns, this.view.across], [rows, this.view.down]);
    context.putImageData(image, 0, 0);
    this.pen.context.drawImage(canvas, frame.x, frame.y, frame.width, frame.height);
  }

  /** Faint lines where there is no data. */
  private hatch({ x, y, width, height }: Box) {
    const { context } = this.pen;
    this.pen.inside({ x, y, width, height }, () => {
      context.beginPath();
      for (let at = -height; at < width; at += 6) {
        context.moveTo(x + at, y + height);
        context.lineTo(x + at + height, y);
      }
      context.strokeStyle = this.pen.look.line;
      context.lineWidth = 1;
      context.stroke();
    });
  }

  private paintLines() {
    const { lines } = this.subject.figure;
    const { frame } = this.layout;
    const { across, down } = this.view;
    const least = Math.min(frame.width / across.length, frame.height / down.length);
    if (!lines || lines.width <= 0 || least < Math.max(LINED, 2 * lines.width)) return;
    const { context } = this.pen;
    this.pen.inside(frame, () => {
      context.beginPath();
      for (const x of this.bounds(this.subject.columns, across, frame.x, frame.width)) context.moveTo(x, frame.y), context.lineTo(x, frame.y + frame.height);
      for (const y of this.bounds(this.subject.rows, down, frame.y, frame.height)) context.moveTo(frame.x, y), context.lineTo(frame.x + frame.width, y);
      context.strokeStyle = lines.colour;
      context.lineWidth = lines.width;
      context.stroke();
    });
  }

  /** Where cells begin, on whole pixels of the canvas, but for the first of all. */
  private bounds(axis: Axis, span: Span, begin: number, pixels: number): number[] {
    const found: number[] = [];
    const last = axis.at(span.from + span.length);
    for (let i = Math.max(1, axis.at(span.from)); i <= last; i++) {
      found.push(Math.round(pixelOf(axis.start(i), span, begin, pixels) * this.pen.fineness) / this.pen.fineness);
    }
    return found;
  }

  private paintTexts() {
    const { figure, cells } = this.subject;
    if (!figure.annotate) return;
    const seen = this.seen();
    const all = seen.length <= 4000 ? seen.map(({ column, row }) => cells.text(column, row) ?? brief(cells.value(column, row))) : [];
    const size = this.sizeOf(all);
    if (!size) return;
    const { context } = this.pen;
    context.font = face(size);
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.pen.inside(this.layout.frame, () => {
      seen.forEach(({ column, row, x, y }, i) => {
        const empty = Number.isNaN(cells.value(column, row)) && !figure.missing;
        context.fillStyle = empty ? this.pen.look.faint : inkOn(this.colourOf(column, row));
        context.fillText(all[i]!, x, y + 0.5);
      });
    });
  }

  private colourOf(column: number, row: number): Rgba {
    const { cells, colours } = this.subject;
    return colours[Number.isNaN(cells.value(column, row)) ? 256 : cells.place(column, row)]!;
  }

  /** How large letters are that fit into every cell; none where they would not be legible. */
  private sizeOf(texts: string[]): number | undefined {
    const { frame } = this.layout;
    const { rows, columns } = this.subject;
    const [width, height] = [
      (columns.narrowest() * frame.width) / this.view.across.length,
      (rows.narrowest() * frame.height) / this.view.down.length,
    ];
    if (!texts.length || height < LEGIBLE + 3 || width < LEGIBLE) return undefined;
    this.pen.context.font = face(FONT);
    const widest = Math.max(1, ...widestOf(texts, 100).map((text) => this.pen.context.measureText(text).width));
    const size = Math.min(14, (FONT * (width - 4)) / widest, height - 3);
    return size >= LEGIBLE ? Math.floor(size * 2) / 2 : undefined;
  }

  /** The cells whose middle is seen, and where that is; none where there are very many. */
  private seen(): { column: number; row: number; x: number; y: number }[] {
    const { frame } = this.layout;
    const columns = middles(this.subject.columns, this.view.across, frame.x, frame.width);
    const rows = middles(this.subject.rows, this.view.down, frame.y, frame.height);
    if (columns.length * rows.length > 4000) return [];
    return rows.flatMap(({ index: row, middle: y }) => columns.map(({ index: column, middle: x }) => ({ column, row, x, y })));
  }

  private paintTree(axis: Axis, { tree: box }: SideLayout, span: Span, above: boolean) {
    if (!axis.tree || !box) return;
    const { context } = this.pen;
    const highest = axis.tree.reduce((most, [, , , , h]) => Math.max(most, h), 0) || 1;
    const [begin, pixels, deep] = above ? [box.x, box.width, box.height] : [box.y, box.height, box.width];
    const along = (leaf: number) => pixelOf(axis.leaf(leaf), span, begin, pixels);
    const up = (height: number) => (1 - height / highest) * (deep - 1) + 0.5;
    const to = (first: boolean, leaf: number, height: number) => {
      const [x, y] = above ? [leaf, box.y + up(height)] : [box.x + up(height), leaf];
      if (first) context.moveTo(x, y);
      else context.lineTo(x, y);
    };
    this.pen.inside(box, () => {
      context.beginPath();
      for (const [x0, y0, x1, y1, h] of axis.tree!) {
        const [one, other] = [along(x0), along(x1)];
        if (Math.max(one, other) < begin || Math.min(one, other) > begin + pixels) continue;
        to(true, one, y0), to(false, one, h), to(false, other, h), to(false, other, y1);
      }
      context.strokeStyle = this.pen.look.faint;
      context.lineWidth = pixels / span.length < 3 ? 0.5 : 1; // Else many leaves would be one dark area.
      context.stroke();
    });
  }

  private paintStrips(axis: Axis, { strips }: SideLayout, span: Span, above: boolean) {
    const { context } = this.pen;
    strips.forEach((box, i) => {
      const { colours } = axis.attributes[i]!;
      const [begin, pixels] = above ? [box.x, box.width] : [box.y, box.height];
      const all = Math.round(pixels * this.pen.fineness);
      for (let pixel = 0, from = 0; pixel < all; pixel++) {
        const index = (at: number) => axis.at(span.from + ((at + 0.5) / all) * span.length);
        const colour = colours[index(pixel)];
        if (pixel + 1 < all && colours[index(pixel + 1)] === colour) continue;
        const [at, long] = [begin + from / this.pen.fineness, (pixel + 1 - from) / this.pen.fineness];
        from = pixel + 1;
        if (!colour) continue;
        context.fillStyle = colour;
        context.fillRect(above ? at : box.x, above ? box.y : at, above ? long : box.width, above ? box.height : long);
      }
    });
  }
}
