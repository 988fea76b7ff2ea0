// What is told of a cell, or of a label: on a card beside it, and aloud.

import { byId, say } from "../src/element";
import { hexOf } from "./colour";
import type { Box } from "./layout";
import type { Subject } from "./paint";
import { written } from "./texts";

export interface Cell {
  column: number;
  row: number;
}

/** What is pointed at. */
export type Target = { cell: Cell } | { side: "rows" | "columns"; index: number } | { text: string };

interface Line {
  kind: string;
  text: string;
  /** Whether it is what the row or the column is called. */
  name?: string;
}

export class Readout {
  private card = byId("readout");

  constructor(private subject: Subject) {}

  /** Shows a card beside a box of the stage, and inside of the stage. */
  show(target: Target, beside: Box) {
    const lines = this.linesOf(target).map((line) => lineOf(line));
    this.card.replaceChildren(...("cell" in target ? [this.valueOf(target.cell)] : []), ...lines);
    this.card.hidden = false;
    this.place(beside);
  }

  hide() {
    this.card.hidden = true;
  }

  /** Whether it stays while the pointer goes elsewhere. */
  keep(kept: boolean) {
    this.card.classList.toggle("kept", kept);
  }

  /** For those who do not see it. */
  speak({ column, row }: Cell) {
    const told = this.linesOf({ cell: { column, row } }).map(({ kind, text }) => (kind ? `${kind} ${text}` : text));
    say(byId("aloud"), `${written(this.subject.cells.value(column, row))}, ${told.join(", ")}`);
  }

  private linesOf(target: Target): Line[] {
    if ("text" in target) return [{ kind: "", text: target.text }];
    const side = (which: "rows" | "columns", index: number): Line[] => {
      const axis = this.subject[which];
      const name = which === "rows" ? "row" : "column";
      const words = axis.attributes.map(({ name: kind, words }) => ({ kind, text: words[index] || "not known" }));
      return [{ kind: axis.title || name, text: axis.label(index), name }, ...words];
    };
    if ("side" in target) return side(target.side, target.index);
    return [...side("rows", target.cell.row), ...side("columns", target.cell.column)];
  }

  private valueOf({ column, row }: Cell): HTMLElement {
    const { cells, colours, figure } = this.subject;
    const value = cells.value(column, row);
    const line = Object.assign(document.createElement("p"), { className: "value" });
    const colour = document.createElement("i");
    if (!Number.isNaN(value)) colour.style.background = hexOf(colours[cells.place(column, row)]!);
    line.append(colour, Object.assign(document.createElement("span"), { className: "number", textContent: written(value) }));
    if (figure.name && !Number.isNaN(value)) line.append(Object.assign(document.createElement("small"), { textContent: figure.name, dir: "auto" }));
    return line;
  }

  private place({ x, y, width, height }: Box) {
    const { clientWidth, clientHeight } = this.card.parentElement!;
    const { offsetWidth, offsetHeight } = this.card;
    const right = x + width + 12;
    const fitsRight = right + offsetWidth <= clientWidth - 4;
    const fitsLeft = x - 12 - offsetWidth >= 4;
    const left = fitsRight ? right : fitsLeft ? x - 12 - offsetWidth : Math.max(4, Math.min(clientWidth - 4 - offsetWidth, x + width / 2 - offsetWidth / 2));
    const below = y + height + 12;
    const above = y - 12 - offsetHeight;
    const top = fitsRight || fitsLeft ? y + height / 2 - offsetHeight / 2 : below + offsetHeight <= clientHeight - 4 ? below : above;
    const kept = Math.max(4, Math.min(clientHeight - 4 - offsetHeight, top));
    this.card.style.transform = `translate(${Math.round(left)}px, ${Math.round(kept)}px)`;
  }
}

function lineOf({ kind, text, name }: Line): HTMLElement {
  const line = document.createElement("p");
  if (kind) line.append(Object.assign(document.createElement("span"), { className: "kind", textContent: kind, dir: "auto" }));
  line.append(Object.assign(document.createElement("bdi"), { className: name ?? "", textContent: text }));
  if (!name && kind) line.className = "known";
  return line;
}
