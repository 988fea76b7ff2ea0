// A heatmap of one file: everything that it shows is in the page, and nothing is loaded from elsewhere.

import { byId, say } from "../src/element";
import { Axis } from "./axis";
import { Cells } from "./cells";
import { Find, type Match } from "./find";
import { Gestures, TWICE, type Point } from "./gestures";
import { onKeys } from "./keys";
import { laidOut, type Box, type Layout } from "./layout";
import { lookNow, recolour } from "./looks";
import { boxOf, Marks, type Marked } from "./marks";
import { Painter, type Subject, type View } from "./paint";
import { face, Pen, type Drawn, type Look } from "./pen";
import { Readout, type Cell, type Target } from "./readout";
import { copy, savePicture, saveTable } from "./save";
import { written } from "./texts";
import { taken, type Told } from "./told";
import { between, moved, pixelOf, placeOf, revealing, whole, zoomed } from "./view";

/** A cell is no larger than this however closely one looks, in pixels. */
const CLOSEST = 320;

/** A row or a column that was found is at least this wide, so that it can be told from those beside it. */
const FOUND = 20;

/** Pixels of the canvas for a CSS pixel, on paper. */
const PRINTED = 3;

class Page {
  private subject!: Subject;
  private look!: Look;
  private layout!: Layout;
  private view!: View;
  private drawn: Drawn[] = [];
  private marked: Marked = { pointed: undefined, cursor: undefined, found: undefined, box: undefined };
  private pointer: Point | undefined;
  private kept = false;
  private due = 0;
  private onPaper = false;
  private readout: Readout;
  private marks: Marks;
  private canvas = byId<HTMLCanvasElement>("drawn");
  private above = byId<HTMLCanvasElement>("marks");
  private stage = byId("stage");
  private plot = byId("plot");

  constructor(told: Told) {
    const { figure } = told;
    const [width, height] = figure.size;
    const cells = new Cells(told);
    const rows = new Axis(figure.rows, height, figure.origin === "lower");
    const columns = new Axis(figure.columns, width);
    this.subject = { figure, cells, rows, columns, hasGaps: cells.hasGaps(), colours: [], picture: undefined! };
    this.view = { across: whole(width), down: whole(height) };
    this.readout = new Readout(this.subject);
    this.marks = new Marks(this.above.getContext("2d")!, this.subject);
    this.tell();
    this.recolour();
    this.arrange();
    this.listen();
  }

  /** Title, caption, and what those are told who do not see it. */
  private tell() {
    const { title, caption, name, rows, columns, size } = this.subject.figure;
    document.title = title || name || "torrid";
    say(byId("title"), title);
    say(byId("caption"), caption);
    byId("tools").hidden = this.plot.hidden = false;
    const sides = `${size[1]} ${size[1] === 1 ? "row" : "rows"}${rows.title && ` (${rows.title})`}, ${size[0]} ${size[0] === 1 ? "column" : "columns"}${columns.title && ` (${columns.title})`}`;
    this.plot.ariaLabel = `Heatmap${title && ` ${title}`}${name && ` of ${name}`}: ${sides}. Arrows go from cell to cell, plus and minus zoom, slash finds a row or column.`;
  }

  private listen() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recoloured());
    matchMedia("print").addEventListener("change", ({ matches }) => this.paper(matches));
    addEventListener("beforeprint", () => this.paper(true));
    addEventListener("afterprint", () => this.paper(false));
    addEventListener("resize", () => this.arrange());
    document.fonts.ready.then(() => this.arrange());
    new Gestures(this.stage, this.plot, this);
    onKeys(this.plot, this);
    const { rows, columns } = this.subject;
    new Find([{ side: "rows", axis: rows }, { side: "columns", axis: columns }], (match) => this.goTo(match));
    byId("closer").onclick = () => this.zoomMiddle(TWICE);
    byId("farther").onclick = () => this.zoomMiddle(1 / TWICE);
    byId("reset").onclick = () => this.reset();
    byId("picture").onclick = () => void savePicture(this.subject, this.layout, this.view, this.look).catch(fail);
    byId("table").onclick = () => void saveTable(this.subject).catch(fail);
    this.plot.addEventListener("focus", () => this.focused());
    this.plot.addEventListener("blur", () => this.blurred());
  }

  // Looks

  private recolour() {
    this.look = lookNow();
    recolour(this.subject, this.look);
  }

  private recoloured() {
    this.recolour();
    this.repaint();
  }

  /** Paper is white, and finer than a screen. */
  private paper(on: boolean) {
    if (on === this.onPaper) return;
    this.onPaper = on;
    document.documentElement.classList.toggle("paper", on);
    this.recolour();
    this.paint();
  }

  private get fineness(): number {
    return this.onPaper ? PRINTED : devicePixelRatio;
  }

  /** Lays everything out for the size of the window; what is not needed of it is left to the caption. */
  private arrange() {
    if (this.onPaper) return;
    this.stage.style.flex = this.stage.style.height = "";
    const context = this.canvas.getContext("2d")!;
    context.font = face();
    const { figure, rows, columns } = this.subject;
    const stage = { width: this.stage.clientWidth, height: this.stage.clientHeight, fineness: devicePixelRatio };
    this.layout = laidOut(figure, rows, columns, stage, (text) => context.measureText(text).width);
    const { frame, height } = this.layout;
    this.stage.style.flex = "none";
    this.stage.style.height = `${height}px`;
    Object.assign(this.plot.style, { left: `${frame.x}px`, top: `${frame.y}px`, width: `${frame.width}px`, height: `${frame.height}px` });
    this.paint();
  }

  private repaint() {
    this.due ||= requestAnimationFrame(() => this.paint());
  }

  private paint() {
    cancelAnimationFrame(this.due);
    this.due = 0;
    const pen = new Pen(this.sized(this.canvas), this.look, this.fineness);
    new Painter(pen, this.subject, this.layout, this.view).paint();
    this.drawn = pen.drawn;
    this.plot.style.touchAction = this.canMove() ? "none" : "pan-y";
    this.mark();
  }

  /** The canvas with pixels for all of it, in CSS pixels. */
  private sized(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const { width, height } = this.layout;
    const [across, down] = [Math.round(width * this.fineness), Math.round(height * this.fineness)];
    if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d")!;
    context.setTransform(this.fineness, 0, 0, this.fineness, 0, 0);
    return context;
  }

  // What is pointed at

  /** Draws what lies on the heatmap, and shows the card of what is pointed at or where the keys are. */
  private mark() {
    const target = this.pointer && this.targetAt(this.pointer);
    this.marked.pointed = target && "cell" in target ? target.cell : undefined;
    this.sized(this.above);
    this.marks.paint(this.layout, this.view, this.look, this.marked);
    if (this.kept) return;
    const told: Target | undefined = target ?? (this.marked.cursor && { cell: this.marked.cursor });
    if (!told) return this.readout.hide();
    this.readout.show(told, "cell" in told ? this.seenBox(told.cell) : { ...this.pointer!, width: 0, height: 0 });
  }

  /** What is seen of a cell. */
  private seenBox(cell: Cell): Box {
    const { x, y, width, height } = boxOf(this.subject, this.layout, this.view, cell);
    const { frame } = this.layout;
    const [left, top] = [Math.max(x, frame.x), Math.max(y, frame.y)];
    const [right, bottom] = [Math.min(x + width, frame.x + frame.width), Math.min(y + height, frame.y + frame.height)];
    return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  }

  private targetAt(point: Point): Target | undefined {
    const { frame, rows, columns } = this.layout;
    const text = this.drawn.find((box) => isIn(box, point));
    if (text && text.index !== undefined) return { side: text.kind === "row" ? "rows" : "columns", index: text.index };
    if (text) return text.text === text.whole ? undefined : { text: text.whole };
    const { x, y } = this.placeAt(point);
    if (isIn(frame, point)) return { cell: { column: this.subject.columns.at(x), row: this.subject.rows.at(y) } };
    if ([rows.labels, ...rows.strips].some((box) => isIn(box, point))) return { side: "rows", index: this.subject.rows.at(y) };
    if ([columns.labels, ...columns.strips].some((box) => isIn(box, point))) return { side: "columns", index: this.subject.columns.at(x) };
    return undefined;
  }

  private placeAt({ x, y }: Point): Point {
    const { frame } = this.layout;
    return { x: placeOf(x, this.view.across, frame.x, frame.width), y: placeOf(y, this.view.down, frame.y, frame.height) };
  }

  point(at: Point | undefined) {
    this.pointer = at;
    this.mark();
  }

  press(at: Point) {
    const target = this.targetAt(at);
    this.marked.found = undefined;
    this.pointer = at;
    if (target && "cell" in target && this.marked.cursor) this.marked.cursor = target.cell;
    this.mark();
    if (target && "cell" in target) this.last = target.cell;
  }

  /** Where the keys go on from. */
  private last: Cell | undefined;

  // Zoom

  canMove(): boolean {
    return this.canZoomOut();
  }

  canZoomOut(): boolean {
    const { rows, columns } = this.subject;
    return this.view.across.length < columns.count || this.view.down.length < rows.count;
  }

  move(across: number, down: number) {
    const { frame } = this.layout;
    const { rows, columns } = this.subject;
    this.view = {
      across: moved(this.view.across, columns.count, (-across / frame.width) * this.view.across.length),
      down: moved(this.view.down, rows.count, (-down / frame.height) * this.view.down.length),
    };
    this.repaint();
  }

  /** The least that is seen of columns and of rows. */
  private get least(): { across: number; down: number } {
    const { frame } = this.layout;
    const { rows, columns, figure } = this.subject;
    const least = (axis: Axis, pixels: number) => {
      const narrow = axis.narrowest();
      return Math.min(axis.count, Math.max(figure.square ? 0 : narrow, (narrow * pixels) / CLOSEST));
    };
    return { across: least(columns, frame.width), down: least(rows, frame.height) };
  }

  zoom(factor: number, x: number, y: number) {
    const at = this.placeAt({ x, y });
    const { rows, columns } = this.subject;
    const { across, down } = this.least;
    this.view = { across: zoomed(this.view.across, columns.count, across, factor, at.x), down: zoomed(this.view.down, rows.count, down, factor, at.y) };
    this.repaint();
  }

  /** Around the cell of the keys where it is seen, else around the middle. */
  zoomMiddle(factor: number) {
    const { frame } = this.layout;
    const middle = { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    const { cursor } = this.marked;
    const box = cursor && boxOf(this.subject, this.layout, this.view, cursor);
    const at = box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const { x, y } = at && isIn(frame, at) ? at : middle;
    this.zoom(factor, x, y);
  }

  draw(box: Box | undefined) {
    this.marked.box = box;
    this.pointer = undefined;
    this.mark();
  }

  zoomTo(box: Box) {
    const [from, to] = [this.placeAt(box), this.placeAt({ x: box.x + box.width, y: box.y + box.height })];
    const { frame } = this.layout;
    if (this.subject.figure.square) {
      const factor = Math.min(frame.width / box.width, frame.height / box.height);
      const half = { x: this.view.across.length / factor / 2, y: this.view.down.length / factor / 2 };
      const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
      return this.see(middle.x - half.x, middle.x + half.x, middle.y - half.y, middle.y + half.y);
    }
    this.see(from.x, to.x, from.y, to.y);
  }

  private see(left: number, right: number, top: number, bottom: number) {
    const { rows, columns } = this.subject;
    const { across, down } = this.least;
    this.view = { across: between(left, right, columns.count, across), down: between(top, bottom, rows.count, down) };
    this.repaint();
  }

  reset() {
    this.view = { across: whole(this.subject.columns.count), down: whole(this.subject.rows.count) };
    this.marked.found = undefined;
    this.repaint();
  }

  // Keys

  private focused() {
    if (!this.plot.matches(":focus-visible") || this.marked.cursor) return;
    const { across, down } = this.view;
    const { rows, columns } = this.subject;
    this.goToCell(this.last ?? { column: columns.at(across.from + 1e-6), row: rows.at(down.from + 1e-6) });
  }

  private blurred() {
    this.last = this.marked.cursor ?? this.last;
    this.marked.cursor = undefined;
    this.mark();
  }

  /** Goes some cells on. */
  step(across: number, down: number) {
    const { cursor } = this.marked;
    const { column, row } = cursor ?? this.last ?? { column: 0, row: 0 };
    const { rows, columns } = this.subject;
    const inside = (index: number, count: number) => Math.max(0, Math.min(count - 1, index));
    this.goToCell(cursor || this.last ? { column: inside(column + across, columns.count), row: inside(row + down, rows.count) } : { column, row });
  }

  /** Shows a cell and tells of it. */
  private goToCell(cell: Cell) {
    const { rows, columns } = this.subject;
    this.marked.cursor = this.last = cell;
    this.pointer = undefined;
    this.keep(false);
    this.view = {
      across: revealing(this.view.across, columns.count, columns.start(cell.column), columns.start(cell.column + 1)),
      down: revealing(this.view.down, rows.count, rows.start(cell.row), rows.start(cell.row + 1)),
    };
    this.paint();
    this.readout.speak(cell);
  }

  /** Keeps the card in sight, or lets it go. */
  keep(on = !this.kept) {
    this.kept = on && !byId("readout").hidden;
    this.readout.keep(this.kept);
    this.mark();
  }

  letGo() {
    this.marked.found = undefined;
    this.keep(false);
  }

  /** Copies the value. */
  async copy() {
    const cell = this.marked.pointed ?? this.marked.cursor;
    if (!cell) return;
    await copy(written(this.subject.cells.value(cell.column, cell.row)));
  }

  /** Shows a row or a column that was found, and goes to its cell nearest to where one was. */
  private goTo({ side, index }: Match) {
    const { rows, columns } = this.subject;
    const { frame } = this.layout;
    const { across, down } = this.view;
    const isRow = side === "rows";
    const was = this.last ?? { column: columns.at(across.from + across.length / 2), row: rows.at(down.from + down.length / 2) };
    const cell = isRow ? { ...was, row: index } : { ...was, column: index };
    const box = boxOf(this.subject, this.layout, this.view, cell);
    const factor = Math.max(1, FOUND / (isRow ? box.height : box.width));
    if (factor > 1) this.zoom(factor, pixelOf(columns.middle(cell.column), across, frame.x, frame.width), pixelOf(rows.middle(cell.row), down, frame.y, frame.height));
    // In the middle.
    if (isRow) this.view.down = moved(this.view.down, rows.count, rows.middle(index) - this.view.down.from - this.view.down.length / 2);
    else this.view.across = moved(this.view.across, columns.count, columns.middle(index) - this.view.across.from - this.view.across.length / 2);
    this.marked.found = { side, index };
    this.plot.focus({ preventScroll: true });
    this.goToCell(cell);
  }

  /** What is where on the page, for tests. */
  inspected() {
    const { left, top } = this.stage.getBoundingClientRect();
    const moved = <T extends Point>(one: T): T => ({ ...one, x: one.x + left, y: one.y + top });
    const { rows, columns } = this.subject;
    return {
      called: { rows: rows.labels, columns: columns.labels },
      labels: this.drawn.map(moved),
      boxOf: (column: number, row: number) => moved(boxOf(this.subject, this.layout, this.view, { column, row })),
      placeOf: (x: number, y: number) => this.placeAt({ x: x - left, y: y - top }),
    };
  }
}

const isIn = ({ x, y, width, height }: Box, point: Point) => point.x >= x && point.x < x + width && point.y >= y && point.y < y + height;

function fail(error: unknown) {
  byId("busy").hidden = true;
  say(byId("problem"), error instanceof Error ? error.message : String(error));
}

const progress = (share: number) => say(byId("busy"), `Reading the values… ${Math.round(100 * share)} %`);

taken(progress)
  .then((told) => {
    byId("busy").hidden = true;
    const page = new Page(told);
    Object.assign(window, { figure: page });
  })
  .catch(fail);
