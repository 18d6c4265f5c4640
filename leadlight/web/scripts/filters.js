// The controls of the filter bar that depend on each other.

export function keepFiltersTogether() {
  // Before htmx hears of the change, and so before it reads the form.
  document.addEventListener("change", changed, { capture: true });
}

function changed(event) {
  const control = event.target;
  if (control.matches("[data-search]")) {
    event.stopPropagation(); // what is searched for is no filter
    return;
  }
  const form = control.form;
  if (!form?.matches(".report-filters")) return;
  const { period, from, to } = form.elements;
  if (control === period) fitDays(period, from, to);
  if (control === from || control === to) period.value = "custom";
  form.querySelectorAll("details.dimension").forEach(showUse);
}

// How many of a menu's controls are in use.
function showUse(menu) {
  const selects = [...menu.querySelectorAll("select")].filter((select) => select.selectedIndex > 0);
  const asOf = menu.querySelector("[name=as_of]")?.value ? 1 : 0;
  const used = menu.querySelectorAll("input:checked").length + selects.length + asOf;
  menu.querySelector("summary .count").textContent = used || "";
}

// Between two days: begin with those that the period before meant.
function fitDays(period, from, to) {
  const { first, last } = document.getElementById("resolved").dataset;
  const isCustom = period.value === "custom";
  from.value = isCustom ? first : "";
  to.value = isCustom ? last : "";
}
