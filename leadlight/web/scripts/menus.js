// Close menus on a click or focus outside and on Escape; align them to the side with room.

export function closeMenus() {
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("toggle", (event) => fit(event.target), { capture: true });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function closeOthers(target) {
  if (!target.isConnected) return; // removed by an htmx swap
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    // A click on an element that is not focusable moves the focus to an ancestor of the menu.
    if (!menu.contains(target) && !target.contains(menu)) menu.open = false;
  }
}

function fit(menu) {
  if (!menu.open || !menu.matches(".menu")) return;
  const right = menu.querySelector(".panel").getBoundingClientRect().right;
  if (right > document.documentElement.clientWidth) menu.classList.add("end");
}
