// Keys of every page: / goes to the search, ? lists the keys, and a letter clicks the button or
// link with that letter in `data-key`. All can be switched off, because speech-recognition software
// also sends single keys.

const OFF = "leadlight-keys-off";
// Elements that one types into: in these, a letter is text.
const TYPED = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

export function listenForKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  for (const button of document.querySelectorAll("[data-keys]")) button.parentElement.hidden = false;
  const choice = dialog.querySelector("input");
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => localStorage.setItem(OFF, choice.checked ? "" : "off"));
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-keys]")) return;
    event.target.closest("[popover]")?.hidePopover();
    show(dialog);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return cancel(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return send(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isTyping = event.target.matches?.(TYPED);
    if (isTyping || localStorage.getItem(OFF) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.matches?.("a, button, summary")) return;
    if (event.key === "?") show(dialog);
    else if (event.key === "/") document.getElementById("search")?.select();
    else if (!work(controlOf(event.key))) return;
    event.preventDefault();
  });
}

function controls() {
  return [...document.querySelectorAll("[data-key]")].filter((one) => one.checkVisibility());
}

function controlOf(key) {
  return controls().find((one) => one.dataset.key === key);
}

function work(control) {
  if (!control) return false;
  control.click();
  const panel = control.matches("summary") && control.parentElement;
  if (panel?.open) panel.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  return true;
}

// Escape leaves a form in place, as its link *Cancel* does.
function cancel(event) {
  event.target.closest?.("form")?.querySelector("[data-cancel]")?.click();
}

// Ctrl + Enter sends the form of a text of several lines.
function send(event) {
  if (!event.target.matches?.("textarea")) return;
  event.target.form?.querySelector("button.primary[type=submit]")?.click();
}

// Open the dialog with the keys of every page and those of this page.
function show(dialog) {
  const list = dialog.querySelector("#page-keys");
  const rows = controls().flatMap((one) => {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    const key = document.createElement("kbd");
    key.textContent = one.dataset.key.toUpperCase();
    term.append(key);
    text.textContent = one.textContent.replace("✎", "").trim();
    return [term, text];
  });
  list.replaceChildren(...rows);
  dialog.showModal();
}
