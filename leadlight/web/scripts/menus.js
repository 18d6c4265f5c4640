// Menus close when one looks elsewhere, or with Escape, and open to the side where there is room.

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
  if (!target.isConnected) return; // swapped away meanwhile
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    // A click on what takes no focus gives it to what is around the menu.
    if (!menu.contains(target) && !target.contains(menu)) menu.open = false;
  }
}

function fit(menu) {
  if (!menu.open || !menu.matches(".menu")) return;
  const right = menu.querySelector(".panel").getBoundingClientRect().right;
  if (right > document.documentElement.clientWidth) menu.classList.add("end");
}
