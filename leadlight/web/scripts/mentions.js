// Mentions: after "@" in a text with `data-mentions`, a list box proposes people. The arrow keys choose
// one, Enter or Tab takes them, Escape closes the list.

const BEGUN = /(?:^|[^\w.@+-])@([^\s@][^@\n]{0,29})?$/;
const AHEAD = { ArrowDown: 1, ArrowUp: -1 };
let asked = 0; // the number of the last request; -1 while a name is put into the text

export function proposeMentions() {
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("textarea[data-mentions]") && asked >= 0) propose(target);
  });
  document.addEventListener("keydown", choose, { capture: true });
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest?.("#mentionable [role=option]");
    if (!option) return;
    event.preventDefault();
    take(option.closest("#mentionable").previousElementSibling, option);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches?.("textarea[data-mentions]")) close(target);
  });
}

function begun(text) {
  const before = text.value.slice(0, text.selectionStart);
  const found = text.selectionStart === text.selectionEnd && BEGUN.exec(before);
  return found ? { start: before.lastIndexOf("@"), searched: found[1] ?? "" } : null;
}

async function propose(text) {
  const number = ++asked;
  const mention = begun(text);
  if (!mention) return close(text);
  const address = `${text.dataset.mentions}?q=${encodeURIComponent(mention.searched)}`;
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  const proposals = await response.text();
  if (!response.ok || number !== asked || document.activeElement !== text) return;
  // The list is replaced without a pause, because Escape without a list would leave the form.
  close(text);
  text.insertAdjacentHTML("afterend", proposals);
  const list = listOf();
  if (!list) return;
  text.setAttribute("aria-controls", list.id);
  text.setAttribute("aria-autocomplete", "list");
  select(text, list.firstElementChild);
}

const listOf = () => document.getElementById("mentionable");

function select(text, option) {
  for (const other of option.parentElement.children) other.ariaSelected = String(other === option);
  text.setAttribute("aria-activedescendant", option.id);
}

function choose(event) {
  const list = listOf();
  if (!list || list.previousElementSibling !== event.target) return;
  const options = [...list.children];
  const chosen = options.find((one) => one.ariaSelected === "true");
  if (event.key in AHEAD) {
    const place = options.indexOf(chosen) + AHEAD[event.key] + options.length;
    select(event.target, options[place % options.length]);
  } else if (event.key === "Enter" || event.key === "Tab") take(event.target, chosen);
  else if (event.key === "Escape") {
    asked += 1; // ignore the response to a pending request
    close(event.target);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function take(text, option) {
  const { start } = begun(text) ?? { start: text.selectionStart };
  text.setRangeText(`@${option.dataset.text} `, start, text.selectionStart, "end");
  close(text);
  const number = asked + 1;
  asked = -1;
  text.dispatchEvent(new Event("input", { bubbles: true })); // for the draft
  asked = number;
}

function close(text) {
  listOf()?.remove();
  for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"])
    text.removeAttribute(name);
}
