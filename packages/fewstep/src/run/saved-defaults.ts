// What is saved for a model, filled into the options of a run: by hand wins, then an accelerator beside the model, then what is saved.
import { basename } from "node:path";
import { FewstepError } from "@fewstep/core";
import { Command, CommanderError } from "commander";
import { type Settings, settingsPath } from "../settings.js";
import { addDefaultOptions, type DefaultOptions, type RequestOptions } from "./request-options.js";
import { type SettingPair, settingText } from "./setting-options.js";

/** Options as a settings file holds them: their names without dashes, their values as they are typed. */
export type SavedOptions = Readonly<Record<string, string>>;

/** They say how a model alone is sampled; an accelerator beside it says it anew. */
const SAMPLING = [
  "accelerator",
  "steps",
  "cfg",
  "sampler",
  "schedule",
  "timesteps",
  "sigmas",
  "eta",
  "gamma",
  "samplerSet",
  "scheduleSet",
  "rescale",
  "timeShift",
  "last",
] as const satisfies readonly (keyof DefaultOptions)[];

/** A model's name in the settings: its file's, wherever that lies. */
export function modelKey(model: string): string {
  return basename(model).replace(/\.safetensors$/i, "");
}

/** The options with what is saved for their model. @throws FewstepError `bad-settings` */
export function withSaved<T extends RequestOptions>(options: T, { models = {} }: Settings): T {
  const key = options.model === undefined ? "" : modelKey(options.model);
  if (!Object.hasOwn(models, key)) return options;
  const saved = parseSaved(key, models[key]!);
  const sampling = Object.fromEntries(
    SAMPLING.flatMap((name) => (saved[name] === undefined ? [] : [[name, saved[name]]])),
  );
  const fixed = Object.fromEntries(Object.entries(saved).filter(([name]) => !(name in sampling)));
  return { ...fixed, ...options, saved: sampling };
}

/** Checked as the command line is. @throws FewstepError `bad-settings` */
export function parseSaved(model: string, saved: SavedOptions): DefaultOptions {
  const args = Object.entries(saved).flatMap(([name, value]) => flag(name, value));
  const command = addDefaultOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    return command.parse(args, { from: "user" }).opts<DefaultOptions>();
  } catch (cause) {
    if (!(cause instanceof FewstepError || cause instanceof CommanderError)) throw cause;
    throw new FewstepError({
      code: "bad-settings",
      message: `what is saved for ${model.slice(0, 80)} cannot be used`,
      found: `${settingsPath()}: ${cause.message}`,
      hint: "save it anew with `fewstep defaults`, or take it out with --remove",
      cause,
    });
  }
}

/** Parsed options as they are saved. */
export function toSaved(options: DefaultOptions): SavedOptions {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [dashed(name), textOf(value)]));
}

function textOf(value: unknown): string {
  if (Array.isArray(value))
    return value.map((one) => (Array.isArray(one) ? settingText(one as unknown as SettingPair) : one)).join(",");
  if (typeof value !== "object" || value === null) return String(value);
  const { width, height } = value as { readonly width: number; readonly height: number };
  return `${width}x${height}`;
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Switches have no value behind them. */
function flag(name: string, value: string): readonly string[] {
  if (name === "zsnr") return [value === "false" ? "--no-zsnr" : "--zsnr"];
  return [`--${name}=${value}`];
}
