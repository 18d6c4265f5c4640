import { explainFigures } from "./explain.js";
import { keepFiltersTogether } from "./filters.js";
import { closeMenus } from "./menus.js";
import { drawCharts } from "./pictures.js";
import { fitTables, keepTables } from "./tables.js";

keepFiltersTogether();
closeMenus();
explainFigures();
keepTables();
drawCharts(document);
fitTables(document);
document.addEventListener("htmx:load", (event) => {
  drawCharts(event.detail.elt);
  fitTables(event.detail.elt);
});
