// Controls of the filter bar that depend on each other.

export function keepFiltersTogether() {
  // In the capture phase: before htmx handles the event and reads the form.
  document.addEventListener("change", changed, { capture: true });
}

function changed(event) {
  const control = event.target;
  if (control.matches("[data-search]")) {
    event.stopPropagation(); // the search field is not a filter
    return;
  }
  const form = control.form;
  if (!form?.matches(".report-filters")) return;
  const { period, from, to } = form.elements;
  if (control === period) fitDays(period, from, to);
  if (control === from || control === to) period.value = "custom";
  if (control.title) control.title = control.selectedOptions[0].text; // it may be cut off
  form.querySelectorAll("details.dimension").forEach(showUse);
}

// Show the number of a menu's controls that differ from their default.
function showUse(menu) {
  const selects = [...menu.querySelectorAll("select")].filter((select) => select.selectedIndex > 0);
  const asOf = menu.querySelector("[name=as_of]")?.value ? 1 : 0;
  const used = menu.querySelectorAll("input:checked").length + selects.length + asOf;
  menu.querySelector("summary .count").textContent = used || "";
}

// When the period becomes custom, fill in the days of the period shown; otherwise clear the days.
function fitDays(period, from, to) {
  const { first, last } = document.getElementById("resolved").dataset;
  const isCustom = period.value === "custom";
  from.value = isCustom ? first : "";
  to.value = isCustom ? last : "";
}
