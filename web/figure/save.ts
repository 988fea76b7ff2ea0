// The heatmap elsewhere: a picture of what is seen, a table of all values, one value copied.

import { byId, say } from "../src/element";
import type { Layout } from "./layout";
import { Painter, type Subject, type View } from "./paint";
import { face, Pen, type Look } from "./pen";
import { fileName, headOf, lineOf } from "./texts";

const TITLE = { size: 18, line: 26 };
const CAPTION = { size: 12, line: 17 };

/** Pixels for a CSS pixel, at the least, so that it can be printed. */
const FINE = 2;

/** Saves what is seen, with title and caption. */
export async function savePicture(subject: Subject, layout: Layout, view: View, look: Look) {
  const { title, caption } = subject.figure;
  const fineness = Math.max(FINE, devicePixelRatio);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  const room = layout.width - 32;
  const [head, foot] = [wrapped(context, title, face(TITLE.size, 600), room), wrapped(context, caption, face(CAPTION.size), room)];
  const above = head.length ? head.length * TITLE.line + 18 : 4;
  const below = foot.length ? foot.length * CAPTION.line + 12 : 4;
  canvas.width = Math.round(layout.width * fineness);
  canvas.height = Math.round((above + layout.height + below) * fineness);
  context.scale(fineness, fineness);
  context.translate(0, above);
  new Painter(new Pen(context, look, fineness), subject, layout, view).paint();
  context.translate(0, -above);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = look.ground;
  context.fillRect(0, 0, layout.width, above + layout.height + below);
  context.globalCompositeOperation = "source-over";
  write(context, head, layout.width / 2, 16, TITLE.line, face(TITLE.size, 600), look.ink);
  write(context, foot, layout.width / 2, above + layout.height, CAPTION.line, face(CAPTION.size), look.faint);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("The browser made no picture of it.");
  save(blob, `${fileName(title)}.png`);
}

function wrapped(context: CanvasRenderingContext2D, text: string, font: string, width: number): string[] {
  context.font = font;
  const lines: string[] = [];
  for (const paragraph of text.split("\n").filter(Boolean)) {
    let line = "";
    for (const word of paragraph.split(/(?<=\s)/)) {
      if (line && context.measureText(line + word.trimEnd()).width > width) lines.push(line.trimEnd()), (line = "");
      line += word;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function write(context: CanvasRenderingContext2D, lines: string[], x: number, y: number, line: number, font: string, colour: string) {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  lines.forEach((text, i) => context.fillText(text, x, y + (i + 0.5) * line));
}

/** How many cells are written before the page may do something else. */
const BETWEEN = 500_000;

/** Saves all values, with what rows and columns are called, in the order of the data. */
export async function saveTable({ figure, cells, columns, rows }: Subject) {
  const parts: Blob[] = [];
  let text = headOf(figure.rows.title, columns.labels);
  for (let at = 0, since = 0; at < rows.count; at++) {
    const row = figure.origin === "lower" ? rows.count - 1 - at : at;
    text += lineOf(rows.label(row), cells.values(row));
    since += columns.count;
    if (since < BETWEEN) continue;
    parts.push(new Blob([text]));
    [text, since] = ["", 0];
    await new Promise((resolve) => setTimeout(resolve));
  }
  save(new Blob([...parts, text], { type: "text/csv" }), `${fileName(figure.title)}.csv`);
}

function save(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Copies a text, and says so. */
export async function copy(text: string) {
  await navigator.clipboard.writeText(text).catch(() => copyOld(text));
  say(byId("aloud"), `copied ${text}`);
}

/** Where a page from the disk may not write to the clipboard as pages of the web do. */
function copyOld(text: string) {
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
  const before = document.activeElement as HTMLElement | null;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  before?.focus();
}
