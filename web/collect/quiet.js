// What `torrid page` asks of a page again and again until it has come to rest: whether everything is loaded that was begun,
// and how much that is.

() => {
  const view = document.scrollingElement || document.documentElement;
  performance.setResourceTimingBufferSize(1e6);
  const pictures = [...document.images].filter((picture) => picture.currentSrc && !picture.complete && picture.loading != "lazy");
  const ready = document.readyState == "complete" && document.fonts.status == "loaded" && !pictures.length;
  const loaded = performance.getEntriesByType("resource").length;
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus || 0;
  const failed = location.protocol == "chrome-error:"; // A page of the browser's own, in place of the one that was asked for.
  return JSON.stringify({ failed, ready, loaded, status, height: view.scrollHeight, viewport: view.clientHeight, at: view.scrollTop });
}
