// Draws letters and lines, and remembers where letters are.

import { isLeftward, shortened } from "./labels";
import { FONT, LINE, type Box } from "./layout";

/** The colours of the page. */
export interface Look {
  ink: string;
  faint: string;
  ground: string;
  line: string;
  accent: string;
}

/** A text that was drawn, and the whole of it. */
export interface Drawn extends Box {
  kind: "row" | "column" | "tick" | "title";
  text: string;
  whole: string;
  /** Of which row or column. */
  index?: number;
}

/** What a text is. */
export type Named = Pick<Drawn, "kind" | "text" | "whole" | "index">;

export const face = (size = FONT, weight = 400) => `${weight} ${size}px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif`;

export class Pen {
  readonly drawn: Drawn[] = [];

  /** `fineness`: pixels of the canvas for a CSS pixel. */
  constructor(readonly context: CanvasRenderingContext2D, readonly look: Look, readonly fineness: number) {}

  readonly measure = (text: string): number => this.context.measureText(text).width;

  font(weight = 400) {
    this.context.font = face(FONT, weight);
    this.context.textBaseline = "middle";
  }

  text({ kind, text, whole, index }: Named, x: number, y: number, align: "left" | "right" | "center", colour = this.look.ink) {
    const width = this.measure(text);
    const left = align === "left" ? x : align === "right" ? x - width : x - width / 2;
    this.drawn.push({ kind, text, whole, index, x: left, y: y - (LINE - 2) / 2, width, height: LINE - 2 });
    this.write(text, x, y, align, colour);
  }

  /** From below to above; `align` as the text would be before it is turned. */
  upwards({ kind, text, whole, index }: Named, x: number, y: number, align: "right" | "center", colour = this.look.ink) {
    const width = this.measure(text);
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

  outline({ x, y, width, height }: Box, colour: string) {
    this.context.strokeStyle = colour;
    this.context.lineWidth = 1;
    this.context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  }

  inside({ x, y, width, height }: Box, work: () => void) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
    work();
    this.context.restore();
  }

  /** In the middle of a box, as much as has room there. */
  name(text: string, { x, y, width, height }: Box, upwards: boolean) {
    const named: Named = { kind: "title", text: shortened(text, upwards ? height : width, this.measure), whole: text };
    if (upwards) this.upwards(named, x + width / 2, y + height / 2, "center");
    else this.text(named, x + width / 2, y + height / 2, "center");
  }

  tick(x: number, y: number, width: number, height: number) {
    this.context.fillStyle = this.look.faint;
    this.context.fillRect(x, y, width || 1, height || 1);
  }
}
