// The page's script, as it was compiled beside this package: read here, put into every report.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface ClientModule {
  readonly name: string;
  /** JavaScript whose imports of its neighbours are bare names: `report/dom`. */
  readonly source: string;
}

const ENDING = ".js";

export async function clientModules(): Promise<readonly ClientModule[]> {
  // by the package, not by this file: also when that runs from its TypeScript source
  const root = dirname(createRequire(import.meta.url).resolve("fewstep/package.json"));
  const folder = join(root, "dist", "compare", "report", "client");
  const files = (await readdir(folder))
    .filter((file) => file.endsWith(ENDING) && !file.endsWith(`.test${ENDING}`))
    .sort();
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -ENDING.length),
      source: withBareImports(await readFile(join(folder, file), "utf8")),
    })),
  );
}

/** Addresses of data: have no neighbours that "./" could lead to. */
function withBareImports(source: string): string {
  return source.replaceAll(/(\bfrom ")\.\/([a-z-]+)\.js"/g, '$1report/$2"');
}
