// Drives the page of a running `torrid serve` as a person would and says what is not so, a sentence each; tests/browser.rs
// starts it: `node browser.mjs TOLD`, where TOLD is JSON:
//   home      address of the server
//   styled    address of one whose base is a MapLibre style on another host, with a background of `ground`
//   live      address (home) of one that takes events from those who know a token
//   layer     name of its layer of events, which have times over some weeks
//   hottest   lng, lat of the greatest value
//   readings  places, each the middle of a cell of a zoom: lng, lat, zoom, value (of a GeoTIFF)
//   pictures  folder for a picture of every state

import { mkdirSync } from "node:fs";
import { launch, listen } from "./chromium.mjs";
import { hottest, same, spread } from "./pixels.mjs";

const { home, styled, ground, live, layer, hottest: summit, readings, pictures } = JSON.parse(process.argv[2]);
const wrong = [];
const check = (condition, sentence) => condition || wrong.push(sentence);

mkdirSync(pictures, { recursive: true });
const browser = await launch();

/** What the controls hide, when pixels of the maps are compared. */
const BARE = "#panel, #legends, #corner, #messages, #readout, #crosshair, #swipe { opacity: 0 !important }";
const WIDE = { width: 1200, height: 760 };
const MIDDLE = [WIDE.width / 2, WIDE.height / 2];
const ZOOM = 12;
const AT = `at=${summit.lng.toFixed(5)},${summit.lat.toFixed(5)},${ZOOM}`;

/** Opens the page and waits until it has drawn; whatever goes wrong there is told with its address. */
async function open(query = "", { from = home, hosts = [from], quiet = false, ...options } = {}) {
  const page = await browser.newPage({ viewport: WIDE, ...options });
  const complain = (sentence) => quiet || wrong.push(`at ${query || "the start"}, ${sentence}`);
  page.asked = [];
  page.under = 0;
  listen(page, complain);
  const waits = (request) => request.url().endsWith("/changes") ? 0 : 1; // Word of changes comes as long as the page is open.
  page.on("request", (request) => {
    const url = request.url();
    page.under += waits(request);
    page.asked.push(url);
    const own = hosts.some((host) => url.startsWith(host)) || /^(data|blob):/.test(url);
    if (!own) complain(`nothing is asked of another host, but ${url} was`);
  });
  page.on("requestfinished", (request) => (page.under -= waits(request)));
  page.on("requestfailed", (request) => {
    page.under -= waits(request);
    const left = request.failure()?.errorText === "net::ERR_ABORTED"; // A tile or a value that is no longer wanted.
    if (!left) complain(`every request succeeds, but ${request.url()} did not: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => response.status() < 400 || complain(`no request is refused, but ${response.url()} was: ${response.status()}`));
  await page.goto(from + query);
  await settled(page);
  return page;
}

/** Until nothing is asked for, nothing is prepared, and two pictures after each other are equal. */
async function settled(page) {
  await page.waitForTimeout(350); // Sliders and the view rest before they count.
  for (let tries = 0, last; tries < 80; tries++) {
    await page.waitForTimeout(150);
    if (page.under > 0 || (await page.locator("#busy").isVisible())) continue;
    const now = await page.screenshot();
    if (last?.equals(now)) return;
    last = now;
  }
  wrong.push(`at ${page.url()}, the page comes to rest`);
}

const shot = (page, name) => page.screenshot({ path: `${pictures}/${name}.png` });
const bare = (page) => page.screenshot({ style: BARE });
const tilesAsked = (page, since = 0) => page.asked.slice(since).filter((url) => /\/\d+\/\d+\/\d+(@2x)?\.png/.test(url) && !url.includes("/base/"));
const parameter = (url, name) => new URL(url).searchParams.get(name);

/** The value that the server tells of a place, as the page writes it. */
async function told(page, lng, lat, zoom) {
  const { value, unit, events } = await (await page.request.get(`${home}${layer}/value?lng=${lng}&lat=${lat}&zoom=${zoom}`)).json();
  return `${value.toLocaleString("en", { maximumSignificantDigits: 4 })} ${unit}, of ${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}`;
}

async function theStart() {
  const page = await open();
  await shot(page, "start");
  check(!page.url().includes("?"), "an untouched page has an untouched address");
  check((await page.title()).includes(layer), "the layer is in the title");
  check(await page.locator("#legend-left").isVisible(), "there is a legend");
  const { colours } = (await (await page.request.get(`${home}choices.json`)).json()).colormaps.find(({ name }) => name === "torrid");
  const panel = await page.locator("#panel").boundingBox();
  const { at, far } = await hottest(browser, await bare(page), colours.at(-1));
  check(far < 40, `the map shows the hottest colour, not one that is ${far} away`);
  check(at[0] > panel.x + panel.width, `the heat is beside the panel, not at ${at}`);
  await page.close();
  await theTown(colours.at(-1));
}

async function theTown(hot) {
  const page = await open(`?${AT}&theme=dark`);
  const picture = await bare(page);
  const { at } = await hottest(browser, picture, hot);
  const far = Math.hypot(at[0] - MIDDLE[0], at[1] - MIDDLE[1]);
  check(far < 6, `the hottest colour is where the greatest value is, not ${far} pixels beside it`);
  const { colours } = await spread(browser, picture);
  check(colours > 200, `heat goes through many colours, not ${colours}`);
  await page.close();
}

async function theReadings() {
  for (const { lng, lat, zoom, value } of readings) {
    // MapLibre counts zooms in tiles of 512 pixels.
    const page = await open(`?at=${lng.toFixed(6)},${lat.toFixed(6)},${zoom - 1}`);
    await page.mouse.move(...MIDDLE);
    await page.waitForSelector("#readout:visible");
    const [text] = await page.locator("#readout p").allTextContents();
    check(text === await told(page, lng, lat, zoom), `the hover text is what the server tells, not ${text}`);
    const shown = Number(text.split(" ")[0].replaceAll(",", ""));
    const digit = 10 ** (Math.floor(Math.log10(value)) - 3);
    check(Math.abs(shown - value) <= 0.501 * digit, `the hover text is the value of the GeoTIFF, ${value}, to its digits, not ${shown}`);
    await shot(page, `hover-${zoom}`);
    await page.close();
  }
}

async function theSlider() {
  const page = await open(`?${AT}`);
  const before = { address: page.url(), tiles: new Set(tilesAsked(page)), picture: await bare(page) };
  await page.locator("#bandwidth").focus();
  for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowLeft");
  await settled(page);
  const bandwidth = /gaussian:(\d+)m/.exec(parameter(page.url(), "style") ?? "")?.[1];
  check(page.url() !== before.address && bandwidth, `the bandwidth is in the address: ${page.url()}`);
  check((await page.textContent("#bandwidth-text")) === `${bandwidth} m`, "the bandwidth beside the slider is that of the address");
  const fresh = tilesAsked(page).filter((url) => !before.tiles.has(url));
  check(fresh.length > 0 && fresh.every((url) => parameter(url, "style")?.startsWith(`gaussian:${bandwidth}m`)), "another bandwidth asks for other tiles");
  check((await same(browser, before.picture, await bare(page))) < 0.99, "another bandwidth gives another picture");
  await shot(page, "slider");
  await page.goBack();
  await settled(page);
  check((await same(browser, before.picture, await bare(page))) > 0.999, "back shows the picture before");
  await page.goForward();
  await settled(page);
  const picture = await bare(page);
  await page.reload();
  await settled(page);
  check((await same(browser, picture, await bare(page))) > 0.999, "a reload gives the same picture");
  await page.close();
}

async function theTime() {
  const page = await open(`?${AT}`);
  check(await page.locator("#time").isVisible(), "events with times have windows");
  await page.selectOption("#length", { label: "1 week" });
  await settled(page);
  const week = 7 * 24 * 3_600_000;
  const long = () => Date.parse(parameter(page.url(), "before")) - Date.parse(parameter(page.url(), "after"));
  check(long() === week, `a week is in the address: ${page.url()}`);
  await shot(page, "window");
  const first = { since: page.asked.length, picture: await bare(page), label: await page.textContent("#window") };
  const windows = () => new Set(tilesAsked(page, first.since).map((url) => parameter(url, "after")));
  await page.locator("#play").click();
  check((await page.getAttribute("#play", "aria-label")) === "Stop", "what plays can be stopped");
  for (let tries = 0; windows().size < 4 && tries < 300; tries++) await page.waitForTimeout(100);
  await shot(page, "playing");
  await page.locator("#play").click();
  await settled(page);
  check(windows().size >= 4, `a playing map asks for tiles of one window after the other, not only of ${[...windows()]}`);
  check(long() === week && page.url().includes("style="), "windows of a playing map are as long as each other and in one style");
  check((await page.textContent("#window")) !== first.label, "the window that is shown is told");
  check((await same(browser, first.picture, await bare(page))) < 0.99, "another window gives another picture");
  check(await page.locator("#problem").isHidden(), "windows with events are no problem");
  await shot(page, "played");
  await page.close();
}

async function theComparison() {
  const left = "gaussian:300m+linear+magma";
  const right = "gaussian:300m+log+viridis";
  const alone = [];
  for (const style of [left, right]) {
    const page = await open(`?style=${style}&${AT}`);
    alone.push(await bare(page));
    await page.close();
  }
  const page = await open(`?style=${left}&${AT}`);
  await page.locator("#compare").check();
  await page.locator("#sides >> text=Right map").click();
  await page.selectOption("#norm", "log");
  await page.locator("#colours > summary").click();
  await page.locator('input[name=colormap][value="viridis"]').check();
  await settled(page);
  check(parameter(page.url(), "style2") === right.replaceAll("+", " "), `the right style is in the address: ${page.url()}`);
  const asked = new Set(tilesAsked(page).map((url) => parameter(url, "style")));
  check([left, right].every((style) => asked.has(style.replaceAll("+", " "))), "a comparison asks for tiles of both styles");
  await page.mouse.move(MIDDLE[0] + 60, MIDDLE[1] + 60);
  await page.waitForSelector("#readout:visible");
  const lines = await page.locator("#readout p").allTextContents();
  check(lines[0].startsWith("left: ") && lines[1].startsWith("right: "), `both values are told, not ${lines}`);
  await shot(page, "compare");
  const picture = await bare(page);
  check((await same(browser, picture, alone[0], [0, 0.48])) > 0.999, "left of the handle is the left style");
  check((await same(browser, picture, alone[1], [0.52, 1])) > 0.999, "right of the handle is the right style");
  await page.locator("#swipe").focus();
  await page.keyboard.press("PageUp");
  await settled(page);
  check((await same(browser, await bare(page), alone[0], [0, 0.58])) > 0.999, "the handle can be moved with keys");
  await page.close();
}

async function theKeyboard() {
  const page = await open(`?${AT}`);
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.matches("canvas"))) break;
  }
  const answer = page.waitForResponse((response) => response.url().includes("/value?"), { timeout: 10_000 });
  await page.keyboard.press("ArrowRight");
  await answer.catch(() => {});
  await settled(page);
  check(!page.url().includes(AT), "the keys move the map");
  check(await page.locator("#crosshair").isVisible(), "the place that is read is marked");
  const [lng, lat] = parameter(page.url(), "at").split(",");
  const text = await page.textContent("#aloud");
  check(text.startsWith(await told(page, lng, lat, ZOOM + 1)), `the value in the middle is read out, not ${text}`);
  await shot(page, "keyboard");
  await page.close();
}

async function theDark() {
  const page = await open(`?${AT}`, { colorScheme: "dark" });
  check((await page.evaluate(() => document.documentElement.dataset.theme)) === "dark", "the page follows the system's look");
  const { corner } = await spread(browser, await bare(page));
  check(Math.max(...corner) < 90, `the ground of a dark page is dark, not ${corner}`);
  await shot(page, "dark");
  await page.close();
}

async function thePhone() {
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  const page = await open("", phone);
  await shot(page, "phone");
  check(tilesAsked(page).every((url) => url.includes("@2x")), "fine screens get fine tiles");
  check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than a phone");
  const ground = await page.screenshot();
  await page.locator("#panel > summary").click();
  await page.selectOption("#length", { label: "1 week" });
  await settled(page);
  check((await same(browser, ground, await page.screenshot(), [0, 1], [0.72, 0.78])) > 0.99, "the map beside the open panel is still there");
  await shot(page, "phone-panel");
  await page.locator("#play").click();
  await page.waitForTimeout(3000);
  await shot(page, "phone-playing");
  await page.locator("#play").click();
  await settled(page);
  await page.locator("#panel > summary").click();
  await page.waitForTimeout(300);
  await shot(page, "phone-window");
  await page.close();
  const both = await open("?swipe=50&style2=gaussian:300m+log+viridis", phone);
  await shot(both, "phone-compare");
  await both.close();
}

async function theOtherHosts() {
  const origin = new URL(ground.style).origin + "/";
  const page = await open(`?${AT}`, { from: styled, hosts: [styled, origin] });
  const { corner } = await spread(browser, await bare(page));
  check(corner.every((part, at) => Math.abs(part - ground.colour[at]) < 6), `a base of another host lies below, not ${corner}`);
  check((await page.inputValue("#base")) === ground.style, "the base is the one that was given");
  await shot(page, "styled");
  await page.close();
  const closed = await open(`?${AT}&base=${encodeURIComponent(ground.style)}`, { quiet: true });
  check((await closed.textContent("#problem")).startsWith("There is no base map below"), "a base that is not to be had is told");
  check((await closed.textContent("#problem")).includes(`--allow-host ${origin.slice(0, -1)}`), "a host that was not allowed is told, and how to allow it");
  check((await spread(browser, await bare(closed))).colours > 200, "without a base there is still the heat");
  await shot(closed, "blocked");
  await closed.close();
}

async function theNewEvents() {
  const { home: from, token } = live;
  const page = await open(`?${AT}&theme=dark`, { from });
  const read = async () => {
    await page.mouse.move(MIDDLE[0] + 9, MIDDLE[1]);
    await page.waitForTimeout(500);
    const answer = page.waitForResponse((response) => response.url().includes("/value?"));
    await page.mouse.move(...MIDDLE);
    await answer;
    await page.waitForTimeout(200);
    return Number((await page.locator("#readout p").first().textContent()).split(" of ")[1].split(" ")[0].replaceAll(",", ""));
  };
  const before = { events: await read(), picture: await bare(page), facts: await page.textContent("#facts") };
  // In the middle of the map, where the town is hottest already, and beside it, where nothing was.
  const beside = [summit.lng - 0.06, summit.lat - 0.03];
  const rows = Array.from({ length: 400 }, (_, i) => (i % 2 ? [summit.lng, summit.lat] : beside).join(",") + ",2018-10-02T00:00:00Z");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "text/csv", "Idempotency-Key": "a" };
  const sent = await page.request.post(`${from}${layer}/events`, { headers, data: "lng,lat,time\n" + rows.join("\n") });
  check(sent.ok() && (await sent.json()).events === 400, `events are taken, not ${sent.status()}`);
  await page.waitForFunction((facts) => document.getElementById("facts").textContent !== facts, before.facts, { timeout: 30_000 });
  await settled(page);
  check((await page.textContent("#facts")).startsWith("3,400 events."), "the page tells how many events there are now");
  check((await same(browser, before.picture, await bare(page))) < 0.99, "events that were sent are in the picture, without a touch");
  const events = await read();
  check(events === before.events + 200, `events that were sent are in the value, ${before.events} before and ${events} then`);
  await shot(page, "live");
  await page.close();
  const empty = await open(`?${AT}&after=2017-01-01&before=2017-01-02`, { from });
  check(await empty.locator("#problem").isHidden(), "a time without events is no problem");
  check((await spread(browser, await bare(empty))).colours < 60, "a time without events has no heat");
  await shot(empty, "empty");
  await empty.close();
}

/** Parts, some at a time: most of the time they wait. */
async function all(parts, seats) {
  const rest = [...parts];
  const work = async () => {
    for (let part; (part = rest.shift()); ) {
      await part().catch((error) => wrong.push(`${part.name} can be gone through, but ${error.message}`));
    }
  };
  await Promise.all(Array.from({ length: seats }, work));
}

await all([theComparison, thePhone, theTime, theSlider, theReadings, theOtherHosts, theNewEvents, theKeyboard, theStart, theDark], 3);
await browser.close();
console.log(wrong.length ? wrong.map((sentence) => `It is not so that ${sentence}.`).join("\n") : "all is so");
process.exitCode = wrong.length ? 1 : 0;
