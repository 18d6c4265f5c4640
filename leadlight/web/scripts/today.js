// Today: the next lead is prefetched into a template, and shown as soon as the user leaves the lead
// before it, without waiting for the response. The response has the queue and the lead after it.
import { restoreDrafts } from "./drafts.js";

// Prefetched panel that is shown before the response to `xhr`, and the panel that it replaced.
let shown = null;
// Last request. Only its response is shown, because earlier responses are outdated.
let last = null;

export function showLeadsAhead() {
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.target.id !== "today") return;
    last = detail.xhr;
    const part = detail.elt.closest("#today-part");
    const ahead = part?.querySelector("template.ahead");
    if (ahead && leaves(detail, part, ahead.dataset.lead)) showAhead(part, ahead, detail.xhr);
    else if (detail.elt.dataset.lead === part?.querySelector(".lead-panel")?.dataset.lead)
      mark(part, detail.elt.dataset.lead);
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "today" || detail.xhr.status >= 400) return;
    if (detail.xhr !== last) {
      detail.shouldSwap = false;
      showMessages(detail.serverResponse);
    } else if (detail.xhr === shown?.xhr) {
      // The element that sent the request has left the page with its panel, so that the attributes
      // of #today no longer tell what to take out of the response.
      detail.selectOverride = "#today-part";
      showMessages(detail.serverResponse);
      // What was typed into the panel since stays, and so does the focus. Its bar is replaced: the
      // change may have put other leads or tasks before and after it.
      shown.bar = parsed(detail.serverResponse).querySelector(".panel-bar");
      const id = `id="${shown.panel.id}"`;
      detail.serverResponse = detail.serverResponse.replace(id, `${id} hx-preserve`);
    }
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id !== "today") return;
    if (detail.xhr === shown?.xhr) replaceBar(detail.target);
    focusPanel(detail.target);
  });
}

function replaceBar(part) {
  const bar = part.querySelector(".lead-panel .panel-bar");
  if (!bar || !shown.bar) return;
  bar.replaceWith(shown.bar);
  window.htmx.process(shown.bar);
}

function parsed(response) {
  return new DOMParser().parseFromString(response, "text/html");
}

// Whether a request leaves the lead that is shown for the prefetched one.
function leaves({ elt, requestConfig }, part, ahead) {
  if (requestConfig.verb === "get") return elt.dataset.lead === ahead;
  const change = requestConfig.path.split("/")[2];
  return part.dataset.leaving.split(" ").includes(change);
}

function showAhead(part, ahead, xhr) {
  const before = part.querySelector(".lead-panel");
  const panel = ahead.content.firstElementChild.cloneNode(true);
  before.replaceWith(panel);
  shown = { panel, before, xhr };
  xhr.addEventListener("error", () => showAgain(part, before, xhr));
  window.htmx.process(panel);
  restoreDrafts(panel);
  mark(part, panel.dataset.lead);
  focusPanel(part);
}

// Show the lead that could not be left, because its request failed.
function showAgain(part, before, xhr) {
  if (xhr !== last || shown?.xhr !== xhr) return;
  shown.panel.replaceWith(before);
  mark(part, before.dataset.lead);
}

// Mark the row of a lead as the current one, and put the lead into the address.
function mark(part, lead) {
  for (const row of part.querySelectorAll(".queue a")) {
    if (row.dataset.lead !== lead) row.removeAttribute("aria-current");
    else {
      row.setAttribute("aria-current", "true");
      part.classList.add("chosen");
      history.replaceState(null, "", row.href);
    }
  }
}

// Show the messages of a response, with the offers to undo, and nothing else of it.
function showMessages(response) {
  const messages = parsed(response).getElementById("messages");
  if (messages?.childElementCount) document.getElementById("messages").replaceWith(messages);
}

function focusPanel(part) {
  const panel = part.querySelector(".lead-panel");
  if (!panel || panel.contains(document.activeElement)) return;
  panel.focus({ preventScroll: true });
  part.querySelector(".queue a[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (panel.getBoundingClientRect().top < 0) panel.scrollIntoView();
}
