// Open the explanation of a figure in a dialog: by its link, or by the key E on the figure.

const FIGURES = ".report-table td a, .report-cards .value a";

export function explainFigures() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-explain]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (open(link.href, link)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
    const figure = event.target.closest?.(FIGURES);
    if (!figure) return;
    const address = new URL(figure.href);
    if (!address.pathname.endsWith("/leads/")) return;
    address.pathname = address.pathname.replace(/\/leads\/$/, "/explain/");
    if (open(address.href, figure)) event.preventDefault();
  });
}

function open(address, from) {
  const dialog = document.getElementById("explain");
  if (!dialog) return false;
  const popover = from.closest("[popover]");
  const opener = popover ? document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`) : from;
  popover?.hidePopover();
  window.htmx.ajax("GET", address, { target: "#explain-body", swap: "innerHTML" }).then(() => {
    if (!dialog.isConnected || dialog.open) return;
    dialog.addEventListener("close", () => opener?.focus(), { once: true });
    dialog.showModal();
  });
  return true;
}
