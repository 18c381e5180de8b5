import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compareSchema } from "./request-schema.js";

it("is the schema that is published", () => {
  const path = new URL("../../../../docs/schemas/compare.schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(compareSchema);
});
