// What the page's collector (collect.js) and `torrid page` (elements.js) agree on, so that what the one records the other
// finds: the selector of an element, and whether it stays in the window. It is no module: it is put before either of them.

// The shortest path from the nearest ancestor whose id is unique: `#menu > li:nth-of-type(2)`. It finds the element alone.
function selector(e) {
  const path = [];
  for (; e && path.length < 99; e = e.parentElement) {
    const id = e.getAttribute("id");
    const own = id ? "#" + CSS.escape(id) : e == document.body || e == document.documentElement ? e.localName : "";
    if (own && document.querySelectorAll(own).length < 2) {
      path.unshift(own);
      break;
    }
    let n = 1;
    for (let s = e; (s = s.previousElementSibling); ) s.localName == e.localName && n++;
    path.unshift(CSS.escape(e.localName) + `:nth-of-type(${n})`);
  }
  return path.join(" > ");
}

// Whether it or what it is in is fixed to the window, or sticks to an edge of it now.
function fixed(e) {
  for (; e; e = e.parentElement) {
    const style = getComputedStyle(e), b = e.getBoundingClientRect();
    const at = (gap, edge) => Math.abs(parseFloat(gap) - edge) < 1;
    // One that a transformed ancestor holds is not fixed to the window; that ancestor is its offsetParent.
    if (style.position == "fixed" && !e.offsetParent) return true;
    if (style.position == "sticky" && (at(style.top, b.top) || at(style.bottom, innerHeight - b.bottom))) return true;
  }
  return false;
}
