// Licences of the published files. `unstated`: the repository declares none, so nobody has given permission.
import type { Licence } from "../accelerator.js";

export const openRail = (source: string): Licence => ({ name: "CreativeML Open RAIL++-M", commercial: "yes", source });
export const nonCommercial = (name: string, source: string): Licence => ({ name, commercial: "no", source });
export const unstated = (source: string): Licence => ({ name: "none declared", commercial: "unstated", source });
