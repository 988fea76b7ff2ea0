// What `torrid page` writes of a page is what Chromium says, driven by somebody else; tests/page.rs starts it:
// `node page-boxes.mjs ADDRESS HEIGHT SHOT.json...`, each written at the width that it tells. A sentence for what is not so.

import { readFileSync } from "node:fs";
import { launch } from "./chromium.mjs";

const [address, height, ...files] = process.argv.slice(2);
const wrong = [];
const check = (condition, sentence) => condition || wrong.push(sentence);
const browser = await launch({ args: ["--hide-scrollbars"] });
let boxes = 0;

for (const file of files) {
  const told = JSON.parse(readFileSync(file, "utf8"));
  const width = told.viewport[0];
  const at = (sentence) => `at ${width} pixels, ${sentence}`;
  const page = await browser.newPage({ viewport: { width, height: Number(height) }, deviceScaleFactor: told.scale });
  await page.goto(address, { waitUntil: "networkidle" });
  check(told.torrid === "page" && told.version === 1, at("the file says what it is"));
  check(told.title === (await page.title()), at(`the title is not ${told.title}`));
  const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  check(size[0] === told.width && size[1] === told.height, at(`the page is ${size}, not ${told.width},${told.height}`));
  const shot = readFileSync(file.replace(/json$/, "png"));
  const pixels = [shot.readUInt32BE(16), shot.readUInt32BE(20)];
  check(pixels[0] === told.width * told.scale && pixels[1] === told.height * told.scale, at(`the picture has ${pixels} pixels`));

  // Every box, by the selector, which finds it and nothing else.
  const seen = await page.evaluate((selectors) => selectors.map((selector) => {
    const found = document.querySelectorAll(selector);
    const { x, y, width, height } = found[0]?.getBoundingClientRect() ?? {};
    return { count: found.length, x, y, width, height };
  }), told.elements.map((element) => element.selector));
  told.elements.forEach((element, i) => {
    check(seen[i].count === 1 || element.selector === ".grid button", at(`${element.selector} finds ${seen[i].count} elements`));
    for (const side of ["x", "y", "width", "height"]) {
      check(Math.abs(element[side] - seen[i][side]) < 0.5, at(`${element.selector} has ${side} ${seen[i][side]}, not ${element[side]}`));
    }
    boxes++;
  });

  // None is missing: those that have a size and are seen, counted by another way.
  const visible = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((e) => {
    const { width, height } = e.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(e).visibility === "visible";
  }).length);
  const own = told.elements.filter((element) => !["html", "body", ".grid button"].includes(element.selector));
  check(own.length === visible, at(`there are ${visible} elements to be seen, not ${own.length}`));
  const still = told.elements.filter((element) => element.fixed).map((element) => element.selector);
  for (const id of ["#search", "#ship"]) check(still.includes(id), at(`${id} is fixed`));
  for (const id of ["#buy", "#end", "body"]) check(!still.includes(id), at(`${id} is not fixed`));
  check(!still.some((selector) => selector.endsWith("span:nth-of-type(1)")), at("what a turned element holds is not fixed to the window"));

  await page.close();
}
await browser.close();
if (!wrong.length) console.log(`${boxes} boxes are as they are told`);
for (const sentence of wrong) console.error(sentence);
process.exitCode = wrong.length ? 1 : 0;
