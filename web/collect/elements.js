// What `torrid page` asks of a page that is laid out and scrolled to its top: its size, and the box of every element that
// can be seen or clicked, as src/page.rs has them; and of selectors that others use, what they find first. Elements in
// shadow trees are not listed; the element that hosts them is.

(asked, most) => {
  const view = document.scrollingElement || document.documentElement;
  const round = (length) => Math.round(length * 1000) / 1000;
  const seen = (e) => !e.checkVisibility || e.checkVisibility({ visibilityProperty: true });
  const boxed = (e, text) => {
    const b = e.getBoundingClientRect();
    if (!(b.width > 0 && b.height > 0) || !seen(e)) return null;
    const still = fixed(e), x = b.left + (still ? 0 : scrollX), y = b.top + (still ? 0 : scrollY);
    return { selector: text, x: round(x), y: round(y), width: round(b.width), height: round(b.height), fixed: still };
  };
  const elements = [], known = new Set();
  let more = false;
  for (const e of document.querySelectorAll("*")) {
    if (elements.length == most) {
      more = true;
      break;
    }
    const found = boxed(e, "");
    if (found) known.add((found.selector = selector(e))), elements.push(found);
  }
  // A selector that no browser knows, one that nothing matches, and one whose element is hidden are told apart.
  const missed = { wrong: [], absent: [], hidden: [] };
  for (const text of asked) {
    if (known.has(text)) continue;
    let e;
    try {
      e = document.querySelector(text);
    } catch {
      missed.wrong.push(text);
      continue;
    }
    const found = e && boxed(e, text);
    if (found) elements.push(found);
    else missed[e ? "hidden" : "absent"].push(text);
  }
  const width = view.scrollWidth, height = view.scrollHeight, viewport = [view.clientWidth, view.clientHeight];
  return JSON.stringify({ url: location.href, title: document.title, width, height, viewport, elements, missed, more });
}
