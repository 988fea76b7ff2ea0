// Drives the built page against the mock server in a real browser and writes a picture of every state to look at:
// `npm run build && npm run look [FOLDER] [ADDRESS OF ANOTHER SERVER]`. Fails where the console has an error in normal use.

import { mkdirSync } from "node:fs";
import { launch, listen } from "./chromium.mjs";
import { start } from "./mock.mjs";

const [folder = "pictures", other] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = other ? undefined : await start(8124);
const home = other ?? "http://localhost:8124/";

const browser = await launch();
const errors = [];

async function open(query = "", options = {}) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 }, ...options });
  listen(page, (sentence) => errors.push(`${query}: ${sentence}`));
  await page.goto(home + query);
  return page;
}

/** Until nothing is being prepared and the maps have had time to draw. */
async function settled(page) {
  await page.waitForTimeout(400);
  await page.waitForFunction(() => document.getElementById("busy").hidden, null, { timeout: 60_000 });
  await page.waitForTimeout(900);
}

const shot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });

function expect(condition, sentence) {
  if (!condition) errors.push(`expected: ${sentence}`);
}

let page = await open();
await page.waitForTimeout(350);
await shot(page, "0-preparing");
await settled(page);
await shot(page, "1-start");
expect(!page.url().includes("?"), "an untouched page has an untouched address");

await page.mouse.move(740, 340);
await page.waitForSelector("#readout:visible");
await shot(page, "2-hover");

await page.locator("#bandwidth").focus();
for (let press = 0; press < 6; press++) await page.keyboard.press("ArrowLeft");
await settled(page);
expect(/style=gaussian:\d+m\+/.test(page.url()), `the bandwidth is in the address: ${page.url()}`);
await page.selectOption("#norm", "sqrt");
await page.locator("#colours > summary").click();
await page.locator('input[name=colormap][value="viridis"], input[name=colormap]').nth(2).check();
await settled(page);
await shot(page, "3-controls");
const address = page.url();
await page.goBack();
await settled(page);
expect(page.url() !== address, "back goes back");
await page.goForward();
await page.reload();
await settled(page);
expect(page.url() === address, "a reload keeps the address");
expect((await page.inputValue("#norm")) === "sqrt", "a reload keeps the norm");
await page.selectOption("#smoothing", "none");
await settled(page);
await shot(page, "4-plain-bins");
await page.close();

page = await open("", { colorScheme: "dark" });
await settled(page);
await shot(page, "5-dark");
await page.locator("#compare").check();
await settled(page);
await page.locator("text=Right map").click();
await page.selectOption("#norm", "linear");
await settled(page);
await page.locator("#swipe").focus();
await page.keyboard.press("PageUp");
await page.mouse.move(740, 340);
await page.waitForSelector("#readout:visible");
await shot(page, "6-compare-dark");
expect(/swipe=60/.test(page.url()) && /style2=/.test(page.url()), `the comparison is in the address: ${page.url()}`);
await page.close();

page = await open("?theme=light&swipe=55&style=gaussian:auto+log+magma+0.8&style2=gaussian:300m+log+mako+0.8");
await settled(page);
await page.mouse.move(1000, 300);
await page.mouse.down();
await page.mouse.move(940, 380, { steps: 5 });
await page.mouse.up();
await settled(page);
await shot(page, "7-compare-light");
expect(page.url().includes("at="), "a dragged view is in the address");
await page.close();

if ((page = await open()) && (await settled(page), await page.locator("#time").isVisible())) {
  await page.selectOption("#length", { index: Math.min(3, (await page.locator("#length option").count()) - 1) });
  await settled(page);
  await page.locator("#held").check();
  await page.locator("#play").click();
  await page.waitForTimeout(4000);
  await shot(page, "8-playing");
  await page.locator("#play").click();
  await settled(page);
  expect(/after=.*before=/.test(page.url()), `the window is in the address: ${page.url()}`);
}
await page.close();

page = await open();
await settled(page);
for (let press = 0; press < 40; press++) {
  await page.keyboard.press("Tab");
  if (await page.evaluate(() => document.activeElement.matches("canvas"))) break;
}
await page.keyboard.press("ArrowRight");
await page.waitForTimeout(1200);
await shot(page, "9-crosshair");
expect((await page.textContent("#aloud")).length > 0, "the value below the crosshair is read out");
if (server) {
  const asked = page.waitForRequest((request) => request.url().includes("v=1"), { timeout: 5000 });
  server.change();
  await asked.catch(() => errors.push("expected: changed tiles are loaded again"));
  await settled(page);
}
await page.close();

const narrow = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 };
page = await open("", narrow);
await settled(page);
await shot(page, "10-narrow");
await page.locator("#panel > summary").click();
await page.waitForTimeout(300);
await shot(page, "11-narrow-panel");
await page.close();
page = await open("?swipe=50&style2=gaussian:300m+log+viridis", narrow);
await settled(page);
await shot(page, "12-narrow-compare");
await page.close();

if (server) {
  page = await open("?where=busy");
  await page.waitForTimeout(800);
  await shot(page, "13-busy");
  await settled(page);
  await page.close();
}
const failures = errors.length;
page = await open("?style=gaussian:auto+logg+torrid");
await settled(page);
await shot(page, "14-error");
expect(await page.locator("#problem").isVisible(), "a refusal is shown");
await page.selectOption("#norm", "linear");
await settled(page);
expect(await page.locator("#problem").isHidden(), "a refusal goes when it is mended");
await page.close();
const refusals = errors.splice(failures).filter((error) => error.includes("expected:"));

await browser.close();
server?.close();
server?.closeAllConnections();
const all = [...errors.filter((error) => !(error.includes("?where=busy") && error.includes("503"))), ...refusals];
console.log(all.length ? all.join("\n") : `${folder}: look at each picture.`);
process.exitCode = all.length ? 1 : 0;
