// A report and its pictures -> one HTML file, piece by piece, so that a thousand pictures need not be in memory at once. It opens from a disk
// without a network: scripts are modules in data: addresses, pictures lie beside them as text.
import type { Report } from "@fewstep/core";
import type { ClientModule } from "./client-modules.js";
import { pageEnd, pageHead, scriptJson } from "./page.js";
import { STYLE } from "./style.js";

/** The PNG file of a cell, if it has one. */
export type PictureFile = (id: string) => Promise<Uint8Array | undefined>;

const IDS = /^[0-9a-f]{16}$/;

export async function* reportHtml(
  report: Report,
  picture: PictureFile,
  modules: readonly ClientModule[],
): AsyncGenerator<string, void, void> {
  yield pageHead({ title: report.title === "" ? "fewstep comparison" : report.title, style: STYLE });
  yield `<script type="application/json" id="report">${scriptJson(report)}</script>\n`;
  const written = new Set<string>();
  for (const { id, status } of report.cells) {
    if (status !== "done" || written.has(id) || !IDS.test(id)) continue;
    written.add(id);
    const png = await picture(id);
    if (png === undefined) continue;
    yield `<script type="text/plain" data-picture="${id}">${base64(png)}</script>\n`;
  }
  yield pageEnd(scripts(modules));
}

function scripts(modules: readonly ClientModule[]): string {
  const imports = Object.fromEntries(
    modules.map(({ name, source }) => [
      `report/${name}`,
      `data:text/javascript;base64,${base64(new TextEncoder().encode(source))}`,
    ]),
  );
  return `<script type="importmap">${scriptJson({ imports })}</script>\n<script type="module">import "report/main";</script>\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
