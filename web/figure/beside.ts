// Draws what is written beside the cells: labels, titles, names, and the strip of colours with its ticks.

import type { Axis } from "./axis";
import { apart, inside, shortened, stepFor, widestOf, type Placed } from "./labels";
import { BESIDE, LINE, type Box, type Layout, type SideLayout } from "./layout";
import type { Subject, View } from "./paint";
import type { Named, Pen } from "./pen";
import { pixelOf, type Span } from "./view";

export class Beside {
  constructor(private pen: Pen, private subject: Subject, private layout: Layout, private view: View) {}

  paint() {
    this.paintRowLabels();
    this.paintColumnLabels();
    this.paintTitles();
    this.paintBar();
  }

  private paintRowLabels() {
    const { labels, after } = this.layout.rows;
    const axis = this.subject.rows;
    const each = labels.height / this.view.down.length;
    const step = stepFor(LINE - 2, each);
    const placed = middles(axis, this.view.down, labels.y, labels.height, step).map((one) => ({ ...one, length: LINE - 2 }));
    this.pen.font();
    const least = labels.y - this.beyond(this.layout.columns);
    for (const { index, middle } of apart(placed.map((one) => inside(one, least, labels.y + labels.height + 7)), 0)) {
      const text = shortened(axis.label(index), labels.width, this.pen.measure);
      this.pen.text({ kind: "row", text, whole: axis.label(index), index }, after ? labels.x : labels.x + labels.width, middle, after ? "left" : "right");
      if (step > 1) this.pen.tick(after ? labels.x - 4 : labels.x + labels.width + 2, middle, 3, 0);
    }
  }

  private paintColumnLabels() {
    const { labels, upright } = this.layout.columns;
    const axis = this.subject.columns;
    const each = labels.width / this.view.across.length;
    this.pen.font();
    const all = middles(axis, this.view.across, labels.x, labels.width);
    const widest = Math.max(8, ...widestOf(all.map(({ index }) => axis.label(index)), 200).map(this.pen.measure));
    const across = !upright || widest + 8 <= each;
    const most = axis.count === 1 ? this.roomOfOne() : upright || each < 100 ? widest : Math.min(widest, each - 8);
    const step = axis.count === 1 ? 1 : stepFor(across ? most + 8 : LINE - 2, each);
    const placed = all.filter(({ index }) => index % step === 0).map((one) => {
      const text = shortened(axis.label(one.index), across ? most : labels.height, this.pen.measure);
      return { ...one, text, length: across ? this.pen.measure(text) : LINE - 2 };
    });
    const shown = new Map(placed.map(({ index, text }) => [index, text]));
    // Names of attributes of rows are left of them.
    const free = across && !this.layout.rows.strips.length;
    const least = free ? 2 : labels.x - this.beyond(this.layout.rows);
    const bounded = placed.map((one) => inside(one, least, across ? this.layout.width - 2 : labels.x + labels.width + 7));
    for (const { index, middle } of apart(bounded, across ? 6 : 0)) {
      const named: Named = { kind: "column", text: shown.get(index)!, whole: axis.label(index), index };
      if (across) this.pen.text(named, middle, labels.y + LINE / 2, "center");
      else this.pen.upwards(named, middle, labels.y, "right");
      if (step > 1) this.pen.tick(middle, labels.y - 4, 0, 3);
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

  private paintTitles() {
    const { rows, columns } = this.layout;
    this.pen.font(600);
    if (rows.title) this.pen.name(this.subject.rows.title, rows.title, true);
    if (columns.title) this.pen.name(this.subject.columns.title, columns.title, false);
    this.paintNames();
  }

  /** The names of attributes: below those of rows, right of those of columns, where nothing else is. */
  private paintNames() {
    const { rows, columns, frame, width } = this.layout;
    this.pen.font();
    columns.strips.forEach((box, i) => {
      const room = width - frame.x - frame.width - 8;
      const { name } = this.subject.columns.attributes[i]!;
      this.pen.text({ kind: "title", text: shortened(name, room, this.pen.measure), whole: name }, frame.x + frame.width + 6, box.y + box.height / 2, "left", this.pen.look.faint);
    });
    rows.strips.forEach((box, i) => {
      const { name } = this.subject.rows.attributes[i]!;
      if (!columns.upright) return;
      const room = columns.labels.height + (columns.title ? LINE : 0);
      this.pen.upwards({ kind: "title", text: shortened(name, room, this.pen.measure), whole: name }, box.x + box.width / 2, frame.y + frame.height + 6, "right", this.pen.look.faint);
    });
  }

  private paintBar() {
    const { bar } = this.layout;
    const { scale, name } = this.subject.figure;
    if (!bar || !scale) return;
    const { strip, lying } = bar;
    const { context } = this.pen;
    const long = lying ? strip.width : strip.height;
    // A line for each pixel of the canvas, so that there is no seam.
    const lines = Math.round(long * this.pen.fineness);
    for (let line = 0; line < lines; line++) {
      const [r, g, b] = this.subject.colours[Math.floor(((line + 0.5) / lines) * 256)]!;
      const [from, thick] = [line / this.pen.fineness, Math.min(1.5, lines - line) / this.pen.fineness];
      context.fillStyle = `rgb(${r}, ${g}, ${b})`;
      if (lying) context.fillRect(strip.x + from, strip.y, thick, strip.height);
      else context.fillRect(strip.x, strip.y + long - from - thick, strip.width, thick);
    }
    this.pen.outline(strip, this.pen.look.line);
    this.paintTicks(scale.ticks, strip, lying);
    this.pen.font(600);
    if (name) this.pen.name(name, bar.name, !lying);
  }

  private paintTicks(ticks: [number, string][], strip: Box, lying: boolean) {
    this.pen.font();
    const texts = ticks.map(([, text]) => (lying ? text : shortened(text, 110, this.pen.measure)));
    const placed = ticks.map(([at], index) => {
      const middle = lying ? strip.x + at * strip.width : strip.y + (1 - at) * strip.height;
      return { index, middle, length: lying ? this.pen.measure(texts[index]!) : LINE - 2 };
    });
    const ordered = placed.map((one) => (lying ? inside(one, 2, this.layout.width - 2) : one)).sort((a, b) => a.middle - b.middle);
    for (const { index, middle } of apart(ordered, lying ? 8 : 0)) {
      const at = placed[index]!.middle;
      const named: Named = { kind: "tick", text: texts[index]!, whole: ticks[index]![1] };
      if (lying) this.pen.tick(at - 0.5, strip.y + strip.height + 1, 0, 4), this.pen.text(named, middle, strip.y + strip.height + 5 + LINE / 2, "center");
      else this.pen.tick(strip.x + strip.width + 1, at - 0.5, 4, 0), this.pen.text(named, strip.x + strip.width + 8, middle, "left");
    }
  }
}

/** Where the middles of those are that are seen, every `step` of them. */
export function middles(axis: Axis, span: Span, begin: number, pixels: number, step = 1): Placed[] {
  const found: Placed[] = [];
  const [first, last] = [axis.at(span.from), axis.at(span.from + span.length)];
  for (let index = Math.ceil(first / step) * step; index <= last; index += step) {
    const middle = pixelOf(axis.middle(index), span, begin, pixels);
    if (middle >= begin && middle <= begin + pixels) found.push({ index, middle, length: 0 });
  }
  return found;
}
