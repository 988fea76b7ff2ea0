// The collector: what visitors do on a page, sent to the server that this script comes from; docs/collect.md tells every
// byte of it. Nothing is listened to before there is consent, and nothing at all where a browser asks not to be followed.
// It is built with selector.js into one file (vite.config.mjs), which is to stay below 3 kB.

const own = document.currentScript, to = new URL("collect", own.src), said = own.dataset;
const at = (length, steps) => Math.round(length * steps) / steps;
const view = () => document.scrollingElement || document.documentElement;
const small = Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
const device = matchMedia("(pointer:coarse)").matches ? small : "desktop";
let on, visitor, lines, waiting, deepest, told, moved, changes = 0;

// What every line has.
const line = (kind, more) => {
  const v = view();
  return {
    time: new Date().toISOString(), visitor, kind,
    url: location.origin + location.pathname + ("query" in said ? location.search : ""),
    viewport_width: v.clientWidth, viewport_height: v.clientHeight, page_width: v.scrollWidth, page_height: v.scrollHeight,
    device, ...more,
  };
};

// What has a place.
const placed = (kind, { target: e, clientX: x, clientY: y }) => {
  const b = e.getBoundingClientRect(), still = fixed(e);
  const share = (part, all) => (all ? at(Math.min(1, Math.max(0, part / all)), 1e4) : 0);
  return line(kind, {
    x: at(still ? x : x + scrollX, 10), y: at(still ? y : y + scrollY, 10), fixed: still,
    selector: selector(e), element_x: share(x - b.left, b.width), element_y: share(y - b.top, b.height),
  });
};

const flush = () => {
  if (deepest > told) lines.push(line("scroll", { depth: (told = deepest) }));
  while (lines.length) navigator.sendBeacon(to, lines.splice(0, 20).map((one) => JSON.stringify(one)).join("\n"));
};
const put = (one) => lines.push(one) > 19 && flush();

// A click is dead when nothing has come of it after a while; on what takes the keyboard or plays, it never is.
const clicked = (event) => {
  if (!event.detail) return; // By a key, or by a click on the label of this.
  const one = placed("click", event), before = changes, address = location.href;
  one.dead = !event.target.closest("input,select,textarea,label,video,audio,[contenteditable]");
  waiting.push(one);
  setTimeout(() => {
    const i = waiting.indexOf(one);
    if (i < 0) return;
    waiting.splice(i, 1);
    one.dead &&= changes == before && location.href == address;
    put(one);
  }, 2500);
};

const left = () => {
  // That the page is left came of the click.
  for (const one of waiting.splice(0)) lines.push({ ...one, dead: false });
  flush();
};
const seen = () => {
  const v = view();
  document.hidden ? left() : (deepest = Math.max(deepest, Math.min(v.scrollHeight, Math.round(scrollY + v.clientHeight))));
};

const consent = (given) => {
  if (on) on.abort();
  on = 0, lines = [], waiting = [], deepest = told = moved = 0;
  const n = navigator;
  if (!given || n.globalPrivacyControl || n.doNotTrack == 1 || window.doNotTrack == 1) return;
  on = new AbortController();
  const signal = on.signal;
  const hear = (name, then) => addEventListener(name, (e) => e.isTrusted && then(e), { signal, capture: true, passive: true });
  [visitor] = crypto.getRandomValues(new Uint32Array(1));
  hear("click", clicked);
  hear("pointerdown", (e) => e.pointerType == "touch" && put(placed("touch", e)));
  hear("pointermove", (e) => {
    if (e.pointerType == "touch" || e.timeStamp < moved + 500) return;
    moved = e.timeStamp;
    put(placed("move", e));
  });
  hear("scroll", () => (changes++, seen()));
  hear("visibilitychange", seen);
  hear("pagehide", left);
  const watch = new MutationObserver(() => changes++), clock = setInterval(flush, 1e4);
  watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  signal.onabort = () => (watch.disconnect(), clearInterval(clock));
  seen();
};
window.torrid = { consent };
consent(said.consent == "granted");
