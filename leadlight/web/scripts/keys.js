// Keys of every page: / goes to the search, ? lists the keys. Both can be switched off, because
// speech-recognition software also sends single keys.

const OFF = "leadlight-keys-off";

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
    dialog.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (!["/", "?"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches?.("input, select, textarea, [contenteditable]");
    if (isTyping || localStorage.getItem(OFF) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (event.key === "?") dialog.showModal();
    else document.getElementById("search")?.select();
  });
}
