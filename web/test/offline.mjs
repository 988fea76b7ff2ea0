// Opens a map of one file from the disk, without a network, and writes pictures of it to look at:
// `npm run offline -- MAP.html [FOLDER] [LNG,LAT,TEXT]`. Fails where something is asked for from elsewhere, where the console has
// an error, and where the text below the pointer at the centre of a cell is another: of tiles, a cell of the deepest zoom. In a
// flat space the place is X,Y.

import { mkdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./chromium.mjs";

const [file, folder = "pictures", expected] = process.argv.slice(2);
if (!file) throw new Error("npm run offline -- MAP.html [FOLDER] [LNG,LAT,TEXT]");
mkdirSync(folder, { recursive: true });
const name = basename(file, ".html");

const browser = await launch();
const errors = [];

/** How many zooms closer values are read. */
const CLOSER = 4;

function expect(condition, sentence) {
  if (!condition) errors.push(`expected: ${sentence}`);
}

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 760 }, ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  const itself = pathToFileURL(resolve(file)).href;
  await page.route("**", (route) => {
    const url = route.request().url();
    if (url === itself || url.startsWith("data:")) return route.continue();
    errors.push(`expected: nothing is asked for, but ${url.slice(0, 100)} was`);
    return route.abort();
  });
  await page.goto(itself);
  await page.waitForSelector(".leaflet-pane img:not([hidden])", { state: "attached" });
  await page.waitForTimeout(700);
  return page;
}

const shot = (page, state) => page.screenshot({ path: `${folder}/${name}-${state}.png` });

/** The card beside the pointer, which hides while the map moves. */
async function readout(page) {
  await page.waitForSelector("#readout:visible");
  return page.locator("#readout").innerText();
}

/** What the pointer is told at a place, looked at so closely that no pixel is shared by two cells. */
async function toldAt(page, x, y) {
  let from = [600, 300];
  for (let step = 0; step <= CLOSER; step++) {
    from = await pointTo(page, [x, y], from);
    if (step < CLOSER) await page.mouse.dblclick(...from), await page.waitForTimeout(700);
  }
  return readoutAt(page, ...from);
}

/** Where a place is on the screen: the readouts of two pixels give the scale of the map. */
async function pointTo(page, goal, from) {
  const flat = !(await readoutAt(page, ...from)).includes("°");
  const north = (place) => (flat ? place[1] : Math.asinh(Math.tan((place[1] * Math.PI) / 180)));
  const at = async (px, py) => numbers(await readoutAt(page, px, py));
  for (let step = 0; step < 3; step++) {
    const [a, b] = [await at(...from), await at(from[0] + 100, from[1] + 100)];
    const px = from[0] + (100 * (goal[0] - a[0])) / (b[0] - a[0]);
    const py = from[1] + (100 * (north(goal) - north(a))) / (north(b) - north(a));
    if (!(px > 0 && px < 1100 && py > 0 && py < 660)) throw new Error(`${goal} is not on the screen: ${px}, ${py}`);
    from = [Math.round(px), Math.round(py)];
  }
  return from;
}

async function readoutAt(page, x, y) {
  await page.mouse.move(x, y);
  await page.waitForTimeout(200);
  return readout(page);
}

/** The place of a readout: degrees with a direction, or lengths. */
function numbers(text) {
  const line = text.trim().split("\n").at(-1);
  return [...line.matchAll(/(-?[\d.]+)(?:° ([EWNS]))?/g)].map(([, number, side]) => Number(number) * (/[WS]/.test(side) ? -1 : 1));
}

let page = await open();
await shot(page, "1-start");
expect(/\S \S/.test(await readoutAt(page, 640, 380)), "the pointer is told a value");
await shot(page, "2-hover");
const viewOf = () => page.evaluate(() => document.querySelector(".leaflet-map-pane").style.transform);
const before = await viewOf();
await page.mouse.move(700, 400);
await page.mouse.down();
await page.mouse.move(560, 330, { steps: 6 });
await page.mouse.up();
await page.waitForTimeout(600);
expect((await viewOf()) !== before, "the map is dragged");
for (let step = 0; step < 3; step++) await page.click(".leaflet-control-zoom-in", { force: true }), await page.waitForTimeout(450);
await shot(page, "3-near");
for (let step = 0; step < 3; step++) await page.click(".leaflet-control-zoom-in", { force: true }), await page.waitForTimeout(450);
await readoutAt(page, 640, 380);
await shot(page, "4-nearer");
for (let step = 0; step < 9; step++) await page.click(".leaflet-control-zoom-out", { force: true }), await page.waitForTimeout(350);
await page.waitForTimeout(500);
await shot(page, "5-far");
await page.context().close();

if (expected) {
  page = await open();
  const [x, y, ...text] = expected.split(",");
  const told = (await toldAt(page, Number(x), Number(y))).split("\n")[0];
  expect(told === text.join(","), `${text.join(",")} at ${x}, ${y}, not ${told}`);
  await page.context().close();
}

page = await open({ colorScheme: "dark" });
await shot(page, "6-dark");
for (let press = 0; press < 12; press++) {
  await page.keyboard.press("Tab");
  if (await page.evaluate(() => document.activeElement.id === "map")) break;
}
await page.keyboard.press("ArrowRight");
await page.waitForTimeout(700);
await page.keyboard.press("+");
await page.waitForTimeout(900);
await shot(page, "7-crosshair");
expect((await page.textContent("#aloud")).length > 0, "the value below the crosshair is read out");
expect(await page.locator("#crosshair").isVisible(), "the keys show a crosshair");
await page.context().close();

page = await open({ viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 });
await shot(page, "8-narrow");
await page.locator("#panel > summary").click();
await page.waitForTimeout(200);
await shot(page, "9-narrow-panel");
await page.context().close();

await browser.close();
console.log(errors.length ? errors.join("\n") : `${folder}/${name}-*.png: look at each picture.`);
process.exitCode = errors.length ? 1 : 0;
