// The public names of each entry, in files: a name that appears or goes is a decision, made with `npx vitest run public-names -u`.
import { describe, expect, it } from "vitest";
import * as index from "./index.js";
import * as node from "./node.js";
import * as web from "./web.js";

const listed = (names: readonly string[]) => `${[...names].sort().join("\n")}\n`;
const beyond = (entry: object) => Object.keys(entry).filter((name) => !(name in index));

describe("public names", () => {
  it("of @fewstep/core", async () => {
    await expect(listed(Object.keys(index))).toMatchFileSnapshot("public-names/index.txt");
  });

  it("of @fewstep/core/node, beyond those", async () => {
    await expect(listed(beyond(node))).toMatchFileSnapshot("public-names/node.txt");
  });

  it("of @fewstep/core/web, beyond those", async () => {
    await expect(listed(beyond(web))).toMatchFileSnapshot("public-names/web.txt");
  });

  it("hold all of the platform-free names on both platforms", () => {
    for (const name of Object.keys(index)) {
      expect(node, name).toHaveProperty(name);
      expect(web, name).toHaveProperty(name);
    }
  });
});
