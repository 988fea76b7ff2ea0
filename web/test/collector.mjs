// Drives a page that has the collector, as visitors do, and says what is not so, a sentence each; tests/collect.rs starts
// it: `node collector.mjs TOLD`, where TOLD is JSON:
//   collector  address of a `torrid serve --collect`
//   port       where the page is served from, a site that the collector knows
//   modes      which visits to make, of those below
// It writes what was done as JSON: a list for each visit, of clicks with selector, x, y in the page, and the box.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { launch, listen } from "./chromium.mjs";

const { collector, port, modes } = JSON.parse(process.argv[2]);
const wrong = [];
const check = (condition, sentence) => condition || wrong.push(sentence);
const shop = readFileSync(new URL("pages/shop.html", import.meta.url), "utf8");

/** The shop with the collector, on whose tag `consent` stands. */
const withCollector = (consent) => shop.replace("</body>", `<script async src="${collector}/collect.js"${consent}></script></body>`);
const site = createServer((request, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  if (request.url.startsWith("/elsewhere")) return response.end("<!doctype html><title>Elsewhere</title>");
  response.end(withCollector(request.url.startsWith("/asks") ? "" : ' data-consent="granted"' + (request.url.includes("q=") ? " data-query" : "")));
});
await new Promise((begun) => site.listen(port, "127.0.0.1", begun));
const home = `http://127.0.0.1:${port}`;

const browser = await launch();

/** A page, with what it sent to the collector. */
async function open(path, options = {}, prepare = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
  const page = await context.newPage();
  page.sent = [];
  listen(page, (sentence) => wrong.push(`at ${path}, ${sentence}`));
  page.on("request", (request) => request.url().endsWith("/collect") && page.sent.push(request));
  await prepare(page);
  await page.goto(home + path, { waitUntil: "networkidle" });
  await page.waitForFunction(() => window.torrid);
  return page;
}

/** Clicks at a share of an element, and tells where that is. */
async function click(page, selector, [x, y]) {
  const element = page.locator(selector);
  // To the middle, where nothing that is fixed lies on it; a page tells a frame later that it was scrolled.
  await element.evaluate((e) => new Promise((done) => {
    e.scrollIntoView({ block: "center", behavior: "instant" });
    requestAnimationFrame(() => requestAnimationFrame(done));
  }));
  const at = await element.evaluate((e, [x, y]) => {
    const b = e.getBoundingClientRect();
    const [left, top] = [b.left + x * b.width, b.top + y * b.height];
    return { left, top, x: left + scrollX, y: top + scrollY, width: b.width, height: b.height };
  }, [x, y]);
  await page.mouse.click(at.left, at.top);
  return { selector, element_x: x, element_y: y, ...at };
}

/** Leaves the page, which sends what is left; and waits until that has come. */
async function leave(page) {
  await page.goto(`${home}/elsewhere`);
  await page.waitForTimeout(400);
}

/** Nothing is kept on the visitor's machine. */
async function leavesNothing(page, name) {
  const cookies = await page.context().cookies();
  check(cookies.length === 0, `${name}: there is no cookie, but ${JSON.stringify(cookies)}`);
  const kept = await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length]);
  check(kept.every((count) => count === 0), `${name}: nothing is stored, but ${kept}`);
}

async function moves(page) {
  for (let i = 0; i < 6; i++) {
    await page.mouse.move(200 + 40 * i, 300 + 10 * i);
    await page.waitForTimeout(260);
  }
}

const visits = {
  /** A visitor who agrees does everything there is. */
  async granted() {
    const page = await open("/?private=1#place");
    const clicks = [];
    clicks.push(await click(page, "#search", [0.25, 0.5]));
    clicks.push(await click(page, "#buy", [0.5, 0.75]));
    clicks.push(await click(page, ".grid article:nth-of-type(5) button", [0.9, 0.2]));
    await moves(page);
    await page.mouse.wheel(0, 600);
    await page.waitForTimeout(300);
    clicks.push(await click(page, "#end", [0.1, 0.9]));
    clicks.push(await click(page, "#ship", [0.5, 0.5]));
    await page.keyboard.press("Enter"); // A click by a key has no place.
    const bottom = await page.evaluate(() => Math.round(scrollY + innerHeight));
    const inner = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
    await page.waitForTimeout(11_000); // What is sent while a page ends is not told here.
    await leavesNothing(page, "granted");
    await leave(page);
    check(page.sent.length > 0, "granted: something is sent");
    for (const request of page.sent) {
      check(request.method() === "POST", `granted: it is sent by POST, not ${request.method()}`);
      check((await request.allHeaders())["content-type"]?.startsWith("text/plain"), "granted: it is sent as text, so that no browser asks first");
      check(!(await request.allHeaders()).cookie, "granted: no cookie is sent");
    }
    return { clicks, bottom, page: inner, requests: page.sent.length };
  },

  /** One who is asked, agrees, and thinks better of it. */
  async asked() {
    const page = await open("/asks");
    await click(page, "#buy", [0.5, 0.5]);
    await moves(page);
    await page.mouse.wheel(0, 300);
    await page.waitForTimeout(11_000);
    check(page.sent.length === 0, "asked: nothing is sent before there is consent");
    await page.evaluate(() => torrid.consent(true));
    const clicks = [await click(page, "#search", [0.5, 0.5])];
    await page.waitForTimeout(11_000);
    check(page.sent.length > 0, "asked: after consent it is sent, every ten seconds");
    await click(page, "#end", [0.5, 0.5]);
    await page.evaluate(() => torrid.consent(false));
    const before = page.sent.length;
    await click(page, "#buy", [0.5, 0.5]);
    await page.waitForTimeout(3000);
    await leavesNothing(page, "asked");
    await leave(page);
    check(page.sent.length === before, "asked: once consent is taken back, nothing is sent, not even what was done before");
    return { clicks };
  },

  /** Those whose browsers object, although the page says that they agreed. */
  async objecting() {
    const objections = { DNT: () => Object.defineProperty(Navigator.prototype, "doNotTrack", { get: () => "1" }), GPC: () => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }) };
    for (const [name, objection] of Object.entries(objections)) {
      const page = await open("/", {}, (page) => page.addInitScript(objection));
      await click(page, "#buy", [0.5, 0.5]);
      await page.evaluate(() => torrid.consent(true));
      await click(page, "#search", [0.5, 0.5]);
      await moves(page);
      await leavesNothing(page, name);
      await leave(page);
      check(page.sent.length === 0, `${name}: nothing is sent`);
    }
    return {};
  },

  /** One who taps, on a page whose query is asked for. */
  async phone() {
    const page = await open("/?q=boots", { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true, screen: { width: 390, height: 844 } });
    const box = await page.locator("#buy").boundingBox();
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForTimeout(2800);
    await leave(page);
    return {};
  },

  /** The same clicks at three widths, a log for each; tests lay them on a page of another width. */
  async replayed() {
    const widths = {};
    for (const width of [400, 800, 1280]) {
      const page = await open(`/at-${width}`, { viewport: { width, height: 700 } });
      const clicks = [];
      for (const selector of ["#search", "#buy", ".grid article:nth-of-type(2) button", ".grid article:nth-of-type(6) button", "#end"]) {
        for (const at of [[0.2, 0.3], [0.5, 0.5], [0.9, 0.8]]) clicks.push(await click(page, selector, at));
      }
      await leave(page);
      widths[width] = clicks;
    }
    return { widths };
  },
};

const told = {};
for (const mode of modes) told[mode] = await visits[mode]();
await browser.close();
site.close();
console.log(JSON.stringify(told));
for (const sentence of wrong) console.error(sentence);
process.exit(wrong.length ? 1 : 0);
