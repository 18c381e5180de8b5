// Where this user's settings and caches of fewstep lie: the XDG base directories, or what the system has in their place.
import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULTS: Readonly<
  Record<
    "config" | "cache",
    { readonly xdg: string; readonly windows: string; readonly mac: string; readonly home: string }
  >
> = {
  config: { xdg: "XDG_CONFIG_HOME", windows: "APPDATA", mac: "Library/Application Support", home: ".config" },
  cache: { xdg: "XDG_CACHE_HOME", windows: "LOCALAPPDATA", mac: "Library/Caches", home: ".cache" },
};

/** The folder of one kind; it need not be there yet. Variables that are no absolute path are ignored, as XDG asks. */
export function userFolder(
  kind: "config" | "cache",
  environment: Environment = process.env,
  system: string = platform(),
): string {
  const { xdg, windows, mac, home } = DEFAULTS[kind];
  const stated = [environment[xdg], system === "win32" ? environment[windows] : undefined];
  const given = stated.find((path) => path !== undefined && isAbsolute(path));
  return join(given ?? join(homedir(), system === "darwin" ? mac : home), "fewstep");
}
