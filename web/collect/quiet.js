// What `torrid page` asks of a page again and again until it has come to rest: whether everything is loaded that was begun,
// and how much that is.

() => {
  const view = document.scrollingElement || document.documentElement;
  performance.setResourceTimingBufferSize(1e6);
  const pictures = [...document.images].filter((picture) => picture.currentSrc && !picture.complete && picture.loading != "lazy");
  const ready = document.readyState == "complete" && document.fonts.status == "loaded" && !pictures.length;
  const loaded = performance.getEntriesByType("resource").length;
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus || 0;
  return JSON.stringify({ ready, loaded, status, height: view.scrollHeight, viewport: view.clientHeight, at: view.scrollTop });
}
