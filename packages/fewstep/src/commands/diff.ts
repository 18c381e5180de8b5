// `fewstep diff`: in what two pictures differ: files, settings, and the switches in which the tools that made them do.
import { type FamilyId, families, type ToolName, toolHabits } from "@fewstep/core";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { type PictureDifferences, pictureDifferences } from "../replay/picture-differences.js";
import { pictureOrigin } from "../replay/picture-origin.js";
import { differenceText } from "../replay/pixel-difference.js";
import { word } from "../run/parse-values.js";

interface DiffOptions {
  readonly family: FamilyId;
  readonly json?: boolean;
}

const FAMILIES = Object.keys(families) as readonly FamilyId[];

export function diffCommand(): Command {
  return new Command("diff")
    .description("Say in what two pictures differ: files, settings, and the habits of the tools that made them.")
    .argument("<picture>")
    .argument("<other>")
    .addOption(
      new Option("--family <name>", `${FAMILIES.join(", ")}: of the models, for pictures of other tools`)
        .default("sd15")
        .argParser(word("family", FAMILIES)),
    )
    .option("--json", "print JSON")
    .action(async (picture: string, other: string, { family, json = false }: DiffOptions) => {
      await interruptible(async (signal) => {
        const origins = [await pictureOrigin(picture, signal), await pictureOrigin(other, signal)] as const;
        const found = pictureDifferences(...origins, family);
        const [one, two] = origins.map(({ name, tool }) => ({ name, tool }));
        processOutput(json).result(describe(found), { pictures: [one, two], ...found });
      });
    });
}

function describe({ files, plans, unplanned, pixels }: PictureDifferences): string {
  const lines = [
    ...files.map(({ code, values }) => `file ${code}: ${values.join(" | ")}`),
    ...plans.map(({ kind, code, title, values, tools }) => {
      const whose = tools === undefined ? values : values.map((value, i) => `${value}${titles(tools[i]!)}`);
      return `${kind} ${code} (${title}): ${whose.join(" | ")}`;
    }),
    ...unplanned.map((line) => `no plan of ${line}`),
    `pixels: ${differenceText(pixels)}`,
  ];
  return lines.join("\n");
}

function titles(tools: readonly ToolName[]): string {
  return tools.length === 0 ? "" : ` (as ${tools.map((tool) => toolHabits[tool].title).join(", ")})`;
}
