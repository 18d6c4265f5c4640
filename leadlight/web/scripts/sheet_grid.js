// Grid of a sheet: only the rows in view are elements. One cell is active, and the selection is the
// rectangle between it and the anchor.

import { parsed, written } from "./sheet_clipboard.js";

const AROUND = 8; // rows drawn above and below those in view
const MOST = 20000; // cells of one change

export class SheetGrid {
  constructor(frame, data, texts, open) {
    this.frame = frame;
    this.data = data;
    this.texts = texts;
    this.open = open;
    this.body = frame.querySelector(".sheet-body");
    this.cells = new Map(); // place of a row → its element
    this.active = { row: 0, column: 0 };
    this.anchor = { row: 0, column: 0 };
    this.editor = null;
    frame.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(frame);
    frame.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("pointerdown", (event) => this.pointed(event));
    this.body.addEventListener("dblclick", () => this.edit());
    for (const name of ["copy", "cut", "paste"])
      document.addEventListener(name, (event) => this.clipboard(event));
  }

  get height() {
    return this.rowHeight ?? (this.rowHeight = this.frame.querySelector(".sheet-measure").offsetHeight);
  }

  get shown() {
    return this.data.shown;
  }

  // Draw the rows in view, and read those that are missing.
  draw() {
    const head = this.frame.querySelector(".sheet-head").offsetHeight;
    const first = Math.max(Math.floor((this.frame.scrollTop - head) / this.height) - AROUND, 0);
    const many = Math.ceil(this.frame.clientHeight / this.height) + 2 * AROUND;
    const last = Math.min(first + many, this.data.total) - 1;
    this.frame.ariaRowCount = this.data.total + 2;
    this.frame.ariaColCount = this.shown.length + 3;
    this.body.style.height = `${this.data.total * this.height}px`;
    for (const [place, element] of this.cells)
      if ((place < first || place > last) && place !== this.editor?.row) {
        element.remove();
        this.cells.delete(place);
      }
    for (let place = first; place <= last; place += 1) this.drawRow(place);
    this.data.read(first, Math.max(last, 0));
    this.mark();
  }

  drawRow(place) {
    const row = this.data.row(place);
    let element = this.cells.get(place);
    if (!element) {
      element = part("div", "sheet-row", "row");
      element.style.transform = `translateY(${place * this.height}px)`;
      element.ariaRowIndex = place + 3;
      element.dataset.place = place;
      this.cells.set(place, element);
      const after = [...this.body.children].find((one) => Number(one.dataset.place) > place);
      this.body.insertBefore(element, after ?? null);
    }
    while (element.children.length > this.shown.length + 3) element.lastChild.remove();
    while (element.children.length < this.shown.length + 3)
      element.append(part("div", "sheet-cell", element.children.length ? "gridcell" : "rowheader"));
    [...element.children].forEach((cell, at) => this.drawCell(cell, row, place, at - 1));
  }

  drawCell(cell, row, place, at) {
    if (cell.querySelector("textarea")) return;
    const column = this.shown[at];
    const is = row && column ? this.data.state(row, column) : "";
    cell.id = `cell-${place}-${at}`;
    cell.ariaColIndex = at + 2;
    const names = ["sheet-cell"];
    if (at < 0) names.push("sheet-number", row?.state ?? "");
    if (at === 0) names.push("frozen");
    if (is) names.push(is);
    if (!row) names.push("waiting");
    cell.className = names.filter(Boolean).join(" ");
    const shown = this.shownText(row, place, at);
    if (cell.textContent !== shown) cell.textContent = shown;
    const refusal = is === "refused" && this.data.refused.get(`${row.id}:${column.id}`);
    cell.ariaInvalid = refusal ? "true" : null;
    cell.title = refusal ? `${refusal.reason} ${this.texts.before} “${refusal.here}”` : "";
    if (at < 0 && row?.marks.length) {
      cell.title = `${this.texts.duplicate} ${row.marks.join(", ")}`;
      cell.append(labelled("⚠", cell.title));
    }
    if (row && column) cell.ariaReadOnly = row.edit ? null : "true";
    const address = !is && column && row?.links[column.key];
    if (address) cell.append(link(address, `${this.texts.open} ${shown}`));
  }

  shownText(row, place, at) {
    if (at < 0) return String(place + 1);
    if (!row) return "…";
    if (this.shown[at]) return this.data.text(row, this.shown[at]);
    if (at > this.shown.length) return row.user;
    return [this.texts.states[row.state], row.day].filter(Boolean).join(" · ");
  }

  get range() {
    const { active, anchor } = this;
    return {
      top: Math.min(active.row, anchor.row),
      bottom: Math.max(active.row, anchor.row),
      left: Math.min(active.column, anchor.column),
      right: Math.max(active.column, anchor.column),
    };
  }

  mark() {
    const { top, bottom, left, right } = this.range;
    for (const [place, element] of this.cells)
      [...element.children].forEach((cell, index) => {
        const at = index - 1;
        const isIn = place >= top && place <= bottom && at >= left && at <= right;
        cell.classList.toggle("selected", isIn);
        cell.ariaSelected = at >= 0 ? String(isIn) : null;
        const isActive = place === this.active.row && at === this.active.column;
        cell.classList.toggle("active", isActive);
      });
    const id = `cell-${this.active.row}-${this.active.column}`;
    if (document.getElementById(id)) this.frame.setAttribute("aria-activedescendant", id);
    else this.frame.removeAttribute("aria-activedescendant");
  }

  move(row, column, extends_ = false) {
    this.active = {
      row: Math.min(Math.max(row, 0), Math.max(this.data.total - 1, 0)),
      column: Math.min(Math.max(column, 0), this.shown.length + 1),
    };
    if (!extends_) this.anchor = { ...this.active };
    this.show();
    this.open.moved?.(this.data.row(this.active.row));
  }

  // Scroll the active cell into view, beside the frozen parts.
  show() {
    const { frame, height } = this;
    const top = this.active.row * height;
    const room = frame.clientHeight - frame.querySelector(".sheet-head").offsetHeight;
    if (top < frame.scrollTop) frame.scrollTop = top;
    else if (top + height > frame.scrollTop + room) frame.scrollTop = top + height - room;
    this.draw();
    const row = this.cells.get(this.active.row);
    const cell = row?.children[this.active.column + 1];
    if (!cell || this.active.column === 0) return void (frame.scrollLeft = cell ? 0 : frame.scrollLeft);
    const frozen = row.children[0].offsetWidth + row.children[1].offsetWidth;
    if (cell.offsetLeft - frozen < frame.scrollLeft) frame.scrollLeft = cell.offsetLeft - frozen;
    const end = cell.offsetLeft + cell.offsetWidth;
    if (end > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = end - frame.clientWidth;
  }

  pointed(event) {
    const cell = event.target.closest(".sheet-cell");
    if (!cell || event.button || event.target.closest("textarea, a")) return;
    const place = Number(cell.parentElement.dataset.place);
    const at = [...cell.parentElement.children].indexOf(cell) - 1;
    this.commit();
    this.move(place, Math.max(at, 0), event.shiftKey);
    if (at < 0) {
      this.anchor.column = 0;
      this.active.column = this.shown.length + 1;
      this.mark();
    }
    this.frame.focus({ preventScroll: true });
    event.preventDefault();
    const follow = (moved) => {
      const over = document.elementFromPoint(moved.clientX, moved.clientY)?.closest(".sheet-cell");
      const row = over?.closest(".sheet-row");
      if (!row) return;
      const column = [...row.children].indexOf(over) - 1;
      this.active = { row: Number(row.dataset.place), column: Math.max(column, 0) };
      this.mark();
    };
    const stop = () => removeEventListener("pointermove", follow);
    addEventListener("pointermove", follow);
    addEventListener("pointerup", stop, { once: true });
  }

  pressed(event) {
    if (event.target !== this.frame || event.isComposing) return;
    const { row, column } = this.active;
    const isFar = event.ctrlKey || event.metaKey;
    const page = Math.max(Math.floor(this.frame.clientHeight / this.height) - 3, 1);
    const steps = {
      ArrowUp: () => this.move(isFar ? 0 : row - 1, column, event.shiftKey),
      ArrowDown: () => this.move(isFar ? this.data.total : row + 1, column, event.shiftKey),
      ArrowLeft: () => this.move(row, isFar ? 0 : column - 1, event.shiftKey),
      ArrowRight: () => this.move(row, isFar ? this.shown.length : column + 1, event.shiftKey),
      Home: () => this.move(isFar ? 0 : row, 0, event.shiftKey),
      End: () => this.move(isFar ? this.data.total : row, this.shown.length - 1, event.shiftKey),
      PageUp: () => this.move(row - page, column, event.shiftKey),
      PageDown: () => this.move(row + page, column, event.shiftKey),
      Enter: () => (isFar ? this.open.panel() : this.edit()),
      F8: () => this.open.panel(),
      F2: () => this.edit(),
      Delete: () => this.fill(() => ""),
      Backspace: () => this.fill(() => ""),
      Escape: () => this.escape(),
    };
    if (event.altKey) return;
    if (event.key === "Tab") {
      const next = column + (event.shiftKey ? -1 : 1);
      if (next < 0 || next > this.shown.length + 1) return; // leave the grid
      this.move(row, next);
    } else if (steps[event.key]) steps[event.key]();
    else if (isFar && event.key === "d") this.fillDown();
    else if (isFar && event.key === "z") this.open.undo();
    else if (isFar && event.key === "a") {
      this.anchor = { row: 0, column: 0 };
      this.active = { row: this.data.total - 1, column: this.shown.length - 1 };
      this.mark();
    } else if (isFar || (event.key.length > 1 && event.key !== "Dead")) return;
    else {
      this.edit(event.key === "Dead" ? "" : event.key);
      if (event.key === "Dead") return void event.stopPropagation();
    }
    event.preventDefault();
    event.stopPropagation(); // single-key shortcuts of the page do not apply in the grid
  }

  escape() {
    const row = this.data.row(this.active.row);
    const column = this.shown[this.active.column];
    if (row && column && this.data.drop(row, column)) this.draw();
    else this.move(this.active.row, this.active.column);
  }

  // Edit the active cell; `typed` replaces its text.
  edit(typed = null) {
    const row = this.data.row(this.active.row);
    const column = this.shown[this.active.column];
    if (!row || !column || this.editor) return;
    if (!row.edit) return this.open.say("readonly");
    this.show();
    const cell = this.cells.get(this.active.row).children[this.active.column + 1];
    const input = document.createElement("textarea");
    input.rows = 1;
    input.value = typed ?? this.data.text(row, column);
    input.ariaLabel = column.header;
    this.editor = { input, cell, row: this.active.row, item: row, column };
    cell.replaceChildren(input);
    input.focus();
    input.addEventListener("keydown", (event) => this.typed(event));
    input.addEventListener("blur", () => this.commit());
  }

  typed(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const { row, column } = this.active;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && !event.altKey) {
      this.commit();
      this.move(row + (event.shiftKey ? -1 : 1), column);
    } else if (event.key === "Enter") {
      event.target.setRangeText("\n", event.target.selectionStart, event.target.selectionEnd, "end");
    } else if (event.key === "Tab") {
      this.commit();
      this.move(row, column + (event.shiftKey ? -1 : 1));
    } else return;
    event.preventDefault();
    this.frame.focus({ preventScroll: true });
  }

  commit() {
    if (!this.editor) return;
    const { input, item, column } = this.editor;
    this.close();
    this.data.save([[item, column, input.value.trim()]]);
  }

  close() {
    const { cell, input } = this.editor;
    this.editor = null;
    input.remove();
    cell.textContent = "";
    this.draw();
  }

  // Save a text for each selected cell, as one change.
  async fill(text) {
    const { top, bottom, left, right } = this.range;
    if ((bottom - top + 1) * (right - left + 1) > MOST) return this.open.say("many");
    await this.data.read(top, bottom);
    const cells = [];
    for (let place = top; place <= bottom; place += 1)
      for (let at = left; at <= Math.min(right, this.shown.length - 1); at += 1) {
        const row = this.data.row(place);
        if (row?.edit) cells.push([row, this.shown[at], text(place, at)]);
      }
    return this.data.save(cells);
  }

  // Copy the first selected row to the others; if one row is selected, copy the row above to it.
  async fillDown() {
    const { top, bottom } = this.range;
    const from = top === bottom ? Math.max(top - 1, 0) : top;
    await this.data.read(from, from);
    const row = this.data.row(from);
    return this.fill((_place, at) => this.data.text(row, this.shown[at]));
  }

  clipboard(event) {
    if (document.activeElement !== this.frame) return;
    event.preventDefault();
    if (event.type === "paste") return void this.paste(event.clipboardData.getData("text/plain"));
    const { top, bottom, left, right } = this.range;
    const rows = [];
    for (let place = top; place <= bottom && rows.length < MOST; place += 1) {
      const row = this.data.row(place);
      if (!row) return this.open.say("unread");
      const columns = Array.from({ length: right - left + 1 }, (_none, at) => left + at);
      rows.push(columns.map((at) => this.shownText(row, place, at)));
    }
    event.clipboardData.setData("text/plain", written(rows));
    if (event.type === "cut") this.fill(() => "");
  }

  // Paste a block at the first selected cell, adding rows at the end; one cell fills the selection.
  async paste(text) {
    const block = parsed(text);
    const { top, left } = this.range;
    if (block.length === 1 && block[0].length === 1) return this.fill(() => block[0][0].trim());
    if (block.length * Math.max(...block.map((row) => row.length)) > MOST)
      return this.open.say("many");
    const missing = top + block.length - this.data.total;
    if (missing > 0 && !(await this.open.addRows(missing))) return;
    await this.data.read(top, top + block.length - 1);
    const cells = block.flatMap((texts, down) =>
      texts.flatMap((one, along) => {
        const row = this.data.row(top + down);
        const column = this.shown[left + along];
        return row?.edit && column ? [[row, column, one.trim()]] : [];
      }),
    );
    this.anchor = { row: top, column: left };
    this.active = { row: top + block.length - 1, column: left + block[0].length - 1 };
    this.mark();
    return this.data.save(cells);
  }
}

function part(tag, name, role) {
  const element = document.createElement(tag);
  element.className = name;
  element.role = role;
  return element;
}

function link(address, label) {
  const element = document.createElement("a");
  element.className = "sheet-link";
  element.href = address;
  element.tabIndex = -1; // F8 opens the row, where the same links are tab stops
  element.ariaLabel = label;
  element.textContent = address.startsWith("mailto:") ? "✉" : address.startsWith("http") ? "↗" : "☎";
  if (address.startsWith("http")) Object.assign(element, { target: "_blank", rel: "noopener" });
  return element;
}

function labelled(sign, label) {
  const element = document.createElement("span");
  element.className = "sheet-mark";
  element.role = "img";
  element.ariaLabel = label;
  element.textContent = sign;
  return element;
}
