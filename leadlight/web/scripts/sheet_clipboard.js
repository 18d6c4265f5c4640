// Blocks of cells in the clipboard format of spreadsheets: tabs between cells, line ends between
// rows, and quotes around a cell that contains one of these characters.

export function written(rows) {
  return rows.map((cells) => cells.map(quoted).join("\t")).join("\n");
}

function quoted(text) {
  return /["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function parsed(text) {
  const rows = [[]];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted && sign === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (isQuoted && sign === '"') isQuoted = false;
    else if (isQuoted) cell += sign;
    else if (sign === '"' && cell === "" && closes(text, at)) isQuoted = true;
    else if (sign === "\t") {
      rows.at(-1).push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at += 1;
      rows.at(-1).push(cell);
      rows.push([]);
      cell = "";
    } else cell += sign;
  }
  rows.at(-1).push(cell);
  if (rows.length > 1 && rows.at(-1).length === 1 && !cell) rows.pop();
  return rows;
}

// Whether the quote at the start of a cell has a closing quote at the end of the cell.
function closes(text, start) {
  return /^"(?:[^"]|"")*"(?=[\t\r\n]|$)/.test(text.slice(start));
}
