import { drawCharts } from "./charts.js";
import { keepFiltersTogether } from "./filters.js";
import { closeMenus } from "./menus.js";

keepFiltersTogether();
closeMenus();
drawCharts(document);
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt));
