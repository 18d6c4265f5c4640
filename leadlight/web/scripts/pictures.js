// Load the script that draws charts, only on pages with charts. If it takes longer than PATIENCE_MS,
// show the server's picture of each chart until then, to people who may export.

const PATIENCE_MS = 300;
const known = new WeakSet();

export async function drawCharts(part) {
  const elements = [...part.querySelectorAll("[data-chart]")].filter((one) => !known.has(one));
  if (!elements.length) return;
  elements.forEach((element) => known.add(element));
  const pictured = elements.filter((element) => element.dataset.picture);
  const waiting = setTimeout(() => pictured.forEach(showPicture), PATIENCE_MS);
  const { draw } = await import(elements[0].dataset.script);
  clearTimeout(waiting);
  elements.filter((element) => element.isConnected).forEach(draw);
}

function showPicture(element) {
  const address = new URL(element.dataset.picture, location.href);
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  address.searchParams.set("scheme", isDark ? "dark" : "light");
  address.searchParams.set("width", element.clientWidth);
  const picture = new Image();
  picture.alt = ""; // the element has the description
  picture.src = address;
  picture.addEventListener("load", () => element.querySelector("svg") ?? element.append(picture));
}
