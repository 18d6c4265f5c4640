import { drawCharts } from "./charts.js";
import { explainFigures } from "./explain.js";
import { keepFiltersTogether } from "./filters.js";
import { closeMenus } from "./menus.js";

keepFiltersTogether();
closeMenus();
explainFigures();
drawCharts(document);
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt));
