import { explainFigures } from "./explain.js";
import { followFeed } from "./feed.js";
import { keepFiltersTogether } from "./filters.js";
import { listenForKeys } from "./keys.js";
import { closeMenus } from "./menus.js";
import { drawCharts } from "./pictures.js";
import { groupStops, moveWithinGroups } from "./roving.js";
import { fitTables, keepTables } from "./tables.js";

keepFiltersTogether();
closeMenus();
explainFigures();
followFeed();
keepTables();
listenForKeys();
moveWithinGroups();
groupStops(document);
drawCharts(document);
fitTables(document);
document.addEventListener("htmx:load", (event) => {
  groupStops(event.detail.elt);
  drawCharts(event.detail.elt);
  fitTables(event.detail.elt);
});
