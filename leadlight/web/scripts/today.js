// Today: the next lead is loaded ahead, in a template, and shown as soon as the lead before it is
// left, without waiting for the response. The response then brings the queue and the lead after.
import { restoreDrafts } from "./drafts.js";

// Panel that is shown although its response has not come yet, with the panel it replaced.
let shown = null;

export function showLeadsAhead() {
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const part = detail.elt.closest?.("#today-part");
    const ahead = part?.querySelector("template.ahead");
    if (ahead && leaves(detail, part, ahead.dataset.lead)) showAhead(part, ahead);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!shown || detail.target.id !== "today") return;
    // What was typed into the panel since stays, and so does the focus.
    if (detail.xhr.status < 400) {
      const id = `id="${shown.panel.id}"`;
      detail.serverResponse = detail.serverResponse.replace(id, `${id} hx-preserve`);
    }
    shown = null;
  });
  document.addEventListener("htmx:sendError", () => {
    if (!shown) return;
    shown.panel.replaceWith(shown.before);
    shown.ahead.content.replaceChildren(shown.panel);
    shown = null;
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id === "today") focusPanel(detail.target);
  });
}

// Whether a request leaves the lead that is shown for the one ahead.
function leaves({ elt, requestConfig }, part, ahead) {
  if (requestConfig.verb === "get") return elt.dataset.lead === ahead;
  const change = requestConfig.path.split("/")[2];
  return part.dataset.leaving.split(" ").includes(change);
}

function showAhead(part, ahead) {
  const before = part.querySelector(".lead-panel");
  const panel = ahead.content.firstElementChild.cloneNode(true);
  before.replaceWith(panel);
  shown = { panel, before, ahead };
  window.htmx.process(panel);
  restoreDrafts(panel);
  const rows = part.querySelectorAll(".queue a");
  for (const row of rows) row.removeAttribute("aria-current");
  const row = [...rows].find((one) => one.dataset.lead === ahead.dataset.lead);
  row?.setAttribute("aria-current", "true");
  if (row && part.classList.contains("chosen")) history.replaceState(null, "", row.href);
  focusPanel(part);
}

function focusPanel(part) {
  const panel = part.querySelector(".lead-panel");
  if (!panel || panel.contains(document.activeElement)) return;
  panel.focus({ preventScroll: true });
  part.querySelector(".queue a[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (panel.getBoundingClientRect().top < 0) panel.scrollIntoView();
}
