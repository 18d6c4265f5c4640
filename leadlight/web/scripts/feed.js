// Ask for new entries of an open activity feed, every 20 seconds while the page is visible.

const EVERY_MS = 20_000;

export function followFeed() {
  if (!document.querySelector("[data-feed]")) return;
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    // An error of such a request, which the reader did not send, leaves the page as it is.
    const isOurs = detail.requestConfig?.elt.matches("[data-news]");
    if (isOurs && detail.xhr.status >= 400) detail.shouldSwap = false;
  });
}

function ask() {
  if (!document.hidden) document.querySelector("[data-news]")?.dispatchEvent(new Event("news"));
}
