// Where settings and caches go on each system.
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userFolder } from "./user-folders.js";

test.each([
  ["config", {}, "linux", join(homedir(), ".config", "fewstep")],
  ["cache", {}, "linux", join(homedir(), ".cache", "fewstep")],
  ["config", { XDG_CONFIG_HOME: "/x" }, "linux", "/x/fewstep"],
  ["cache", { XDG_CACHE_HOME: "relative" }, "linux", join(homedir(), ".cache", "fewstep")],
  ["config", { APPDATA: "/roaming" }, "linux", join(homedir(), ".config", "fewstep")],
  ["config", { APPDATA: "/roaming" }, "win32", "/roaming/fewstep"],
  ["cache", {}, "darwin", join(homedir(), "Library/Caches", "fewstep")],
] as const)("%s with %j on %s", (kind, environment, system, folder) => {
  expect(userFolder(kind, environment, system)).toBe(folder);
});
