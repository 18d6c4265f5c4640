// Render charts with Vega. The page contains the specifications with all data.

import { transforms } from "vega-dataflow";
import * as encoding from "vega-encode";
import { expressionInterpreter } from "vega-interpreter";
import { parse } from "vega-parser";
import * as transformsOfData from "vega-transforms";
import { View } from "vega-view";
import * as transformsOfView from "vega-view-transforms";

// The transforms for maps, trees, networks, words and regressions, a third of Vega, are left out.
Object.assign(transforms, transformsOfData, transformsOfView, encoding);

export function draw(element) {
  const { content } = document.getElementById(element.dataset.chart);
  const specification = JSON.parse(content.textContent);
  const view = new View(parse(specification, null, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "svg",
    container: element,
    tooltip: showTip,
  });
  view.run();
  follow(element, view);
  openByKeyboard(element);
}

// Let arrow keys walk through the marks of a chart, and Enter open the list of the current one.
function openByKeyboard(element) {
  element.tabIndex = 0;
  element.setAttribute("role", "application"); // arrow keys reach the chart through screen readers
  element.setAttribute("aria-roledescription", element.dataset.kind);
  element.querySelector("svg").setAttribute("aria-hidden", "true"); // the element has the label
  let current = null;
  const leave = () => {
    current?.classList.remove("current");
    current = null;
    showTip();
  };
  element.addEventListener("blur", leave);
  element.addEventListener("keydown", (event) => {
    const marks = [...element.querySelectorAll("svg *")].filter((mark) => mark.__data__?.href);
    const place = marks.indexOf(current);
    const next = {
      ArrowRight: place + 1,
      ArrowDown: place + 1,
      ArrowLeft: place - 1,
      ArrowUp: place - 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (event.key === "Enter" && current) return location.assign(current.__data__.href);
    if (event.key === "Escape") return leave();
    if (next === undefined || !marks.length) return;
    event.preventDefault();
    leave();
    current = marks.at(Math.min(next, marks.length - 1) % marks.length);
    current.classList.add("current");
    const { left, right, top } = current.getBoundingClientRect();
    const text = current.__data__.tooltip;
    showTip(null, { clientX: (left + right) / 2, clientY: top }, null, text);
    announce(text);
    current.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  });
}

// Announce a text to screen readers.
function announce(text) {
  let region = document.getElementById("announced");
  if (!region) {
    region = document.createElement("div");
    region.id = "announced";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}

// Resize a chart with its element, whose width can change without a resize of the window.
function follow(element, view) {
  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (!element.isConnected) {
      observer.disconnect();
      view.finalize();
    } else if (element.clientWidth !== width) {
      width = element.clientWidth;
      view.signal("width", width).run();
    }
  });
  observer.observe(element);
}

// Show the tooltip of a mark next to the pointer.
function showTip(_handler, event, _item, text) {
  const tip = document.getElementById("tip") ?? newTip();
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.setProperty("left", `${Math.max(8, Math.min(event.clientX + 12, room))}px`);
  tip.style.setProperty("top", `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`);
}

function newTip() {
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  document.addEventListener("htmx:beforeSwap", () => (tip.hidden = true));
  return tip;
}
