import { keepDrafts, restoreDrafts } from "./drafts.js";
import { explainFigures } from "./explain.js";
import { keepFiltersTogether } from "./filters.js";
import { listenForKeys } from "./keys.js";
import { closeMenus } from "./menus.js";
import { drawCharts } from "./pictures.js";
import { groupStops, moveWithinGroups } from "./roving.js";
import { fitTables, keepTables } from "./tables.js";
import { showLeadsAhead } from "./today.js";

keepFiltersTogether();
closeMenus();
explainFigures();
keepTables();
listenForKeys();
keepDrafts();
restoreDrafts(document);
showLeadsAhead();
moveWithinGroups();
groupStops(document);
drawCharts(document);
fitTables(document);
document.addEventListener("htmx:load", (event) => {
  groupStops(event.detail.elt);
  drawCharts(event.detail.elt);
  fitTables(event.detail.elt);
  restoreDrafts(event.detail.elt);
});
