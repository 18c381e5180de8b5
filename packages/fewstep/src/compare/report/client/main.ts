// The report's page: reads the report that lies in it and fills the sections.
import type { Report } from "@fewstep/core";
import { showCharts } from "./charts.js";
import { byId } from "./dom.js";
import { plural } from "./format.js";
import { showGallery } from "./gallery.js";
import { showNumbers } from "./numbers.js";
import { showSummary } from "./summary.js";
import { createViewer } from "./viewer.js";

const report = JSON.parse(byId("report").textContent ?? "") as Report;
const done = report.cells.filter(({ status }) => status === "done").length;
byId("title").textContent = report.title === "" ? "Comparison" : report.title;
byId("about").textContent = [
  `${plural(done, "picture")} of ${plural(report.cells.length, "cell")}`,
  plural(report.configurations.length, "configuration"),
  report.machine,
  `fewstep ${report.version}`,
].join(" · ");
showSummary(report);
showGallery(report, createViewer(report));
showCharts(report);
showNumbers(report);
document.body.dataset.ready = "yes";
