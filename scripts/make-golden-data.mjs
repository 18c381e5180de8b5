// Chooses what of a folder of goldens lies in test/golden/data, so that `npm run golden` has work in every clone:
//   node scripts/make-golden-data.mjs GOLDEN_DIR
// All sets of JSON, the long ones packed, a spread of the tensors of small models, and the specs that make the models they need; 10 MB at most.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 10e6;
const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("usage: node scripts/make-golden-data.mjs GOLDEN_DIR");
const target = fileURLToPath(new URL("../test/golden/data/", import.meta.url));

/** Sets that are kept whole, and the tensors kept of the others. Every kind of model, call and file format is there. */
const KEPT = [
  /^(README\.md|make\.mjs|folder\.mjs)$/,
  /^(sampling|noise|prompt|metadata)\//,
  /^grad\/(README\.md|sd15-tiny-lcm)/,
  /^text\/(tokens|clip-l-f32|clip-g-bf16)/,
  /^unet\/sd15-tiny-(13x18|16x16-b2|20x12|8x8-b1|quiet|bf16|f32)/,
  /^unet\/(sd15-inpaint-tiny-8x8|sd15-lcm-unet-tiny-guidance[18]\.[05]|sdxl-lcm-unet-tiny-guidance8)/,
  /^unet\/(sd21-tiny-8x8|sdxl-tiny-(16x16-b2|8x8-b1))/,
  /^vae\/(sd15-tiny-(bf16|f32|quiet|decode-9x11|encode-8x8)|sdxl|taesd-(decode|encode)-8x8)/,
  /^lora\/sd15-(attn-procs|dora-in|inputs|lokr|lora-kohya|no-alpha|peft|stack)\./,
  /^lora\/sdxl-(inputs|stack)\./,
  /^pipelines\/sd15-inpaint-tiny-inpaint-9ch-euler-6\.s/,
  /^pipelines\/sd15-lcm-unet-tiny-guidance-embedding-4\.s/,
  /^pipelines\/sd15-tiny-(clip-skip-2|ddim-10|dpmpp-2m-karras-10|euler-a-10|hyper-1-t800-tcd|hyper-8-ddim-cfg5)\.s/,
  /^pipelines\/sd15-tiny-(img2img-lcm-4-s0\.5|lcm-4|lightning-1-x0|lightning-4|lora-stack|tcd-4-eta0\.3|turbo-1)\.s/,
  /^pipelines\/(sd21-tiny-v-ddim-zsnr-4|sdxl-tiny-(euler-10|lora-lightning-like))\.s/,
];

const filesBelow = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));

const index = JSON.parse(readFileSync(join(source, "index.json"), "utf8"));
const { goldens } = index;
const chosen = new Set(filesBelow(source).filter((file) => KEPT.some((kept) => kept.test(file))));

/** Specs that tests beside the code make models of, even where no golden kept here needs them. */
const TESTED = ["sd15-tiny", "sdxl-tiny", "sd15-lcm-like", "sd15-locon-mid", "sd15-loha", "sd15-full-diff"];

/** Specs that a golden needs, and goldens that it is compared with. */
const specs = new Set(TESTED);
for (const file of chosen) {
  const entry = goldens[file];
  if (entry === undefined) continue;
  const { adapters = [], models = [], inputs, same_as } = entry.parameters;
  for (const spec of [entry.model, models, entry.files ?? [], adapters.map(([name]) => name)].flat()) specs.add(spec);
  const own = file.replace(/^lora\/(.*)\.safetensors$/, "$1");
  if (existsSync(join(source, "specs", `${own}.json`))) specs.add(own);
  // a set grows while it is walked
  if (inputs !== undefined) chosen.add(inputs);
  if (same_as !== undefined) chosen.add(`lora/${same_as}.safetensors`);
}
for (const name of ["configs", "index", ...specs]) {
  if (existsSync(join(source, "specs", `${name}.json`))) chosen.add(`specs/${name}.json`);
}

/** The loops of samplers: text that is a quarter of its size when packed. */
const isPacked = (file) => /^sampling\/([^/]+\/.*|schedules|img2img)\.json$/.test(file);
const placeOf = (file) => (isPacked(file) ? `${file}.gz` : file);
for (const file of chosen) {
  const place = join(target, placeOf(file));
  mkdirSync(dirname(place), { recursive: true });
  if (isPacked(file)) writeFileSync(place, gzipSync(readFileSync(join(source, file)), { level: 9 }));
  else copyFileSync(join(source, file), place);
}
const places = new Set([...chosen].map(placeOf));
const kept = Object.entries(goldens).filter(([file]) => chosen.has(file));
const rows = kept.map(([file, entry]) => `${JSON.stringify(file)}: ${JSON.stringify(entry)}`);
writeFileSync(
  join(target, "index.json"),
  `{"versions": ${JSON.stringify(index.versions)}, "goldens": {\n${rows.join(",\n")}\n}}\n`,
);

const size = filesBelow(target).reduce((sum, file) => sum + statSync(join(target, file)).size, 0);
const strays = filesBelow(target).filter((file) => file !== "index.json" && !places.has(file));
console.log(`${chosen.size} files, ${kept.length} goldens in index.json, ${(size / 1e6).toFixed(1)} MB`);
if (strays.length > 0) console.error(`no longer chosen: ${strays.join(" ")}`);
if (size > LIMIT) console.error(`more than ${LIMIT / 1e6} MB`);
process.exitCode = strays.length > 0 || size > LIMIT ? 1 : 0;
