// Tables of reports: heads that stick to the page, columns beyond the edge, and the height of rows.

const DENSITY = "leadlight-density";

export function fitTables(part) {
  for (const frame of part.querySelectorAll(".table-frame.tall:has(.figures)")) {
    const observer = new ResizeObserver(() => {
      if (frame.isConnected) fit(frame);
      else observer.disconnect();
    });
    observer.observe(frame);
    frame.addEventListener("scroll", () => countBeyond(frame), { passive: true });
    showDensity(frame.closest(".report-table"));
  }
}

export function keepTables() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.density");
    if (!button) return;
    const isCompact = button.getAttribute("aria-pressed") === "false";
    localStorage.setItem(DENSITY, isCompact ? "compact" : "");
    showDensity(button.closest(".report-table"));
  });
  // A sorted table keeps its place: htmx keeps the focus, and this the scroll.
  let left = 0;
  document.addEventListener("htmx:beforeSwap", () => (left = document.getElementById("frame")?.scrollLeft ?? 0));
  document.addEventListener("htmx:afterSettle", () => {
    const frame = document.getElementById("frame");
    if (frame) frame.scrollLeft = left;
    announce();
  });
}

// Where the table fits the width, the frame need not scroll, and its heads stick to the page.
function fit(frame) {
  const table = frame.querySelector("table");
  frame.classList.toggle("fits", table.offsetWidth <= frame.clientWidth);
  countBeyond(frame);
}

function countBeyond(frame) {
  const edge = frame.closest(".report-table").querySelector(".edge");
  const right = frame.getBoundingClientRect().right;
  const beyond = [...frame.querySelectorAll("thead tr:last-child th")].filter(
    (head) => head.getBoundingClientRect().right > right + 1,
  ).length;
  edge.hidden = !beyond;
  edge.textContent = beyond ? `${edge.dataset.more}: ${beyond} →` : "";
}

function showDensity(section) {
  const button = section.querySelector("button.density");
  const isCompact = localStorage.getItem(DENSITY) === "compact";
  button.hidden = false;
  button.setAttribute("aria-pressed", isCompact);
  section.querySelector(".figures").classList.toggle("compact", isCompact);
}

function announce() {
  const sentences = document.getElementById("sentences");
  const place = document.getElementById("announced");
  if (sentences && place && place.textContent !== sentences.textContent) {
    place.textContent = sentences.textContent;
  }
}
