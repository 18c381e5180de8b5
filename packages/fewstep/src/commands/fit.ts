// `fewstep fit`: whether an adapter fits a checkpoint, what it touches and what of it has no place; only headers are read.
import { FewstepError } from "@fewstep/core";
import { modelFolders } from "@fewstep/core/node";
import { Command } from "commander";
import { type FileFit, fitAdapterFile } from "../fit/fit-adapter-file.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { readSettings } from "../settings.js";

/** Names that are shown; --json has them all. */
const SHOWN = 8;

export function fitCommand(): Command {
  return new Command("fit")
    .description("Say whether a LoRA fits a model, what it touches, and what of it has no place.")
    .argument("<model>", "a checkpoint's file, folder or name")
    .argument("<lora>", "an adapter's file or name")
    .option("--json", "print JSON")
    .action(async (model: string, lora: string, { json = false }: { readonly json?: boolean }) => {
      const folders = modelFolders(await readSettings());
      const fit = await interruptible((signal) => fitAdapterFile(model, lora, folders, signal));
      processOutput(json).result(describe(fit), fit);
      if (fit.report === undefined) throw doesNotFit(fit);
    });
}

const NETWORKS = { unet: "UNet", text0: "text encoder", text1: "second text encoder" } as const;

function describe({ model, adapter, report, reason, ranks, factors, accelerator }: FileFit): string {
  if (report === undefined) return `${adapter} does not fit ${model}: ${reason}`;
  const { verdict, placed, layers, unclaimed, misfit } = report;
  const part = `${Math.round(placed * 1000) / 10} % of its layers`;
  return [
    `${adapter} ${verdict === "whole" ? "fits" : "fits in part"} ${model}: ${part} have a place`,
    ...layers.map(({ network, kind, touched, of }) => `  ${NETWORKS[network]}, ${kind}: ${touched} of ${of}`),
    ...(ranks.length === 0
      ? []
      : [`  rank ${ranks.join(", ")}, strength 1 is a factor of ${factors.map(short).join(", ")}`]),
    ...(accelerator === undefined ? [] : [`  accelerator: ${accelerator}`]),
    ...listed(
      "another shape",
      misfit.map(({ module, found, expected }) => `${module} ${found} instead of ${expected}`),
    ),
    ...listed("no place in the model", unclaimed),
  ].join("\n");
}

function listed(title: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return [`  ${title}: ${names.slice(0, SHOWN).map(plain).join(", ")}${more}`];
}

/** Names in files are strangers' words. */
const plain = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?").slice(0, 160);
const short = (value: number): string => String(Number(value.toPrecision(4)));

function doesNotFit({ adapter, model, reason }: FileFit): FewstepError {
  return new FewstepError({
    code: "adapter-does-not-fit",
    kind: "failed",
    message: `${adapter} does not fit ${model}`,
    ...(reason === undefined ? {} : { found: reason }),
  });
}
