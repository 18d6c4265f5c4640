// Make each group of links one tab stop, in which the arrow keys, Home and End move the focus. The
// controls of a form that is open in a group stay tab stops.

const GROUPS = ".navigation, .tabs, .report-cards, .figures, .lead-table";
const STOPS = "a[href], .star button, .select input";
const AHEAD = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function groupStops(part) {
  const own = part.closest?.(GROUPS);
  for (const group of own ? [own] : part.querySelectorAll(GROUPS)) {
    const links = linksOf(group);
    const focused = links.find((link) => link === document.activeElement);
    stopAt(focused ?? links.find((link) => link.ariaCurrent) ?? links[0], links);
  }
}

export function moveWithinGroups() {
  document.addEventListener("focusin", ({ target }) => {
    const group = target.closest?.(GROUPS);
    const links = group ? linksOf(group) : [];
    if (links.includes(target)) stopAt(target, links);
  });
  document.addEventListener("keydown", (event) => {
    const group = event.target.closest?.(GROUPS);
    if (!group || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const next = linksOf(group).includes(event.target) && nextOf(event.target, event.key, group);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function linksOf(group) {
  return [...group.querySelectorAll(STOPS)].filter((one) => !one.closest(".open"));
}

function stopAt(current, links) {
  for (const link of links) link.tabIndex = link === current ? 0 : -1;
}

function nextOf(link, key, group) {
  const links = linksOf(group);
  const row = link.closest("tr");
  const within = row ? linksOf(row) : links;
  if (key === "Home") return within[0];
  if (key === "End") return within.at(-1);
  if (!(key in AHEAD)) return null;
  if (row && (key === "ArrowUp" || key === "ArrowDown")) return above(link, row, AHEAD[key], group);
  return within[within.indexOf(link) + AHEAD[key]];
}

// The nearest link in the row above or below.
function above(link, row, by, group) {
  const rows = [...group.querySelectorAll("tr:has(a[href])")];
  const candidates = rows[rows.indexOf(row) + by];
  const middle = (one) => one.getBoundingClientRect().left + one.offsetWidth / 2;
  const distance = (one) => Math.abs(middle(one) - middle(link));
  return candidates && linksOf(candidates).sort((one, other) => distance(one) - distance(other))[0];
}
