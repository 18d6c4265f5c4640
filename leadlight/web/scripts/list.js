// List of leads: the current row with its keys, editing in cells, and the place to return to.

const OFF = "leadlight-keys-off";
const KEPT = "leadlight-leads:";
const ROW = "tr[data-lead]";

document.addEventListener("focusin", ({ target }) => choose(target.closest?.(ROW)));
document.addEventListener("keydown", pressed);
document.addEventListener("dblclick", ({ target }) => {
  if (target.closest?.("a, button, input, form, .open")) return;
  target.closest?.(`${ROW} > td, ${ROW} > th`)?.querySelector("a.edit")?.click();
});
addEventListener("pagehide", keep);
restore();

function table() {
  return document.querySelector("[data-leads]");
}

function rows() {
  return [...document.querySelectorAll(ROW)];
}

// Mark the current row; only its controls have keyboard shortcuts.
function choose(row) {
  if (!row) return;
  for (const one of rows()) {
    one.classList.toggle("current", one === row);
    for (const control of one.querySelectorAll("[data-row-key]")) {
      if (one === row) control.dataset.key = control.dataset.rowKey;
      else delete control.dataset.key;
    }
  }
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return leave(event.target);
  if (event.target.matches?.("input:not([type=checkbox]), select, textarea")) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "F2" && edit(event.target)) event.preventDefault();
  if (localStorage.getItem(OFF)) return;
  if ((event.key === "j" || event.key === "k") && move(event.key === "j" ? 1 : -1))
    event.preventDefault();
}

function move(by) {
  const all = rows();
  const at = all.findIndex((one) => one.matches(".current"));
  const next = at < 0 ? all[0] : all[at + by];
  next?.querySelector("a.title").focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

// F2 edits the cell with the focus, or the title.
function edit(target) {
  const row = target.closest?.(ROW) ?? document.querySelector(`${ROW}.current`);
  const link = target.closest?.("td, th")?.querySelector("a.edit") ?? row?.querySelector("a.edit");
  link?.click();
  return Boolean(link);
}

// Escape leaves an open cell without a form of its own; `keys.js` leaves the forms.
function leave(target) {
  if (target.closest?.("form")?.querySelector("[data-cancel]")) return;
  target.closest?.(".open")?.querySelector("[data-cancel]")?.click();
}

// Store the current row and the scroll positions of this list for this tab.
function keep() {
  const list = table();
  if (!list) return;
  const frame = list.closest(".table-frame");
  const lead = document.querySelector(`${ROW}.current`)?.dataset.lead;
  const place = { lead, y: scrollY, top: frame.scrollTop, left: frame.scrollLeft };
  sessionStorage.setItem(KEPT + list.dataset.leads, JSON.stringify(place));
}

function restore() {
  const list = table();
  if (!list) return;
  const place = JSON.parse(sessionStorage.getItem(KEPT + list.dataset.leads) ?? "null");
  const linked = location.hash && document.getElementById(location.hash.slice(1))?.closest(ROW);
  const row = linked || rows().find((one) => one.dataset.lead === place?.lead);
  if (place) {
    scrollTo(0, place.y);
    list.closest(".table-frame").scrollTo(place.left, place.top);
  }
  row?.querySelector("a.title").focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}
