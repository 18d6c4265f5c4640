// Tables of reports and lists: sticky header, number of columns beyond the right edge, and height of
// rows.

const DENSITY = "leadlight-density";

export function fitTables(part) {
  for (const frame of part.querySelectorAll(".table-frame.tall")) {
    const hasFigures = frame.querySelector(".figures");
    const observer = new ResizeObserver(() => {
      if (!frame.isConnected) observer.disconnect();
      else if (hasFigures) fit(frame);
      else countBeyond(frame);
    });
    observer.observe(frame);
    frame.addEventListener("scroll", () => countBeyond(frame), { passive: true });
    if (hasFigures) showDensity(frame.closest(".report-table"));
  }
}

let known; // the sentences announced last; at first, those of the loaded page

export function keepTables() {
  known = sentences();
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.density");
    if (!button) return;
    const isCompact = button.getAttribute("aria-pressed") === "false";
    localStorage.setItem(DENSITY, isCompact ? "compact" : "");
    showDensity(button.closest(".report-table"));
  });
  document.addEventListener("focusin", ({ target }) => bringIntoView(target));
  // After a swap, htmx restores the focus, and this code the horizontal scroll position. If the
  // focused element is gone, such as a removed chip, the filters get the focus.
  let left = 0;
  let isFocused = false;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    left = document.getElementById("frame")?.scrollLeft ?? 0;
    isFocused = detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const frame = document.getElementById("frame");
    if (frame) frame.scrollLeft = left;
    const isLost = isFocused && document.activeElement === document.body;
    if (isLost) document.querySelector("#filters summary")?.focus({ preventScroll: true });
    announce();
  });
}

// If the table fits the width of its frame, the frame does not scroll: the header sticks to the page.
function fit(frame) {
  const table = frame.querySelector("table");
  frame.classList.toggle("fits", table.offsetWidth <= frame.clientWidth);
  // Keep the focused element from being covered by the filters, the header or the first column.
  const bar = document.querySelector(".report-filters");
  const top = bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  const heads = table.tHead.offsetHeight + 8;
  const first = table.tHead.rows[0].cells[0].offsetWidth + 8;
  // Not on the frame: htmx copies the attributes of elements with an id, and the content security
  // policy refuses style attributes.
  for (const [name, width] of Object.entries({ top, heads, first }))
    frame.parentElement.style.setProperty(`--${name}`, `${width}px`);
  const isPage = frame.matches(".fits");
  document.documentElement.style.scrollPaddingTop = isPage ? `${top + heads}px` : "";
  countBeyond(frame);
}

// Scroll a focused cell into view: browsers do not do this for cells of sticky rows.
function bringIntoView(link) {
  const frame = link.closest?.(".table-frame.tall");
  if (!frame || !link.closest("th, td")?.cellIndex) return;
  const [one, box] = [link, frame].map((element) => element.getBoundingClientRect());
  const first = parseFloat(getComputedStyle(frame).scrollPaddingLeft) || 0;
  frame.scrollLeft += Math.max(0, one.right + 8 - box.right) + Math.min(0, one.left - box.left - first);
}

function countBeyond(frame) {
  const edge = frame.parentElement.querySelector(":scope > .edge, :scope > .table-tools > .edge");
  if (!edge) return;
  const right = frame.getBoundingClientRect().right;
  const beyond = [...frame.querySelectorAll("thead tr:last-child th")].filter(
    (head) => head.getBoundingClientRect().right > right + 1,
  ).length;
  edge.hidden = !beyond;
  edge.textContent = beyond ? `${edge.dataset.more.replace("{n}", beyond)} →` : "";
}

function showDensity(section) {
  const button = section.querySelector("button.density");
  if (!button) return;
  const isCompact = localStorage.getItem(DENSITY) === "compact";
  button.hidden = false;
  button.setAttribute("aria-pressed", isCompact);
  section.querySelector(".figures").classList.toggle("compact", isCompact);
}

function sentences() {
  return document.getElementById("sentences")?.textContent.replace(/\s+/g, " ").trim();
}

// Announce the result of a filter, sort order or choice of columns to screen readers, but not the
// loading of another part of the page, such as the data quality.
function announce() {
  const text = sentences();
  if (!text || text === known) return;
  known = text;
  document.getElementById("announced").textContent = text;
}
