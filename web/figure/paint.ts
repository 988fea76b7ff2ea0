// Draws the heatmap as it is seen: onto the page, onto paper, into a picture that is saved.

import type { Axis } from "./axis";
import { inkOn, type Rgba } from "./colour";
import type { Cells, Picture } from "./cells";
import { apart, inside, isLeftward, shortened, stepFor, widestOf, type Placed } from "./labels";
import { BESIDE, FONT, LINE, type Box, type Layout, type SideLayout } from "./layout";
import { brief } from "./texts";
import type { Figure } from "./told";
import { pixelOf, type Span } from "./view";

export interface View {
  across: Span;
  down: Span;
}

/** The colours of the page. */
export interface Look {
  ink: string;
  faint: string;
  ground: string;
  line: string;
  accent: string;
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

/** A text that was drawn, and the whole of it. */
export interface Drawn extends Box {
  kind: "row" | "column" | "tick" | "title";
  text: string;
  whole: string;
  /** Of which row or column. */
  index?: number;
}

type Named = Pick<Drawn, "kind" | "text" | "whole" | "index">;

export const face = (size = FONT, weight = 400) => `${weight} ${size}px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif`;

/** Cells that are smaller have no lines between them. */
const LINED = 4;

/** Letters in cells are at least this large. */
const LEGIBLE = 9;

export class Painter {
  readonly drawn: Drawn[] = [];

  /** `fineness`: pixels of the canvas for a CSS pixel. */
  constructor(private context: CanvasRenderingContext2D, private subject: Subject, private layout: Layout, private view: View, private look: Look, private fineness: number) {}

  paint() {
    const { rows, columns } = this.layout;
    this.context.clearRect(0, 0, this.layout.width, this.layout.height);
    this.paintCells();
    this.paintLines();
    this.paintTexts();
    this.outline(this.layout.frame, this.look.line);
    this.paintTree(this.subject.rows, rows, this.view.down, false);
    this.paintTree(this.subject.columns, columns, this.view.across, true);
    this.paintStrips(this.subject.rows, rows, this.view.down, false);
    this.paintStrips(this.subject.columns, columns, this.view.across, true);
    this.paintRowLabels();
    this.paintColumnLabels();
    this.paintTitles();
    this.paintBar();
  }

  // The cells

  private paintCells() {
    const { frame } = this.layout;
    const [width, height] = [Math.round(frame.width * this.fineness), Math.round(frame.height * this.fineness)];
    if (this.subject.hasGaps && !this.subject.figure.missing) this.hatch(frame);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    const { picture, rows, columns } = this.subject;
    picture.draw(new Uint32Array(image.data.buffer), width, height, [columns, this.view.across], [rows, this.view.down]);
    context.putImageData(image, 0, 0);
    this.context.drawImage(canvas, frame.x, frame.y, frame.width, frame.height);
  }

  /** Faint lines where there is no data. */
  private hatch({ x, y, width, height }: Box) {
    const { context } = this;
    this.inside({ x, y, width, height }, () => {
      context.beginPath();
      for (let at = -height; at < width; at += 6) {
        context.moveTo(x + at, y + height);
        context.lineTo(x + at + height, y);
      }
      context.strokeStyle = this.look.line;
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
    const { context } = this;
    this.inside(frame, () => {
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
      found.push(Math.round(pixelOf(axis.start(i), span, begin, pixels) * this.fineness) / this.fineness);
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
    const { context } = this;
    context.font = face(size);
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.inside(this.layout.frame, () => {
      seen.forEach(({ column, row, x, y }, i) => {
        const empty = Number.isNaN(cells.value(column, row)) && !figure.missing;
        context.fillStyle = empty ? this.look.faint : inkOn(this.colourOf(column, row));
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
    this.context.font = face(FONT);
    const widest = Math.max(1, ...widestOf(texts, 100).map((text) => this.context.measureText(text).width));
    const size = Math.min(14, (FONT * (width - 4)) / widest, height - 3);
    return size >= LEGIBLE ? Math.floor(size * 2) / 2 : undefined;
  }

  /** The cells whose middle is seen, and where that is; none where there are very many. */
  private seen(): { column: number; row: number; x: number; y: number }[] {
    const { frame } = this.layout;
    const columns = this.middles(this.subject.columns, this.view.across, frame.x, frame.width);
    const rows = this.middles(this.subject.rows, this.view.down, frame.y, frame.height);
    if (columns.length * rows.length > 4000) return [];
    return rows.flatMap(({ index: row, middle: y }) => columns.map(({ index: column, middle: x }) => ({ column, row, x, y })));
  }

  // Beside the cells

  private middles(axis: Axis, span: Span, begin: number, pixels: number, step = 1): Placed[] {
    const found: Placed[] = [];
    const [first, last] = [axis.at(span.from), axis.at(span.from + span.length)];
    for (let index = Math.ceil(first / step) * step; index <= last; index += step) {
      const middle = pixelOf(axis.middle(index), span, begin, pixels);
      if (middle >= begin && middle <= begin + pixels) found.push({ index, middle, length: 0 });
    }
    return found;
  }

  private paintTree(axis: Axis, { tree: box }: SideLayout, span: Span, above: boolean) {
    if (!axis.tree || !box) return;
    const { context } = this;
    const highest = axis.tree.reduce((most, [, , , , h]) => Math.max(most, h), 0) || 1;
    const [begin, pixels, deep] = above ? [box.x, box.width, box.height] : [box.y, box.height, box.width];
    const along = (leaf: number) => pixelOf(axis.leaf(leaf), span, begin, pixels);
    const up = (height: number) => (1 - height / highest) * (deep - 1) + 0.5;
    const to = (first: boolean, leaf: number, height: number) => {
      const [x, y] = above ? [leaf, box.y + up(height)] : [box.x + up(height), leaf];
      if (first) context.moveTo(x, y);
      else context.lineTo(x, y);
    };
    this.inside(box, () => {
      context.beginPath();
      for (const [x0, y0, x1, y1, h] of axis.tree!) {
        const [one, other] = [along(x0), along(x1)];
        if (Math.max(one, other) < begin || Math.min(one, other) > begin + pixels) continue;
        to(true, one, y0), to(false, one, h), to(false, other, h), to(false, other, y1);
      }
      context.strokeStyle = this.look.faint;
      context.lineWidth = 1;
      context.stroke();
    });
  }

  private paintStrips(axis: Axis, { strips }: SideLayout, span: Span, above: boolean) {
    const { context } = this;
    strips.forEach((box, i) => {
      const { colours } = axis.attributes[i]!;
      const [begin, pixels] = above ? [box.x, box.width] : [box.y, box.height];
      const all = Math.round(pixels * this.fineness);
      for (let pixel = 0, from = 0; pixel < all; pixel++) {
        const index = (at: number) => axis.at(span.from + ((at + 0.5) / all) * span.length);
        const colour = colours[index(pixel)];
        if (pixel + 1 < all && colours[index(pixel + 1)] === colour) continue;
        const [at, long] = [begin + from / this.fineness, (pixel + 1 - from) / this.fineness];
        from = pixel + 1;
        if (!colour) continue;
        context.fillStyle = colour;
        context.fillRect(above ? at : box.x, above ? box.y : at, above ? long : box.width, above ? box.height : long);
      }
    });
  }

  private paintRowLabels() {
    const { labels, after } = this.layout.rows;
    const axis = this.subject.rows;
    const each = labels.height / this.view.down.length;
    const step = stepFor(LINE - 2, each);
    const placed = this.middles(axis, this.view.down, labels.y, labels.height, step).map((one) => ({ ...one, length: LINE - 2 }));
    this.font();
    const measure = (text: string) => this.context.measureText(text).width;
    const least = labels.y - this.beyond(this.layout.columns);
    for (const { index, middle } of apart(placed.map((one) => inside(one, least, labels.y + labels.height + 7)), 0)) {
      const text = shortened(axis.label(index), labels.width, measure);
      this.text({ kind: "row", text, whole: axis.label(index), index }, after ? labels.x : labels.x + labels.width, middle, after ? "left" : "right");
      if (step > 1) this.tick(after ? labels.x - 4 : labels.x + labels.width + 2, middle, 3, 0);
    }
  }

  private paintColumnLabels() {
    const { labels, upright } = this.layout.columns;
    const axis = this.subject.columns;
    const each = labels.width / this.view.across.length;
    this.font();
    const measure = (text: string) => this.context.measureText(text).width;
    const all = this.middles(axis, this.view.across, labels.x, labels.width);
    const widest = Math.max(8, ...widestOf(all.map(({ index }) => axis.label(index)), 200).map(measure));
    const across = !upright || widest + 8 <= each;
    const most = axis.count === 1 ? this.roomOfOne() : upright || each < 100 ? widest : Math.min(widest, each - 8);
    const step = axis.count === 1 ? 1 : stepFor(across ? most + 8 : LINE - 2, each);
    const placed = all.filter(({ index }) => index % step === 0).map((one) => {
      const text = shortened(axis.label(one.index), across ? most : labels.height, measure);
      return { ...one, text, length: across ? measure(text) : LINE - 2 };
    });
    const shown = new Map(placed.map(({ index, text }) => [index, text]));
    // Names of attributes of rows are left of them.
    const free = across && !this.layout.rows.strips.length;
    const least = free ? 2 : labels.x - this.beyond(this.layout.rows);
    const bounded = placed.map((one) => inside(one, least, across ? this.layout.width - 2 : labels.x + labels.width + 7));
    for (const { index, middle } of apart(bounded, across ? 6 : 0)) {
      const named: Named = { kind: "column", text: shown.get(index)!, whole: axis.label(index), index };
      if (across) this.text(named, middle, labels.y + LINE / 2, "center");
      else this.upwards(named, middle, labels.y, "right");
      if (step > 1) this.tick(middle, labels.y - 4, 0, 3);
    }
  }

  /** How far the first label may reach beyond the frame, beside the names of the attributes of the other side. */
  private beyond({ strips }: SideLayout): number {
    return strips.length ? BESIDE - 2 : LINE / 2 - 1;
  }

  /** The one label of one column may be wider than it. */
  private roomOfOne(): number {
    const { frame, bar, width } = this.layout;
    const middle = frame.x + frame.width / 2;
    return 2 * Math.min(middle - 4, (bar && !bar.lying ? bar.strip.x - 12 : width - 4) - middle);
  }

  private tick(x: number, y: number, width: number, height: number) {
    this.context.fillStyle = this.look.faint;
    this.context.fillRect(x, y, width || 1, height || 1);
  }

  private paintTitles() {
    const { rows, columns } = this.layout;
    this.font(600);
    if (rows.title) this.name(this.subject.rows.title, rows.title, true);
    if (columns.title) this.name(this.subject.columns.title, columns.title, false);
    this.paintNames();
  }

  /** The names of attributes: below those of rows, right of those of columns, where nothing else is. */
  private paintNames() {
    const { rows, columns, frame, width } = this.layout;
    this.font();
    const measure = (text: string) => this.context.measureText(text).width;
    columns.strips.forEach((box, i) => {
      const room = width - frame.x - frame.width - 8;
      const { name } = this.subject.columns.attributes[i]!;
      this.text({ kind: "title", text: shortened(name, room, measure), whole: name }, frame.x + frame.width + 6, box.y + box.height / 2, "left", this.look.faint);
    });
    rows.strips.forEach((box, i) => {
      const { name } = this.subject.rows.attributes[i]!;
      if (!columns.upright) return;
      const room = columns.labels.height + (columns.title ? LINE : 0);
      this.upwards({ kind: "title", text: shortened(name, room, measure), whole: name }, box.x + box.width / 2, frame.y + frame.height + 6, "right", this.look.faint);
    });
  }

  private name(text: string, { x, y, width, height }: Box, upwards: boolean) {
    const measure = (some: string) => this.context.measureText(some).width;
    const named: Named = { kind: "title", text: shortened(text, upwards ? height : width, measure), whole: text };
    if (upwards) this.upwards(named, x + width / 2, y + height / 2, "center");
    else this.text(named, x + width / 2, y + height / 2, "center");
  }

  private paintBar() {
    const { bar } = this.layout;
    const { scale, name } = this.subject.figure;
    if (!bar || !scale) return;
    const { strip, lying } = bar;
    const { context } = this;
    const long = lying ? strip.width : strip.height;
    // A line for each pixel of the canvas, so that there is no seam.
    const lines = Math.round(long * this.fineness);
    for (let line = 0; line < lines; line++) {
      const [r, g, b] = this.subject.colours[Math.floor(((line + 0.5) / lines) * 256)]!;
      const [from, thick] = [line / this.fineness, Math.min(1.5, lines - line) / this.fineness];
      context.fillStyle = `rgb(${r}, ${g}, ${b})`;
      if (lying) context.fillRect(strip.x + from, strip.y, thick, strip.height);
      else context.fillRect(strip.x, strip.y + long - from - thick, strip.width, thick);
    }
    this.outline(strip, this.look.line);
    this.paintTicks(scale.ticks, strip, lying);
    this.font(600);
    if (name) this.name(name, bar.name, !lying);
  }

  private paintTicks(ticks: [number, string][], strip: Box, lying: boolean) {
    this.font();
    const measure = (text: string) => this.context.measureText(text).width;
    const texts = ticks.map(([, text]) => (lying ? text : shortened(text, 110, measure)));
    const placed = ticks.map(([at], index) => {
      const middle = lying ? strip.x + at * strip.width : strip.y + (1 - at) * strip.height;
      return { index, middle, length: lying ? measure(texts[index]!) : LINE - 2 };
    });
    const ordered = placed.map((one) => (lying ? inside(one, 2, this.layout.width - 2) : one)).sort((a, b) => a.middle - b.middle);
    for (const { index, middle } of apart(ordered, lying ? 8 : 0)) {
      const at = placed[index]!.middle;
      const named: Named = { kind: "tick", text: texts[index]!, whole: ticks[index]![1] };
      if (lying) this.tick(at - 0.5, strip.y + strip.height + 1, 0, 4), this.text(named, middle, strip.y + strip.height + 5 + LINE / 2, "center");
      else this.tick(strip.x + strip.width + 1, at - 0.5, 4, 0), this.text(named, strip.x + strip.width + 8, middle, "left");
    }
  }

  // Letters

  private font(weight = 400) {
    this.context.font = face(FONT, weight);
    this.context.textBaseline = "middle";
  }

  private text({ kind, text, whole, index }: Named, x: number, y: number, align: "left" | "right" | "center", colour = this.look.ink) {
    const width = this.context.measureText(text).width;
    const left = align === "left" ? x : align === "right" ? x - width : x - width / 2;
    this.drawn.push({ kind, text, whole, index, x: left, y: y - (LINE - 2) / 2, width, height: LINE - 2 });
    this.write(text, x, y, align, colour);
  }

  /** From below to above; `align` as the text would be before it is turned. */
  private upwards({ kind, text, whole, index }: Named, x: number, y: number, align: "right" | "center", colour = this.look.ink) {
    const width = this.context.measureText(text).width;
    const top = align === "right" ? y : y - width / 2;
    this.drawn.push({ kind, text, whole, index, x: x - (LINE - 2) / 2, y: top, width: LINE - 2, height: width });
    this.context.save();
    this.context.translate(x, y);
    this.context.rotate(-Math.PI / 2);
    this.write(text, 0, 0, align, colour);
    this.context.restore();
  }

  private write(text: string, x: number, y: number, align: CanvasTextAlign, colour: string) {
    this.context.direction = isLeftward(text) ? "rtl" : "ltr";
    this.context.textAlign = align;
    this.context.fillStyle = colour;
    this.context.fillText(text, x, y + 0.5);
  }

  private outline({ x, y, width, height }: Box, colour: string) {
    this.context.strokeStyle = colour;
    this.context.lineWidth = 1;
    this.context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  }

  private inside({ x, y, width, height }: Box, work: () => void) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
    work();
    this.context.restore();
  }
}
