// Selection of rows in a list, and the bar of bulk changes. The selection is kept in the tab, so that
// it survives other pages of the list and opened leads; it ends when a bulk change starts.

const BOXES = "input[name=lead][form=bulk]";
const WHOLE_PAGE = "thead .select input[type=checkbox]";
const KEYS_OFF = "leadlight-keys-off"; // as in keys.js

// Last row that was clicked, for a range with Shift.
let last = null;

const bar = () => document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll(BOXES)];
const place = () => `leadlight-selection:${bar().dataset.scope}`;

function stored() {
  const { keys = [], all = null } = JSON.parse(sessionStorage.getItem(place()) ?? "{}");
  // “All leads found” applies to one query only.
  return { keys: new Set(keys), all: all === bar().dataset.query ? all : null };
}

function store(keys, all = null) {
  sessionStorage.setItem(place(), JSON.stringify({ keys: [...keys], all }));
  show();
}

function show() {
  if (!bar()) return;
  const { keys, all } = stored();
  const isAll = all !== null;
  for (const box of boxes()) box.checked = isAll || keys.has(box.value);
  const whole = document.querySelector(WHOLE_PAGE);
  if (whole) {
    const checked = boxes().filter((box) => box.checked).length;
    whole.checked = checked > 0 && checked === boxes().length;
    whole.indeterminate = checked > 0 && !whole.checked;
  }
  const { elements } = bar();
  elements.keys.value = JSON.stringify(isAll ? [] : [...keys]);
  elements.all.value = isAll ? "1" : "";
  const count = bar().querySelector("[data-count]");
  const { one, many, all: whole_list } = count.dataset;
  count.textContent = isAll ? whole_list : keys.size === 1 ? one : many.replace("{n}", keys.size);
  bar().querySelector("[data-bulk-all]").hidden = isAll;
  const isEmpty = !isAll && !keys.size;
  if (isEmpty && !bar().hidden) closeForm();
  bar().hidden = isEmpty;
}

// Check or uncheck boxes; a change of one row ends the selection of all leads found.
function choose(changed, isChecked) {
  const { keys, all } = stored();
  if (all !== null) for (const box of boxes()) keys.add(box.value);
  for (const box of changed) keys[isChecked ? "add" : "delete"](box.value);
  store(keys);
}

function closeForm() {
  document.getElementById("bulk-form")?.replaceChildren();
}

function range(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  return from < 0 ? [box] : all.slice(from, to + 1);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!bar() || !target.closest) return;
  if (target.matches(BOXES)) {
    choose(event.shiftKey ? range(target) : [target], target.checked);
    last = target;
  } else if (target.matches(WHOLE_PAGE)) choose(boxes(), target.checked);
  else if (target.closest("[data-bulk-all]")) store([], bar().dataset.query);
  else if (target.closest("[data-bulk-none]")) store([]);
  else if (target.closest("[data-bulk-cancel]") && bar()) {
    event.preventDefault();
    closeForm();
    bar().querySelector("button[formaction]").focus();
  } else if (target.closest(".bulk-more [formaction]")) target.closest("details").open = false;
});

// X selects the row with the focus, or the first one, and goes to the next.
document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || !bar() || localStorage.getItem(KEYS_OFF)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const all = boxes();
  const here = document.activeElement?.closest("tr")?.querySelector(BOXES) ?? all[0];
  if (!here) return;
  event.preventDefault();
  choose([here], !here.checked);
  last = here;
  (all[all.indexOf(here) + 1] ?? here).focus();
});

document.addEventListener("bulk-started", () => sessionStorage.removeItem(place()));
document.addEventListener("htmx:load", show);
window.addEventListener("pageshow", show);
show();
