// Writes docs/accelerators/*.md and docs/names.md from the tables in packages/core: node scripts/generate-docs.mjs (after npx tsc -b).
// The pages are checked in; packages/core/src/accelerators/docs.test.ts fails when they differ from what this makes of the tables.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const NOTE = "<!-- Made by scripts/generate-docs.mjs. Edit the tables in packages/core/src, not this page. -->";
const TOOLS = {
  comfyui: "ComfyUI",
  a1111: "A1111, Forge",
  diffusers: "diffusers",
  "sd.cpp": "stable-diffusion.cpp",
};
/** How diffusers says a schedule: an option of most schedulers, not a name. */
const DIFFUSERS_SCHEDULES = {
  trailing: 'timestep_spacing="trailing"',
  leading: 'timestep_spacing="leading"',
  linspace: 'timestep_spacing="linspace"',
  karras: "use_karras_sigmas",
  exponential: "use_exponential_sigmas",
  beta_sigmas: "use_beta_sigmas",
  lu: "use_lu_lambdas",
  log_linear: 'interpolation_type="log_linear"',
};
const COMMERCIAL = { yes: "allowed", no: "not allowed", unstated: "not stated: ask" };
const BASES = { sd15: "SD1.5", sd21: "SD2.1", sdxl: "SDXL" };

/** All pages as path under docs/ -> text. `tables`: accelerators, lintRules, names of samplers and schedules, and the name tables. */
export function documentationPages(tables) {
  const pages = new Map();
  for (const accelerator of tables.accelerators) {
    pages.set(`accelerators/${accelerator.id}.md`, acceleratorPage(accelerator));
  }
  pages.set("accelerators/README.md", overviewPage(tables));
  pages.set("accelerators/lint-rules.md", lintPage(tables));
  pages.set("names.md", namesPage(tables));
  return pages;
}

/** docs/likeness.md: the switches in which tools differ, and how each has them. */
export function likenessPage({ planSwitches, switchText, toolHabits, toolNames }) {
  return page([
    "# Making a picture as another tool would",
    "",
    "`--like diffusers|comfyui|a1111|sd.cpp` sets every switch below that no option sets; names of samplers and schedules are then read as the",
    "tool means them. Without it numbers follow diffusers, and prompts are read as A1111 reads them. `fewstep diff` compares two pictures by",
    "these switches, `fewstep replay` uses those of the tool that made the picture.",
    "",
    ...table(
      ["switch", "what", ...toolNames.map((tool) => toolHabits[tool].title), "source"],
      planSwitches.map((one) => [
        `\`${one.code}\``,
        one.title,
        ...toolNames.map((tool) => switchText(one, tool)),
        one.source,
      ]),
    ),
    "",
    "Where no schedule is said the tool's own is taken: ComfyUI's and stable-diffusion.cpp's `normal`, A1111's by sampler (Automatic). A1111",
    "ignores clip skip on SDXL. Samplers that are SDEs (`dpmpp_sde`, `dpmpp_2m_sde`, `dpmpp_3m_sde`) take Brownian noise in ComfyUI and A1111:",
    "the CPU draws it in ComfyUI, the source of all noise in A1111 (modules/sd_samplers_common.py, `torchsde_randn`).",
    "",
    "Tools compute in F16 on a GPU, fewstep in F32. So a picture of another tool comes out like it, and to the bit only by chance.",
    "",
    "## ComfyUI on a GPU",
    "",
    "ComfyUI draws the start noise on the CPU, and the noise of the steps where it computes: its pictures of one seed differ from device to",
    "device, and no file says which it was. `--like comfyui` takes the CPU's; `--like comfyui --step-source philox` (of `generate`, `plan` and",
    "`replay`) an NVIDIA GPU's.",
    "",
    ...table(
      ["samplers", "on the CPU", "on an NVIDIA GPU", "imitated"],
      [
        [
          "ancestral ones, `lcm`, `ddpm`",
          "a stream of seed + 1",
          "a CUDA (Philox) stream of the seed",
          "yes; `--step-source philox` for the GPU",
        ],
        [
          "`dpmpp_sde`, `dpmpp_2m_sde`, `dpmpp_3m_sde`",
          "a Brownian path, drawn on the CPU",
          "the same",
          "yes, without an option",
        ],
        ["the same with `_gpu`", "the same", "the path drawn by CUDA", "yes; `--step-source philox`"],
        [
          "churn of `euler`, `heun`, `dpm_2`",
          "torch's global generator",
          "the GPU's global generator",
          "no: what drew from it before is not known",
        ],
      ],
    ),
    "",
    "Read in ComfyUI comfy/k_diffusion/sampling.py (`default_noise_sampler`, `BatchedBrownianTree`) at commit 02159d8. The seed + 1 on the CPU",
    "came with pull request 11528; before it the CPU's step noise began with the start noise again (`--step-seed-offset 0`).",
    "",
    "The Philox stream is the one that A1111 emulates: a value for each thread of the GPU. PyTorch runs at most 1,536 or 2,048 threads for each",
    "multiprocessor, so it is the GPU's own for latents of no more values: 16,384 of a picture of 512x512 on cards with 11, 65,536 of 1024x1024 with 43",
    "multiprocessors or more. Larger batches and other makers' GPUs draw otherwise. No GPU was at hand: the values are tested against A1111's.",
  ]);
}

const page = (lines) => `${NOTE}\n\n${lines.join("\n")}\n`;
const cell = (value) => String(value).replaceAll("|", "\\|").replaceAll("\n", " ");

function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const range = ([low, high]) => (low === high ? String(low) : `${low} to ${high}`);
const scheduleText = (schedule) =>
  typeof schedule === "string"
    ? schedule
    : [
        schedule.name,
        ...Object.entries(schedule)
          .filter(([key]) => key !== "name")
          .map(([key, value]) => `${key} ${value}`),
      ].join(", ");
const settingsText = (settings) =>
  Object.entries(settings ?? {})
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");

function acceleratorPage({ title, method, paper, variants, failures, absent }) {
  return page([
    `# ${title}`,
    "",
    `${method[0].toUpperCase()}${method.slice(1)}. Paper: ${paper}.`,
    "",
    "Guidance is fewstep's: 1 means none, which model cards write as `guidance_scale` 0.",
    "",
    ...table(
      ["name", "what", "base", "steps", "guidance", "sampler", "schedule", "strength", "size", "commercial use"],
      variants.map(({ name, title: what, base, settings, licence, form }) => [
        `\`${name}\``,
        what,
        BASES[base],
        settings.steps,
        settings.guidanceInput === undefined ? settings.guidance : `input ${settings.guidanceInput}`,
        [settings.sampler, settingsText(settings.settings)].filter(Boolean).join(", "),
        settings.timesteps === undefined ? scheduleText(settings.schedule) : `t = ${settings.timesteps.join(", ")}`,
        form === "lora" ? settings.loraStrength : "",
        settings.size,
        COMMERCIAL[licence.commercial],
      ]),
    ),
    "",
    "## What goes wrong",
    "",
    ...table(
      ["when", "how it looks", "source"],
      failures.map(({ when, looks, source }) => [when, looks, source]),
    ),
    ...(absent.length === 0 ? [] : ["", "## What does not exist", "", ...absent.map((line) => `- ${line}`)]),
    "",
    "## Each file",
    ...variants.flatMap(variantSection),
  ]);
}

function variantSection(variant) {
  const { name, title, base, form, files, lora, licence, settings, ranges, alternatives, trained, sources } = variant;
  const values = [
    ["steps", settings.steps, range(ranges.steps), sources.steps],
    [
      "guidance",
      settings.guidance,
      ranges.guidance[0] === ranges.publishedGuidance[0] && ranges.guidance[1] === ranges.publishedGuidance[1]
        ? range(ranges.guidance)
        : `${range(ranges.guidance)} (published ${range(ranges.publishedGuidance)})`,
      sources.guidance,
    ],
    ...(settings.guidanceInput === undefined
      ? []
      : [["guidance input", settings.guidanceInput, range(ranges.guidanceInput), sources.ranges]]),
    [
      "sampler",
      [settings.sampler, settingsText(settings.settings)].filter(Boolean).join(", "),
      ranges.samplers.join(", "),
      sources.sampler,
    ],
    ...(ranges.gamma === undefined ? [] : [["gamma", settings.settings.gamma, range(ranges.gamma), sources.ranges]]),
    ["schedule", scheduleText(settings.schedule), "", sources.schedule],
    ...(settings.timesteps === undefined ? [] : [["timesteps", settings.timesteps.join(", "), "", sources.schedule]]),
    ...(settings.timestepShift === undefined ? [] : [["timestep shift", settings.timestepShift, "", sources.schedule]]),
    ["prediction", settings.prediction, "", sources.prediction],
    ...(form === "lora" ? [["strength", settings.loraStrength, range(ranges.loraStrength), sources.strength]] : []),
    ["size", settings.size, variant.sizeIsLimit ? "no larger" : "", sources.size],
    ...(trained.length === 0 ? [] : [["distilled at", timestepsText(trained), "", sources.trained]]),
    ...(lora === undefined ? [] : [["layout", layoutText(lora), "", sources.lora]]),
  ];
  return [
    "",
    `### ${title}`,
    "",
    `\`${name}\` for ${BASES[base]}. Licence: ${licence.name}, commercial use ${COMMERCIAL[licence.commercial]} (${licence.source}). Ranges: ${sources.ranges}.`,
    "",
    ...table(["value", "published", "also works", "source"], values),
    "",
    ...files.map(fileLine),
    ...(alternatives.length === 0 ? [] : ["", "Also published:", ""]),
    ...alternatives.map(
      ({ title: what, settings: changes, source }) => `- ${what}: ${changesText(changes)} (${source})`,
    ),
  ];
}

function changesText(changes) {
  return Object.entries(changes)
    .map(([key, value]) => `${key} ${key === "settings" ? settingsText(value) : scheduleText(String(value))}`)
    .join(", ");
}

const timestepsText = (list) =>
  list.length > 16 ? `${list.slice(0, 3).join(", ")} ... ${list[list.length - 1]} (${list.length})` : list.join(", ");

function layoutText({ rank, alpha, tensors }) {
  return [
    rank === undefined ? "several ranks" : `rank ${rank}`,
    alpha === undefined ? "alpha as in the file" : `alpha ${alpha}`,
    ...(tensors === undefined ? [] : [`${tensors} tensors`]),
  ].join(", ");
}

function fileLine({ name, repository, bytes, dtype, sha256, tensorHash, source }) {
  const facts = [
    ...(bytes === undefined ? [] : [`${bytes.toLocaleString("en-US")} bytes`]),
    ...(dtype === undefined ? [] : [dtype.toUpperCase()]),
    ...(sha256 === undefined ? [] : [`SHA-256 \`${sha256}\``]),
    ...(tensorHash === undefined ? [] : [`tensor hash \`${tensorHash}\``]),
  ];
  return `- \`${name}\` in ${repository}${facts.length === 0 ? "" : `: ${facts.join(", ")}`} (${source})`;
}

function overviewPage({ accelerators, lintRules }) {
  return page([
    "# Accelerators",
    "",
    "Every value on these pages comes from the tables in `packages/core/src/accelerators` and has its source beside it.",
    "",
    ...table(
      ["accelerator", "how it is made", "names", "bases"],
      accelerators.map(({ id, title, method, variants }) => [
        `[${title}](${id}.md)`,
        method,
        [...new Set(variants.map(({ name }) => `\`${name}\``))].join(" "),
        [...new Set(variants.map(({ base }) => BASES[base]))].join(", "),
      ]),
    ),
    "",
    `Before a run the linter looks at ${lintRules.length} [rules](lint-rules.md). Names of samplers and schedules in other tools' words: [names](../names.md).`,
  ]);
}

function lintPage({ lintRules }) {
  const order = ["error", "warning", "note"];
  return page([
    "# Lint rules",
    "",
    "`error`: the picture will be broken. `warning`: worse than it need be. `note`: worth knowing. Publishers' own settings give none.",
    "",
    ...table(
      ["code", "severity", "source"],
      lintRules
        .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
        .map(({ code, severity, source }) => [`\`${code}\``, severity, source]),
    ),
  ]);
}

function namesPage({ samplerNames, scheduleNames, samplerNameTable, scheduleNameTable }) {
  return page([
    "# Names of samplers and schedules",
    "",
    "fewstep's names are ComfyUI's where it has one. Case, spaces, hyphens and underscores do not matter; A1111's joint names",
    "(`DPM++ 2M Karras`) are understood. An empty place means that the tool has no other name for it. Where tools mean different things by",
    "a word, `a1111: Beta` or `comfyui: beta` says whose it is; without that it is fewstep's, then ComfyUI's. Some lists are made for one family:",
    "there a tool's name means the list of the model's family.",
    "",
    "## Samplers",
    "",
    ...nameTable(samplerNames, samplerNameTable, ({ sampler }) => sampler, samplerExtra),
    "",
    "## Schedules",
    "",
    ...nameTable(
      scheduleNames,
      [...scheduleNameTable.flatMap(byFamily), ...diffusersSchedules()],
      ({ name }) => name,
      () => "",
    ),
    "",
    "## Known and not supported",
    "",
    ...Object.entries(TOOLS).flatMap(([tool, title]) => {
      const names = [...samplerNameTable, ...scheduleNameTable]
        .filter((row) => row.tool === tool && row.means === undefined)
        .map(({ name }) => `\`${name}\``);
      return names.length === 0 ? [] : [`- ${title}: ${names.join(", ")}`];
    }),
  ]);
}

/** A name for whose list the family decides stands with both. */
const byFamily = ({ onSdxl, ...row }) => (onSdxl === undefined ? [row] : [row, { ...row, means: onSdxl }]);

const diffusersSchedules = () =>
  Object.entries(DIFFUSERS_SCHEDULES).map(([name, option]) => ({ tool: "diffusers", name: option, means: { name } }));

/** What a name says beyond the sampler, in brackets. */
function samplerExtra({ schedule, settings, last }) {
  const extra = [
    ...(schedule === undefined ? [] : [`schedule ${schedule.name}`]),
    ...(settings === undefined ? [] : [settingsText(settings)]),
    ...(last === undefined ? [] : [`ends at ${last}`]),
  ];
  return extra.length === 0 ? "" : ` (${extra.join(", ")})`;
}

function nameTable(names, rows, nameOf, extraOf) {
  const tools = Object.keys(TOOLS);
  return table(
    ["fewstep", ...Object.values(TOOLS)],
    names.map((name) => [
      `\`${name}\``,
      ...tools.map((tool) =>
        rows
          .filter((row) => row.tool === tool && row.means !== undefined && nameOf(row.means) === name)
          .map((row) => `\`${row.name}\`${extraOf(row.means)}`)
          .join(", "),
      ),
    ]),
  );
}

async function main() {
  const from = (path) => import(new URL(`../packages/core/dist/${path}`, import.meta.url).href);
  const [{ accelerators }, { lintRules }, names, { samplerNames }, { scheduleNames }] = await Promise.all([
    from("accelerators/accelerators.js"),
    from("accelerators/lint/lint.js"),
    from("sampling/names.js"),
    from("sampling/sampler-definitions.js"),
    from("sampling/schedules.js"),
  ]);
  const { samplerNameTable, scheduleNameTable } = names;
  const pages = documentationPages({
    accelerators,
    lintRules,
    samplerNames,
    scheduleNames,
    samplerNameTable,
    scheduleNameTable,
  });
  const [differences, habits] = await Promise.all([
    from("generate/plan-difference.js"),
    from("generate/tool-habits.js"),
  ]);
  pages.set("likeness.md", likenessPage({ ...differences, ...habits }));
  const docs = new URL("../docs/", import.meta.url);
  const folder = new URL("accelerators/", docs);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!pages.has(`accelerators/${name}`)) rmSync(new URL(name, folder));
  for (const [path, text] of pages) writeFileSync(new URL(path, docs), text);
  process.stdout.write(`${pages.size} pages in ${fileURLToPath(docs)}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
