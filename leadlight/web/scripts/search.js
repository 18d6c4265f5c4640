// Results of the search: the arrow keys move from the box through the results. Escape, or a click
// or the focus elsewhere, closes the results below the box; on the search page, they stay.

const AHEAD = { ArrowDown: 1, ArrowUp: -1 };

export function moveThroughResults() {
  document.addEventListener("keydown", (event) => {
    const [box, found] = parts();
    if (!found || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target !== box && !found.contains(event.target)) return;
    if (event.key === "Escape" && close()) box.focus();
    const stops = [box, ...found.querySelectorAll("a.result")];
    const own = event.target.closest("li")?.querySelector("a.result") ?? box;
    const next = event.key in AHEAD && stops[stops.indexOf(own) + AHEAD[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  for (const kind of ["click", "focusin"])
    document.addEventListener(kind, ({ target }) => {
      if (target.isConnected && !target.closest?.(".search")) close();
    });
}

function parts() {
  return [document.getElementById("search"), document.getElementById("found")];
}

function close() {
  const panel = document.querySelector(".search .found");
  panel?.replaceChildren();
  return Boolean(panel);
}
