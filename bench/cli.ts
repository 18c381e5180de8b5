// npm run bench [-- STAGE ...] [--threads 2] [--out FILE]: measures, prints, and keeps the figures as JSON.
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { peersInstalled } from "./peer.js";
import { command, lora, sdxl } from "./stages/command.js";
import { compare, compareSmall } from "./stages/compare.js";
import { experiments } from "./stages/experiments.js";
import { networks } from "./stages/networks.js";
import { overhead } from "./stages/overhead.js";

const STAGES: Readonly<Record<string, (threads: number) => Promise<unknown>>> = {
  networks,
  command,
  overhead,
  experiments,
  lora,
  sdxl,
  compare,
  "compare-small": compareSmall,
};
const NEEDS_PEERS = new Set(["networks", "command"]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: "string", default: "2" }, out: { type: "string" } },
});
const unknown = positionals.filter((name) => !(name in STAGES));
if (unknown.length > 0) {
  console.error(`no stage ${unknown.join(", ")}; there are ${Object.keys(STAGES).join(", ")}`);
  process.exit(2);
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory_gb: totalmem() / 1e9, node: process.version };
console.log(JSON.stringify(machine));
const figures: Record<string, unknown> = { machine, threads: Number(values.threads) };
for (const name of positionals.length > 0 ? positionals : Object.keys(STAGES)) {
  if (NEEDS_PEERS.has(name) && !peersInstalled()) {
    console.log(`${name}: skipped, since bench/peers/setup.sh has not been run`);
    continue;
  }
  figures[name] = await STAGES[name]!(Number(values.threads));
  console.log(name, JSON.stringify(figures[name], null, 1));
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(figures, null, 1)}\n`);
