// Opens a heatmap of one file from the disk, without a network, goes through it as a person would, and says a line for each thing
// that is so or is not: `node figure.mjs FILE.html [FOLDER] ['ROW|COLUMN|VALUE' …]`. FOLDER is for pictures of every state; values are
// as the page writes them, `no data` where there is none. Exits 1 where something is not so.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, listen } from "./chromium.mjs";

const [file, ...given] = process.argv.slice(2);
if (!file) throw new Error("node figure.mjs FILE.html [FOLDER] ['ROW|COLUMN|VALUE' …]");
const triples = given.filter((argument) => argument.includes("|"));
const folder = given.find((argument) => !argument.includes("|"));
if (folder) mkdirSync(folder, { recursive: true });
const name = basename(file, ".html");
const itself = pathToFileURL(resolve(file)).href;
const WIDE = { width: 1200, height: 760 };

/** A cell is at least this large where it is pointed at, so that no other shares its pixels. */
const PLAIN = 6;

/** Tables of more cells are not saved and read. */
const TABLE = 2e6;

let failed = 0;

function check(holds, sentence, found = "") {
  if (!holds) failed++;
  console.log(holds ? `ok: ${sentence}` : `NOT SO: ${sentence}${found && `, but ${found}`}`);
}

const browser = await launch();

async function open(state, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  page.wrong = [];
  page.state = state;
  listen(page, (sentence) => page.wrong.push(sentence));
  page.on("request", (request) => {
    const url = request.url();
    if (url !== itself && !/^(data|blob):/.test(url)) page.wrong.push(`${url.slice(0, 100)} was asked for`);
  });
  await page.goto(itself);
  await page.waitForFunction(() => window.figure || !document.getElementById("problem").hidden, null, { timeout: 120_000 });
  await rest(page);
  return page;
}

async function close(page) {
  check(!page.wrong.length, `${page.state}: the console has no error, and nothing is asked for`, page.wrong.join("; "));
  await page.context().close();
}

/** Two frames, after which all is drawn. */
const rest = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));

const shot = (page, state) => folder && page.screenshot({ path: `${folder}/${name}-${state}.png` });

const boxOf = (page, cell) => page.evaluate(({ column, row }) => window.figure.inspected().boxOf(column, row), cell);
const placeOf = (page, { x, y }) => page.evaluate(([x, y]) => window.figure.inspected().placeOf(x, y), [x, y]);
const frameOf = (page) => page.locator("#plot").boundingBox();
const middleOf = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });

/** The row and the column of a triple, by what they are called: labels may have a | in them. */
function cellOf(called, triple) {
  const parts = triple.split("|");
  for (let row = 1; row < parts.length - 1; row++) {
    for (let column = row + 1; column < parts.length; column++) {
      const texts = [parts.slice(0, row), parts.slice(row, column), parts.slice(column)].map((some) => some.join("|"));
      const cell = { row: called.rows.indexOf(texts[0]), column: called.columns.indexOf(texts[1]) };
      if (cell.row >= 0 && cell.column >= 0) return { ...cell, texts };
    }
  }
  throw new Error(`no row and column are called as ${triple} says`);
}

/** What the card says: row, column, value. */
const card = (page) => page.evaluate(() => {
  if (document.getElementById("readout").hidden) return "no card";
  return ["row", "column", "number"].map((part) => document.querySelector(`#readout .${part}`)?.textContent).join("|");
});

/** What is seen of a cell: the last pixel where it is beyond that. */
async function seenOf(page, cell) {
  const [box, frame] = [await boxOf(page, cell), await frameOf(page)];
  const cut = (from, length, begin, all) => {
    const [one, other] = [from, from + length].map((at) => Math.max(begin, Math.min(begin + all, at)));
    return other - one < 1 ? [Math.min(one, begin + all - 1), 1] : [one, other - one];
  };
  const [x, width] = cut(box.x, box.width, frame.x, frame.width);
  const [y, height] = cut(box.y, box.height, frame.y, frame.height);
  return { x, y, width, height };
}

/** Wheels are told of whole pixels only, so that a cell at the edge may go out of sight: drags it back. */
async function intoSight(page, cell) {
  const [{ x, y }, frame] = [middleOf(await boxOf(page, cell)), await frameOf(page)];
  const by = (at, begin, length) => Math.max(begin + 3, Math.min(begin + length - 3, at)) - at;
  const [across, down] = [by(x, frame.x, frame.width), by(y, frame.y, frame.height)];
  if (Math.hypot(across, down) < 5) return;
  const from = middleOf(frame);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + across, from.y + down, { steps: 3 });
  await page.mouse.up();
  await rest(page);
}

async function byPointer(page, triple, called) {
  const cell = cellOf(called, triple);
  await page.keyboard.press("Home");
  await page.evaluate(() => window.figure.reset());
  await rest(page);
  for (let step = 0; step < 20; step++) {
    const { width, height } = await boxOf(page, cell);
    if (Math.min(width, height) >= PLAIN) break;
    await wheel(page, middleOf(await seenOf(page, cell)), -500);
  }
  await intoSight(page, cell);
  const at = middleOf(await seenOf(page, cell));
  await page.mouse.move(at.x, at.y);
  await rest(page);
  const told = await card(page);
  check(told === triple, `the pointer is told ${triple}`, `it is told ${told}`);
}

/** Wheels are told of whole pixels only. */
async function wheel(page, { x, y }, by) {
  await page.mouse.move(Math.floor(x), Math.floor(y));
  await page.mouse.wheel(0, by);
  await rest(page);
}

/** Finds the row, then the column, with the keys alone. */
async function byKeys(page, triple, called) {
  const { texts: [row, column, value], ...cell } = cellOf(called, triple);
  await page.mouse.move(2, 2);
  for (const [text, kind, index] of [[row, "row", cell.row], [column, "column", cell.column]]) {
    await page.locator("#plot").focus();
    await page.keyboard.press("/");
    await page.locator("#find").fill(text);
    const kinds = await page.locator("#found [role=option] span:last-child").allTextContents();
    const labels = await page.locator("#found [role=option] span:first-child").allTextContents();
    const at = kinds.findIndex((one, i) => one === kind && labels[i] === text);
    check(at >= 0, `the ${kind} ${text} is found`, `what is found is ${labels.join(", ")}`);
    for (let step = 0; step < at; step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await rest(page);
    const box = await boxOf(page, kind === "row" ? { row: index, column: 0 } : { row: 0, column: index });
    const frame = await frameOf(page);
    const [from, to] = kind === "row" ? [box.y - frame.y, frame.y + frame.height - box.y - box.height] : [box.x - frame.x, frame.x + frame.width - box.x - box.width];
    check(from > -1 && to > -1, `the ${kind} that was found is in sight`, `${from}, ${to}`);
  }
  const told = await card(page);
  check(told === triple, `the keys are told ${triple}`, `they are told ${told}`);
  const aloud = await page.textContent("#aloud");
  check(aloud.startsWith(`${value}, `) && aloud.includes(row) && aloud.includes(column), `it is said aloud: ${aloud}`);
}

/** Texts that lie on each other or outside of the page. */
async function labelsAreApart(page, when) {
  const { found, width, height, overflow } = await page.evaluate(() => ({
    found: window.figure.inspected().labels,
    width: innerWidth,
    height: document.documentElement.scrollHeight,
    overflow: document.documentElement.scrollWidth > innerWidth,
  }));
  const out = found.filter((box) => box.x < -0.5 || box.y < -0.5 || box.x + box.width > width + 0.5 || box.y + box.height > height + 0.5);
  check(!out.length, `${page.state}, ${when}: no text is cut off`, JSON.stringify(out[0]));
  const over = (a, b) => a.x + 0.5 < b.x + b.width && b.x + 0.5 < a.x + a.width && a.y + 0.5 < b.y + b.height && b.y + 0.5 < a.y + a.height;
  const pairs = found.flatMap((one, i) => found.slice(i + 1).filter((other) => over(one, other)).map((other) => `${one.text} / ${other.text}`));
  check(!pairs.length, `${page.state}, ${when}: none of ${found.length} texts lies on another`, pairs.slice(0, 4).join(", "));
  check(!overflow, `${page.state}, ${when}: the page is no wider than the window`);
}

const near = (one, other, within) => Math.abs(one.x - other.x) <= within.x && Math.abs(one.y - other.y) <= within.y;

/** A label that is shortened is whole where one points at it. */
async function wholeLabels(page) {
  const short = await page.evaluate(() => window.figure.inspected().labels.filter(({ text, whole }) => text !== whole));
  for (const box of [short[0], short.at(-1)].filter(Boolean)) {
    const { x, y } = middleOf(box);
    await page.mouse.move(x, y);
    await rest(page);
    const told = await page.textContent("#readout");
    check(told.includes(box.whole), `${box.text} is whole where one points at it`, told);
  }
  if (short.length) await shot(page, "2-label");
}

/** How much of the axes a pixel is. */
async function pixel(page) {
  const frame = await frameOf(page);
  const [from, to] = [await placeOf(page, frame), await placeOf(page, { x: frame.x + frame.width, y: frame.y + frame.height })];
  return { x: (to.x - from.x) / frame.width, y: (to.y - from.y) / frame.height, seen: [to.x - from.x, to.y - from.y] };
}

async function zoomAndMove(page) {
  const frame = await frameOf(page);
  const at = { x: Math.round(frame.x + frame.width * 0.31), y: Math.round(frame.y + frame.height * 0.62) };
  const [before, first] = [await placeOf(page, at), await pixel(page)];
  for (let step = 0; step < 4; step++) await wheel(page, at, -240);
  const closer = await pixel(page);
  const isCloser = closer.x < first.x - 1e-9 || closer.y < first.y - 1e-9;
  check(near(await placeOf(page, at), before, closer), "zooming keeps the place below the pointer there");
  await shot(page, "3-near");
  await labelsAreApart(page, "near");
  const grabbed = await placeOf(page, at);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x + 25, at.y - 15, { steps: 5 });
  await page.mouse.up();
  await rest(page);
  const moves = { x: closer.x < first.x - 1e-9, y: closer.y < first.y - 1e-9 }; // One row alone has nowhere to go.
  const dragged = await placeOf(page, { x: moves.x ? at.x + 25 : at.x, y: moves.y ? at.y - 15 : at.y });
  if (isCloser) check(near(dragged, grabbed, closer), "dragging takes the cell below the pointer along", `${JSON.stringify(grabbed)} came to ${JSON.stringify(dragged)}`);
  for (let step = 0; step < 9; step++) await wheel(page, at, 1000);
  const whole = (await pixel(page)).seen;
  check(whole.every((seen, i) => Math.abs(seen - first.seen[i]) < 1e-6), "one cannot zoom out beyond the whole", whole.join(" by "));
  for (let step = 0; step < 9; step++) await wheel(page, at, -1000);
  const { width, height } = await boxOf(page, await atPoint(page, at));
  check(width <= frame.width + 400 && height <= frame.height + 400, "one cannot zoom in beyond a cell", `${width} by ${height}`);
  await labelsAreApart(page, "closest");
  await shot(page, "4-closest");
  await page.click("#reset");
  await rest(page);
  await boxAndButtons(page, frame, first);
}

async function boxAndButtons(page, frame, first) {
  const [from, to] = [{ x: frame.x + frame.width * 0.2, y: frame.y + frame.height * 0.2 }, { x: frame.x + frame.width * 0.6, y: frame.y + frame.height * 0.6 }];
  const middle = await placeOf(page, middleOf({ ...from, width: to.x - from.x, height: to.y - from.y }));
  await page.keyboard.down("Shift");
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await shot(page, "5-box");
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await rest(page);
  const size = (await pixel(page)).seen;
  const changed = size.some((seen, i) => seen < first.seen[i] - 1e-9);
  if (changed) check(near(await placeOf(page, middleOf(frame)), middle, { x: size[0] * 0.3, y: size[1] * 0.3 }), "a box that is drawn with Shift is what is seen then");
  await page.click("#reset");
  await rest(page);
  const farther = (await pixel(page)).seen;
  check(farther.every((seen, i) => Math.abs(seen - first.seen[i]) < 1e-6), "Reset shows all of it");
  await page.click("#closer");
  await rest(page);
  const closer = (await pixel(page)).seen;
  check(closer.some((seen, i) => seen < first.seen[i]) || first.seen.every((seen) => seen <= 1), "+ zooms in");
  await page.click("#farther");
  await page.mouse.dblclick(frame.x + frame.width / 2, frame.y + frame.height / 2);
  await rest(page);
  const twice = (await pixel(page)).seen;
  check(twice.some((seen, i) => seen < first.seen[i]) || first.seen.every((seen) => seen <= 1), "a double click zooms in");
  await page.click("#reset");
  await rest(page);
}

const atPoint = async (page, at) => {
  const { x, y } = await placeOf(page, at);
  const { rows, columns } = await page.evaluate(() => window.figure.inspected().called);
  const boxes = { column: Math.min(columns.length - 1, Math.floor(x)), row: Math.min(rows.length - 1, Math.floor(y)) };
  return boxes;
};

async function keys(page, called) {
  await page.reload();
  await page.waitForFunction(() => window.figure);
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.id === "plot")) break;
  }
  await rest(page);
  const [rows, columns] = [called.rows.length, called.columns.length];
  const label = (list, at) => list[Math.min(list.length - 1, at)];
  const is = async (row, column, sentence) => {
    await rest(page);
    const told = await card(page);
    check(told.startsWith(`${label(called.rows, row)}|${label(called.columns, column)}|`), sentence, `it is at ${told}`);
  };
  await is(0, 0, "Tab comes to the first cell");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await is(1, 1, "arrows go to the next column and row");
  await page.keyboard.press("PageDown");
  await is(11, 1, "Page down goes ten rows on");
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  for (let press = 0; press < 30; press++) await page.keyboard.press("Shift+ArrowRight");
  await is(11, 301, "Shift and an arrow go ten columns on");
  const cell = await boxOf(page, { row: Math.min(rows - 1, 11), column: Math.min(columns - 1, 301) });
  const frame = await frameOf(page);
  const inSight = cell.x > frame.x - 1 - cell.width && cell.x + cell.width < frame.x + frame.width + 1 + cell.width;
  check(inSight, "what is seen goes along with the keys");
  await shot(page, "6-keys");
  await page.keyboard.press("Enter");
  const kept = await card(page);
  await page.mouse.move(frame.x + 3, frame.y + 3);
  await rest(page);
  check((await card(page)) === kept, "Enter keeps the card in sight");
  await page.keyboard.press("Escape");
  await page.mouse.move(2, 2);
  await rest(page);
  await page.keyboard.press("c");
  await page.waitForFunction(() => /^copied /.test(document.getElementById("aloud").textContent));
  const copied = await page.textContent("#aloud");
  check(copied === `copied ${(await card(page)).split("|").at(-1)}`, "c copies the value", copied);
  await page.keyboard.press("0");
  await rest(page);
}

/** What is kept of a download. */
async function saved(page, button) {
  const waiting = page.waitForEvent("download", { timeout: 60_000 });
  await page.click(button);
  const download = await waiting;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function files(page, called) {
  const { name, bytes } = await saved(page, "#picture");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  check(name.endsWith(".png") && width === 2 * WIDE.width && height > 400, `the picture is saved as ${name}, ${width} by ${height} pixels`);
  if (folder) writeFileSync(`${folder}/${basename(file, ".html")}-saved.png`, bytes);
  if (called.rows.length * called.columns.length > TABLE) return;
  const table = await saved(page, "#table");
  const lines = parsed(table.bytes.toString("utf8"));
  const [head, ...rows] = lines;
  check(JSON.stringify(head.slice(1)) === JSON.stringify(called.columns), `${table.name} has the columns`, head.join("|").slice(0, 200));
  check(rows.length === called.rows.length, "it has the rows", `it has ${rows.length}`);
  for (const triple of triples) {
    const { row, column, texts } = cellOf(called, triple);
    const value = rows.find(([label]) => label === called.rows[row])?.[column + 1];
    check((value || "no data") === texts[2], `it has ${triple}`, `it has ${value}`);
  }
}

/** CSV (RFC 4180) as rows of fields. */
function parsed(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === "\r\n") rows.push([]);
    if (end === "") break;
  }
  return rows.filter((row) => row.length > 1 || row[0]);
}

async function theScreen() {
  const page = await open("light");
  const problem = await page.locator("#problem").isVisible() ? await page.textContent("#problem") : "";
  check(!problem, "the file is read", problem);
  if (problem) return close(page);
  const called = await page.evaluate(() => window.figure.inspected().called);
  await shot(page, "1-start");
  await labelsAreApart(page, "all of it");
  const frame = await frameOf(page);
  await page.mouse.move(frame.x + frame.width / 3, frame.y + frame.height / 3);
  await rest(page);
  await shot(page, "2-hover");
  await wholeLabels(page);
  for (const triple of triples) await byPointer(page, triple, called), await byKeys(page, triple, called);
  if (triples.length) await shot(page, "2-found");
  await page.evaluate(() => window.figure.reset());
  await rest(page);
  await page.locator("#plot").blur();
  await zoomAndMove(page);
  await keys(page, called);
  await files(page, called);
  await unnamed(page);
  await close(page);
}

/** Every control has a name, and every id is there once. */
async function unnamed(page) {
  const found = await page.evaluate(() => [...document.querySelectorAll("button, input, summary, [tabindex]")]
    .filter((one) => !(one.ariaLabel || one.textContent.trim())).map((one) => one.outerHTML));
  check(!found.length, "every control has a name", found.join());
}

async function theDark() {
  const page = await open("dark", { colorScheme: "dark" });
  await labelsAreApart(page, "all of it");
  const frame = await frameOf(page);
  await page.mouse.move(frame.x + frame.width * 0.7, frame.y + frame.height * 0.4);
  await rest(page);
  await shot(page, "7-dark");
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const bright = ground.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 64);
  check(bright, "a dark page is dark", ground);
  await page.emulateMedia({ media: "print" });
  await rest(page);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(paper === "rgb(255, 255, 255)", "paper is white", paper);
  check(!(await page.locator("#tools").isVisible()), "buttons are not printed");
  if (folder) await page.screenshot({ path: `${folder}/${name}-8-print.png`, fullPage: true });
  await page.emulateMedia({ media: "screen" });
  await rest(page);
  await labelsAreApart(page, "after printing");
  await close(page);
}

async function thePhone() {
  const page = await open("phone", { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  await labelsAreApart(page, "all of it");
  await shot(page, "9-phone");
  const frame = await frameOf(page);
  const at = { x: frame.x + frame.width * 0.6, y: frame.y + frame.height * 0.4 };
  await page.touchscreen.tap(at.x, at.y);
  await rest(page);
  const told = await card(page);
  check(/\|.*\|./.test(told), "touching a cell tells its value", told);
  const inside = await page.locator("#readout").boundingBox();
  check(inside.x >= 0 && inside.x + inside.width <= 360, "the card is inside of the page");
  await shot(page, "9-phone-touched");
  await pinch(page, at);
  await labelsAreApart(page, "pinched");
  await shot(page, "9-phone-pinched");
  await close(page);
}

/** Two fingers that go apart. */
async function pinch(page, at) {
  const before = [await placeOf(page, at), await pixel(page)];
  const devtools = await page.context().newCDPSession(page);
  const fingers = (far) => [-1, 1].map((side, id) => ({ x: at.x + side * far, y: at.y, id }));
  await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(20) });
  for (let far = 24; far <= 60; far += 4) await devtools.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(far) });
  await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await rest(page);
  const [place, scale] = [await placeOf(page, at), await pixel(page)];
  const one = before[1].seen.every((seen) => seen <= 1);
  check(one || scale.x < before[1].x || scale.y < before[1].y, "two fingers zoom in");
  check(near(place, before[0], { x: 4 * scale.x, y: 4 * scale.y }), "what is between them stays there", `${JSON.stringify(before[0])} became ${JSON.stringify(place)}`);
}

await theScreen();
await theDark();
await thePhone();
await browser.close();
console.log(failed ? `${failed} are not so.` : "All of it is so.");
process.exitCode = failed ? 1 : 0;
