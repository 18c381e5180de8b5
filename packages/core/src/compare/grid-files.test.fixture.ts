// Files of a grid without files: a family's facts, and LoRAs that are what they are said to be.
import { type FamilyId, families } from "../families/family.js";
import type { GridLora, GridModel } from "./grid-files.js";

export const gridModel = (name: string, family: FamilyId = "sd15"): GridModel => ({
  name,
  hash: `hash of ${name}`,
  facts: { family: families[family], prediction: "epsilon", zeroTerminalSnr: false, embeddedGuidance: false },
});

export const gridLora = (is: string, name = `${is}-file`): GridLora => ({ name, hash: `hash of ${name}`, is });
