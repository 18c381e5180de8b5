// `fewstep stack`: how much each LoRA of a stack adds to each block, whether styles drown the accelerator out, and which strengths would not.
import { modelFolders } from "@fewstep/core/node";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { type LoraOption, parseLora } from "../run/lora-option.js";
import { number } from "../run/parse-values.js";
import { readSettings } from "../settings.js";
import { type Stack, type StackOptions, stackRun } from "../stack/stack-run.js";

export function stackCommand(): Command {
  return new Command("stack")
    .description(
      "Say how much each LoRA adds to each block of a model, and warn where styles drown an accelerator out.",
    )
    .option("--model <file>", "a checkpoint's file, folder or name")
    .addOption(
      new Option("--lora <file[:strength]>", "a LoRA and its strength; may be repeated")
        .default([] as readonly LoraOption[], "none")
        .argParser((text: string, before: readonly LoraOption[]) => [...before, parseLora(text)]),
    )
    .option("--unet <file>", "a UNet in place of the model's")
    .option("--accelerator <name>", "which accelerator is among them, where no file is known to be one; or none")
    .option("--ratio <n>", "styles may add so many times what the accelerator adds; default 2", number("ratio"))
    .option("--json", "print JSON")
    .action(async ({ json = false, ...options }: StackOptions & { readonly json?: boolean }) => {
      const output = processOutput(json);
      const folders = modelFolders(await readSettings());
      const stack = await interruptible((signal) => stackRun(options, folders, output.note, signal));
      output.result(describe(stack), plain(stack));
    });
}

function plain({ model, adapters, advice, unmeasured }: Stack) {
  const { blocks, overloaded, strengths, lines } = advice;
  return {
    model,
    adapters: adapters.map((adapter) => ({ ...adapter, unmeasured: unmeasured.get(adapter.name) ?? 0 })),
    // an accelerator that does nothing to a block has no ratio there, and JSON no infinity
    blocks: blocks.map(({ block, ratio, relative }) => ({
      block,
      ratio: Number.isFinite(ratio) ? ratio : null,
      relative,
    })),
    overloaded,
    strengths: Object.fromEntries(strengths),
    lines,
  };
}

function describe({ model, adapters, advice, unmeasured }: Stack): string {
  const { blocks, overloaded, lines } = advice;
  const rows = [
    ["block", ...adapters.map(({ name }) => name), "all", "styles / accelerator"],
    ...blocks.map(({ block, relative, ratio }) => [
      block,
      ...adapters.map((adapter) => {
        const norm = adapter.blocks.find((one) => one.block === block);
        return norm === undefined || norm.base === 0
          ? "-"
          : percent((Math.abs(adapter.strength) * norm.delta) / norm.base);
      }),
      percent(relative),
      `${Number.isFinite(ratio) ? ratio.toFixed(2) : "no accelerator"}${overloaded.includes(block) ? " overload" : ""}`,
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const known = adapters.filter(({ accelerator }) => accelerator).map(({ name }) => name);
  return [
    `what each adds to ${model}, at its strength, as a part of the weights it acts on`,
    ...rows.map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
    ),
    "",
    known.length === 0
      ? "no accelerator is among them: nothing can be drowned out"
      : `accelerator: ${known.join(", ")}`,
    ...[...unmeasured].map(
      ([name, count]) => `${name}: ${count} layers have no norm that is quickly computed and are left out`,
    ),
    ...(lines.length === 0 && known.length > 0 ? ["no block is overloaded"] : lines.map((line) => `warning: ${line}`)),
  ].join("\n");
}

const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
