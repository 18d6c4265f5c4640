// Board: cards are dragged between columns, or moved by keys; the focus moves by arrow keys. The
// forms of the board are sent here, and the response replaces only what changed.
import { AutoScroll, Sortable } from "sortablejs/modular/sortable.core.esm.js";

const AHEAD = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const NARROW = "(max-width: 40rem)";
const LONG_TOUCH_MS = 250;
const READ_AHEAD = "50%"; // of the height of a column

Sortable.mount(new AutoScroll());

// Ids of the cards with a request that has not been answered yet.
const sent = new Set();

const board = () => document.getElementById("board");
const cardOf = (element) => element.closest?.(".lead-card");
const linkOf = (card) => card?.querySelector(".card-title a");
const columns = () => [...document.querySelectorAll("#board .card-list")];
const cardsOf = (column) => [...column.querySelectorAll(".lead-card")];

// Focus: one card at a time has tab stops, which are its title and its controls.

function stopAt(card) {
  for (const other of document.querySelectorAll("#board .lead-card")) {
    const isHere = other === card;
    for (const control of other.querySelectorAll("a, button")) control.tabIndex = isHere ? 0 : -1;
    for (const [name, key] of [[".move", "m"], [".star", "s"]]) {
      const control = other.querySelector(`${name}:is(a, button)`);
      if (isHere && control) control.dataset.key = key;
      else control?.removeAttribute("data-key");
    }
  }
}

function focus(card) {
  if (!card) return;
  stopAt(card);
  linkOf(card).focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function nextOf(card, key) {
  const column = card.closest(".card-list");
  const cards = cardsOf(column);
  const place = cards.indexOf(card);
  if (key === "Home") return cards[0];
  if (key === "End") return cards.at(-1);
  if (key === "ArrowUp" || key === "ArrowDown") return cards[place + AHEAD[key]];
  const filled = columns().filter((one) => cardsOf(one).length);
  const beside = filled[filled.indexOf(column) + AHEAD[key]];
  return beside && cardsOf(beside)[Math.min(place, cardsOf(beside).length - 1)];
}

function moveFocus(event) {
  const card = event.target === linkOf(cardOf(event.target) ?? document) && cardOf(event.target);
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.shiftKey) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const every = columns();
    move(card, every[every.indexOf(card.closest(".card-list")) + AHEAD[event.key]]);
    return;
  }
  const next = nextOf(card, event.key);
  if (!next) return;
  event.preventDefault();
  focus(next);
}

// Requests

function valuesOf(form, submitter) {
  const values = new FormData(form, submitter);
  for (const [name, value] of new FormData(document.getElementById("board-form")))
    if (!values.has(name)) values.append(name, value);
  return values;
}

function request(verb, path, values) {
  return window.htmx.ajax(verb, path, { source: board(), target: board(), swap: "none", values });
}

// Send a change of a card, one at a time; the focus returns to the card, or to the one after it.
async function send(path, values, card) {
  if (!card || sent.has(card.id)) return;
  sent.add(card.id);
  card.setAttribute("aria-busy", "true");
  const title = linkOf(card).textContent;
  const beside = nextOf(card, "ArrowDown") ?? nextOf(card, "ArrowUp");
  try {
    await request("POST", path, values);
  } catch {
    tell(board().dataset.failed);
  } finally {
    sent.delete(card.id);
    const now = document.getElementById(card.id);
    now?.removeAttribute("aria-busy");
    putHome(now);
    if (!document.querySelector("#board-panel > *")) focus(now ?? beside);
    announce(title);
  }
}

function announce(title) {
  const texts = document.querySelectorAll("#messages li > span");
  const text = [...texts].map((one) => one.textContent).join(" ");
  if (text) document.getElementById("announced").textContent = `${title}: ${text}`;
}

function tell(text) {
  const line = document.createElement("span");
  line.textContent = text;
  document.getElementById("messages").innerHTML = '<li class="note error"></li>';
  document.querySelector("#messages li").append(line);
}

// Show the texts of an error page as a message, and keep the board. The lead is gone, or may no
// longer be changed.
function explain(event) {
  const { elt, xhr } = event.detail;
  if (elt !== board() || xhr.status < 400 || [400, 409].includes(xhr.status)) return;
  event.preventDefault();
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const texts = [...page.querySelectorAll("main h1, main h1 + p")];
  tell(texts.map((one) => one.textContent.trim()).join(" ") || board().dataset.failed);
}

function show(address) {
  return request("GET", address);
}

function change(card, what, more) {
  const values = valuesOf(document.getElementById("board-form"));
  for (const name in more) values.set(name, more[name]);
  values.set("action", card.dataset.action);
  return send(addressOf(card, what), values, card);
}

function move(card, column) {
  const { action, before } = card.dataset;
  if (!column || !action || column.dataset.id === before) return;
  change(card, "step", { "before:step": before, step: column.dataset.step });
}

// Close a lead. A lead that is won needs no form, unless a reason is required.
function close(card, status) {
  return status === "won" ? change(card, status) : show(addressOf(card, status));
}

function addressOf(card, what) {
  return card.querySelector(".move").href.replace("/step/", `/${what}/`);
}

// A card whose move was refused, or got no answer, returns to its column.
function putHome(card) {
  const home = card?.dataset.before && document.getElementById(`cards-${card.dataset.before}`);
  if (home && card.parentElement !== home) home.prepend(card);
}

function closePanel() {
  const panel = document.querySelector("#board-panel > [data-card]");
  document.getElementById("board-panel")?.replaceChildren();
  focus(document.getElementById(panel?.dataset.card));
}

// Dragging

function drag(list) {
  if (Sortable.get(list)) return;
  new Sortable(list, {
    group: "board",
    draggable: ".lead-card[data-action]",
    sort: false,
    delay: LONG_TOUCH_MS,
    delayOnTouchOnly: true,
    disabled: matchMedia(NARROW).matches,
    ghostClass: "dragged",
    onEnd({ item, from, to, oldDraggableIndex }) {
      if (from === to) return;
      const status = to.dataset.close;
      if (status) {
        const cards = cardsOf(from);
        from.insertBefore(item, cards[oldDraggableIndex] ?? from.querySelector(".more"));
        close(item, status);
      } else move(item, to);
    },
  });
}

// More cards of a column

const watched = new WeakMap();

// Load the next cards before the last one is reached. Without scripts, users follow the link.
function readAhead(list) {
  const link = list.querySelector(".more a");
  if (!window.htmx || !link || watched.get(list) === link) return;
  watched.set(list, link);
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      observer.disconnect();
      window.htmx.trigger(link, "near");
    },
    { root: list, rootMargin: READ_AHEAD },
  );
  observer.observe(link);
}

function prepare(part) {
  if (!board()) return;
  const closings = board().querySelector(".closings");
  if (closings) closings.hidden = false;
  for (const list of board().querySelectorAll(".card-list, .closings ul")) drag(list);
  columns().forEach(readAhead);
  // The first of more cards takes the focus of the link that it replaces.
  const isLost = document.activeElement === document.body && part?.matches(".lead-card");
  const [current, first] = [".lead-card:has([data-key])", ".lead-card"].map((one) => board().querySelector(one));
  if (isLost) focus(part);
  else stopAt(current ?? first);
}

document.addEventListener("keydown", (event) => {
  if (board()?.contains(event.target)) moveFocus(event);
  else if (event.key === "Escape" && event.target.closest?.("#board-panel")) closePanel();
});
document.addEventListener("focusin", ({ target }) => {
  if (board()?.contains(target) && cardOf(target)) stopAt(cardOf(target));
});
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const panel = form.closest("#board-panel > *");
  const card = panel ? document.getElementById(panel.dataset.card) : submitter && cardOf(submitter);
  if (!board() || !card) return; // not of the board, or of a card that is not on it
  event.preventDefault();
  const path = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  send(path, valuesOf(form, submitter), card);
});
document.addEventListener("click", (event) => {
  const { target } = event;
  if (!board() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = target.closest?.("#board .move, #board-panel a, #results [data-counts]");
  if (link) {
    event.preventDefault();
    if (link.matches("[data-cancel]")) closePanel();
    else show(link.href);
  } else target.closest?.("[data-keep]")?.closest(".conflict").remove();
});
document.addEventListener("htmx:beforeOnLoad", explain);
document.addEventListener("htmx:load", ({ detail }) => prepare(detail.elt));
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id === "board-panel")
    detail.target.querySelector("[autofocus], input:not([type=hidden]), button, a")?.focus();
});
prepare();
