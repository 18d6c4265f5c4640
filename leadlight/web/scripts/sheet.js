// Page of a sheet: the grid, its header with filters, the column dialog, and the panel of a row.

import { SheetData } from "./sheet_data.js";
import { SheetGrid } from "./sheet_grid.js";

const NEWS = 3000;
const place = document.getElementById("sheet");
const texts = JSON.parse(place.dataset.texts);
const said = document.getElementById("sheet-said");
const panel = document.getElementById("sheet-panel");
const dialog = document.getElementById("sheet-column");
const head = place.querySelector(".sheet-head");
const frame = place.querySelector(".sheet-frame");
const columnsMenu = document.getElementById("sheet-hidden");
let shownColumns = "";
let opened = null;

const data = new SheetData(place, changed, say);
const grid = new SheetGrid(frame, data, texts, {
  say,
  panel: () => openPanel(true),
  moved: (row) => !panel.hidden && row && row.key !== opened && later(() => openPanel(false)),
  undo: () => undo(),
  addRows: (count) => addRows(count),
});
let timer;

start();

async function start() {
  await data.read(0, 0);
  changed();
  setInterval(async () => {
    if (document.hidden) return;
    if ((await data.news()) === "reload") await reload();
  }, NEWS);
}

addEventListener("beforeunload", (event) => {
  if (data.unsaved.size) event.preventDefault();
});

function say(name, sentence = texts[name]) {
  said.textContent = sentence ?? "";
  said.classList.toggle("refused", name === "refused" || name === "");
}

function later(work) {
  clearTimeout(timer);
  timer = setTimeout(work, 250);
}

function changed() {
  const columns = JSON.stringify(data.shown.map((one) => [one.id, one.header, one.target]));
  if (columns !== shownColumns) drawHead(columns);
  grid.draw();
  document.getElementById("sheet-total").textContent = data.total.toLocaleString(
    document.documentElement.lang,
  );
}

async function reload() {
  await data.reload(grid.active.row);
  changed();
}

// Header

function drawHead(columns) {
  shownColumns = columns;
  const titles = row();
  const filters = row();
  titles.append(cell("columnheader", "sheet-number", "#"));
  filters.append(cell("gridcell", "sheet-number", ""));
  data.shown.forEach((column, at) => {
    const title = cell("columnheader", at ? "" : "frozen", "");
    const name = place.dataset.editable ? element("button", column.header) : element("span", column.header);
    name.title = column.meaning ? `${column.header} → ${column.meaning}` : column.header;
    if (column.meaning) name.className = "known";
    if (name.matches("button")) {
      name.type = "button";
      name.addEventListener("click", () => openColumn(column));
    }
    title.append(name);
    titles.append(title);
    const filter = cell("gridcell", at ? "" : "frozen", "");
    const input = document.createElement("input");
    input.type = "search";
    input.value = data.filters.get(column.key) ?? "";
    input.ariaLabel = `${texts.filter}: ${column.header}`;
    input.addEventListener("input", () =>
      later(async () => {
        await data.filter(column.key, input.value);
        grid.move(0, grid.active.column);
        changed();
      }),
    );
    input.addEventListener("keydown", (event) => event.key === "Enter" && frame.focus());
    filter.append(input);
    filters.append(filter);
  });
  for (const name of [texts.state, texts.owner]) {
    titles.append(cell("columnheader", "", name));
    filters.append(cell("gridcell", "", ""));
  }
  head.replaceChildren(titles, filters);
  drawHidden();
}

function drawHidden() {
  if (!columnsMenu) return;
  const hidden = data.columns.filter((column) => column.hidden);
  columnsMenu.closest("details").hidden = !hidden.length;
  columnsMenu.replaceChildren(
    ...hidden.map((column) => {
      const button = element("button", column.header);
      button.type = "button";
      button.className = "button quiet small";
      button.addEventListener("click", () => change("show-column", { column: column.id }));
      return button;
    }),
  );
}

function row() {
  const made = document.createElement("div");
  made.className = "sheet-row";
  made.role = "row";
  return made;
}

function cell(role, name, text) {
  const made = element("div", text);
  made.className = `sheet-cell ${name}`;
  made.role = role;
  return made;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

// Columns and rows

async function change(what, fields) {
  const answer = await data.change(what, fields);
  if (!answer.problem) {
    await reload();
    say("saved");
  }
  return answer;
}

function openColumn(column) {
  dialog.querySelector("[name=header]").value = column.header;
  dialog.querySelector("[name=target]").value = column.target;
  dialog.dataset.column = column.id;
  dialog.querySelector("[role=alert]").textContent = "";
  dialog.showModal();
}

dialog?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const what = event.submitter?.value ?? "set-column";
  if (what === "cancel") return dialog.close();
  const answer = await change(what, {
    column: dialog.dataset.column,
    header: dialog.querySelector("[name=header]").value,
    target: dialog.querySelector("[name=target]").value,
  });
  if (answer.problem) dialog.querySelector("[role=alert]").textContent = answer.problem;
  else dialog.close();
});

document.getElementById("sheet-add-column")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await change("add-column", { header: form.elements.header.value });
  if (answer.problem) return;
  form.reset();
  form.closest("details").open = false;
});

document.getElementById("sheet-add-row")?.addEventListener("click", async () => {
  if (!(await addRows(1))) return;
  grid.move(data.total - 1, 0);
  frame.focus();
});

document.getElementById("sheet-delete")?.addEventListener("click", async () => {
  const rows = await chosen();
  if (rows.length && confirm(texts.delete)) await change("delete-rows", { rows: rows.join(",") });
  frame.focus();
});

document.getElementById("sheet-assign")?.addEventListener("change", async ({ target }) => {
  const rows = await chosen();
  if (target.value) await change("assign-rows", { rows: rows.join(","), user: target.value });
  target.value = "";
  frame.focus();
});

document.getElementById("sheet-undo")?.addEventListener("click", () => undo());
document.getElementById("sheet-open")?.addEventListener("click", () => openPanel(true));
document.getElementById("sheet-state")?.addEventListener("change", async ({ target }) => {
  await data.filter("state", target.value);
  grid.move(0, grid.active.column);
  changed();
});

async function addRows(count) {
  if (!place.dataset.editable) return void say("readonly");
  for (let left = count; left > 0; left -= 1000) {
    const answer = await data.change("add-rows", { count: Math.min(left, 1000) });
    if (answer.problem) return false;
  }
  await reload();
  return true;
}

async function chosen() {
  const { top, bottom } = grid.range;
  const last = Math.min(bottom, top + 4999);
  await data.read(top, last);
  const places = Array.from({ length: last - top + 1 }, (_none, at) => top + at);
  return places.map((one) => data.row(one)?.id).filter(Boolean);
}

async function undo() {
  const answer = await data.undo();
  if (answer && !answer.problem) await reload();
  if (!panel.hidden) openPanel(false);
}

// Panel of a row

async function openPanel(takesFocus) {
  await data.read(grid.active.row, grid.active.row);
  const current = data.row(grid.active.row);
  if (!current) return;
  opened = current.key;
  const response = await fetch(addressOf(current.key), { headers: { "HX-Request": "true" } });
  if (opened !== current.key) return;
  show(await response.text(), takesFocus);
}

function addressOf(key) {
  return place.dataset.prospect.replace("KEY", encodeURIComponent(key));
}

function show(html, takesFocus) {
  panel.hidden = false;
  panel.innerHTML = html;
  document.body.classList.add("with-sheet-panel");
  grid.draw();
  if (takesFocus) panel.querySelector("article")?.focus();
}

panel.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-leaves]")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const address = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const response = await fetch(address, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams(body),
  });
  if (response.status !== 204) return show(await response.text(), true);
  const action = response.headers.get("X-Action");
  if (action) data.actions.push(action);
  say("saved");
  await data.news();
  if (form.matches("[data-goes-on]") && grid.active.row < data.total - 1)
    grid.move(grid.active.row + 1, grid.active.column);
  clearTimeout(timer);
  openPanel(true);
});

panel.addEventListener("click", ({ target }) => target.closest("[data-close]") && closePanel());
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
  else if (event.key === "F8") frame.focus();
  else if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing(event.target)) undo();
  else if ((event.key === "j" || event.key === "k") && !typing(event.target)) {
    grid.move(grid.active.row + (event.key === "j" ? 1 : -1), grid.active.column);
    clearTimeout(timer);
    openPanel(true);
  } else return;
  event.preventDefault();
});

function typing(target) {
  return target.matches("input:not([type=radio]), textarea, select");
}

function closePanel() {
  panel.hidden = true;
  panel.replaceChildren();
  opened = null;
  document.body.classList.remove("with-sheet-panel");
  grid.draw();
  frame.focus();
}
