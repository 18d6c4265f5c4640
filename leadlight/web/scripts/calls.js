// Call and return: after a click on a phone number, the form that logs an activity asks on return
// what came of the call. The call is remembered in this tab, since a phone may discard the page.

const KEY = "leadlight-call";
const SOONEST_MS = 1_500; // a dialler that does not open leaves the page at once

const formOf = () => document.querySelector("[data-called]")?.closest("form");

export function askAfterCalls() {
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[data-call]");
    if (link) remember(link);
    else if (target.closest?.("[data-not-called]")) forget();
  });
  document.addEventListener("submit", ({ target }) => target.querySelector("[data-called]") && forget());
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  addEventListener("focus", ask);
  addEventListener("pageshow", ask);
}

function remember(link) {
  const form = formOf();
  if (!form) return;
  const call = { form: form.getAttribute("action"), number: link.textContent, at: Date.now() };
  sessionStorage.setItem(KEY, JSON.stringify(call));
}

function forget() {
  sessionStorage.removeItem(KEY);
  for (const called of document.querySelectorAll("[data-called]")) called.hidden = true;
}

function ask() {
  const call = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const form = formOf();
  if (!call || !form || form.getAttribute("action") !== call.form) return;
  if (Date.now() - call.at < SOONEST_MS) return;
  sessionStorage.removeItem(KEY); // asked once
  const called = form.querySelector("[data-called]");
  called.querySelector("bdi").textContent = call.number;
  called.hidden = false;
  if (document.activeElement?.matches("input, textarea, select")) return; // somebody types
  called.scrollIntoView({ block: "nearest" });
  form.querySelector("[data-results-of-call] button")?.focus();
}
