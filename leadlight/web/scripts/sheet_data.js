// Rows of a sheet: blocks read from the server, texts being saved or refused, and the undo stack.

const BLOCK = 100;
const RETRY = 3000;

export class SheetData {
  constructor(place, changed, say) {
    this.place = place;
    this.changed = changed; // called after rows, columns or states of cells have changed
    this.say = say;
    this.columns = JSON.parse(place.dataset.columns);
    this.filters = new URLSearchParams(place.dataset.filters);
    this.version = 0;
    this.total = 0;
    this.isCounted = false; // whether `total` was read after the last reload
    this.blocks = new Map(); // number of a block → its rows, or the promise of reading them
    this.places = new Map(); // id of a row → its place
    this.unsaved = new Map(); // row:column → text, while it is being saved
    this.refused = new Map(); // row:column → { text, reason, here }
    this.saved = new Set(); // row:column of cells saved in the last 1.5 seconds
    this.actions = [];
    this.queue = Promise.resolve();
    this.readings = 0;
  }

  get shown() {
    return this.columns.filter((column) => !column.hidden);
  }

  row(place) {
    return this.blocks.get(Math.floor(place / BLOCK))?.[place % BLOCK];
  }

  // Text that a cell shows: the typed text while it is being saved or refused, else the saved one.
  text(row, column) {
    const name = `${row.id}:${column.id}`;
    return this.unsaved.get(name) ?? this.refused.get(name)?.text ?? row.cells[column.key] ?? "";
  }

  state(row, column) {
    const name = `${row.id}:${column.id}`;
    if (this.unsaved.has(name)) return "saving";
    if (this.refused.has(name)) return "refused";
    return this.saved.has(name) ? "saved" : "";
  }

  // Read the blocks with these places and wait for them; start again after a reload meanwhile.
  async read(first, last) {
    const reading = this.readings;
    const promises = [];
    for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block += 1) {
      if (block < 0 || (this.isCounted && block * BLOCK >= this.total)) continue;
      if (!this.blocks.has(block)) promises.push(this.readBlock(block));
      else if (this.blocks.get(block) instanceof Promise) promises.push(this.blocks.get(block));
    }
    await Promise.all(promises);
    if (reading !== this.readings) await this.read(first, last);
  }

  readBlock(number) {
    const reading = this.readings;
    const query = new URLSearchParams(this.filters);
    query.set("offset", number * BLOCK);
    query.set("limit", BLOCK);
    const promise = this.get(`${this.place.dataset.rows}?${query}`).then((found) => {
      if (reading !== this.readings) return;
      if (!found) return void this.blocks.delete(number);
      this.blocks.set(number, found.rows);
      found.rows.forEach((row, at) => this.places.set(row.id, number * BLOCK + at));
      if (!this.version) this.version = found.version;
      this.total = found.total;
      this.isCounted = true;
      this.columns = found.columns;
      this.changed();
    });
    this.blocks.set(number, promise);
    return promise;
  }

  // Read everything again; texts that are not saved stay.
  async reload(place = 0) {
    this.readings += 1;
    this.blocks.clear();
    this.places.clear();
    this.version = 0;
    this.isCounted = false; // the old total stays until it is read, to keep the scroll position
    await this.read(place, place);
    if (place >= this.total) await this.read(0, 0);
  }

  filter(name, text) {
    if (text) this.filters.set(name, text);
    else this.filters.delete(name);
    return this.reload();
  }

  // Read and apply the changes of other users; return "reload" if all rows must be read again.
  async news() {
    if (!this.version) return;
    const found = await this.get(`${this.place.dataset.news}?since=${this.version}`);
    if (!found || found.version <= this.version) return;
    if (found.reload) return "reload";
    this.version = found.version;
    for (const row of found.rows) this.take(row);
    this.changed();
  }

  take(row) {
    const place = this.places.get(row.id);
    const block = this.blocks.get(Math.floor(place / BLOCK));
    if (Array.isArray(block)) block[place % BLOCK] = row;
  }

  // Save cells, given as [row, column, text], as one action.
  save(cells) {
    const changed = cells.filter(([row, column, text]) => this.text(row, column) !== text);
    if (!changed.length) return this.queue;
    const sent = changed.map(([row, column, text]) => {
      const name = `${row.id}:${column.id}`;
      const before = this.unsaved.get(name) ?? row.cells[column.key] ?? "";
      this.refused.delete(name);
      this.unsaved.set(name, text);
      return [row.id, column.id, text, before];
    });
    this.changed();
    this.say("saving");
    this.queue = this.queue.then(() => this.send(sent));
    return this.queue;
  }

  async send(cells) {
    const action = newKey();
    const body = JSON.stringify({ action, cells });
    const answer = await this.insist(this.place.dataset.cells, body, "application/json");
    const left = new Map(cells.map((cell) => [`${cell[0]}:${cell[1]}`, cell]));
    const refusals = answer.refused ?? [];
    for (const [row, column, text] of answer.saved ?? []) {
      const name = `${row}:${column}`;
      this.settle(left, name);
      this.keep(row, column, text);
      this.saved.add(name);
      setTimeout(() => this.saved.delete(name) && this.changed(), 1500);
    }
    for (const [row, column, reason, here] of refusals) {
      const name = `${row}:${column}`;
      this.refused.set(name, { text: left.get(name)?.[2] ?? "", reason, here });
      this.keep(row, column, here);
      this.settle(left, name);
    }
    for (const [name, cell] of left) {
      if (!answer.again)
        this.refused.set(name, { text: cell[2], reason: answer.problem, here: cell[3] ?? "" });
      this.settle(left, name);
    }
    if (answer.saved?.length) this.actions.push(answer.action);
    if (answer.version === this.version + 1) this.version = answer.version;
    this.changed();
    if (answer.problem) this.say("", answer.problem);
    else if (refusals.length) this.say("refused", refusals[0][2]);
    else this.say("saved");
  }

  settle(left, name) {
    if (this.unsaved.get(name) === left.get(name)?.[2]) this.unsaved.delete(name);
    left.delete(name);
  }

  keep(rowId, columnId, text) {
    const row = this.row(this.places.get(rowId));
    const column = this.columns.find((one) => one.id === columnId);
    if (!row || !column) return;
    if (text) row.cells[column.key] = text;
    else delete row.cells[column.key];
  }

  // Forget the refused text of a cell, which then shows the saved text; false if there is none.
  drop(row, column) {
    return this.refused.delete(`${row.id}:${column.id}`);
  }

  // Change rows or columns; return the answer, which has a `problem` if it was refused.
  async change(what, fields) {
    await this.queue;
    const address = this.place.dataset.change.replace("WHAT", what);
    const answer = await this.post(address, new URLSearchParams({ action: newKey(), ...fields }));
    if (answer.action) this.actions.push(answer.action);
    if (answer.problem) this.say("", answer.problem);
    return answer;
  }

  async undo() {
    await this.queue;
    const action = this.actions.pop();
    if (!action) return this.say("nothing");
    const answer = await this.post(this.place.dataset.undo, new URLSearchParams({ action }));
    if (answer.problem) this.say("", answer.problem);
    else this.say("undone");
    return answer;
  }

  async get(address) {
    try {
      const response = await fetch(address);
      if (response.redirected) location.reload(); // to the sign-in page
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  // Repeat a request until the server answers, so that a lost connection loses no typed text.
  async insist(address, body, type) {
    for (;;) {
      try {
        return await this.post(address, body, type);
      } catch {
        this.say("offline");
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  }

  async post(address, body, type = "application/x-www-form-urlencoded") {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "Content-Type": type, "X-CSRFToken": token };
    const response = await fetch(address, { method: "POST", headers, body });
    const isJson = response.headers.get("Content-Type")?.includes("json");
    if (!isJson && response.status >= 500) throw new Error(response.statusText);
    return isJson ? response.json() : { problem: response.statusText || String(response.status) };
  }
}

export function newKey() {
  const numbers = crypto.getRandomValues(new Uint8Array(13));
  return [...numbers].map((one) => one.toString(16).padStart(2, "0")).join("");
}
