// The whole test suite, stage by stage: node scripts/test.mjs [STAGE ...]. Every stage runs even if one before it failed (but for the
// build); the last line adds up what all of them counted.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const report = join(mkdtempSync(join(tmpdir(), "fewstep-test-")), "vitest.json");

/** A stage counts its own cases, or is one case: it passes if it exits with 0. */
const STAGES = [
  { name: "build", command: ["npx", "tsc", "-b"], needed: true },
  { name: "lint", command: ["npx", "biome", "check", "."] },
  { name: "imports", command: ["node", "scripts/check-imports.mjs"] },
  {
    name: "unit",
    command: ["npx", "vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    count: () => {
      const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
      return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
    },
  },
  { name: "golden", command: ["node", "test/dist/golden/cli.js"], count: lastLine },
  // on the part kept in the repository: every case is computed and then compared with moved values, file by file
  {
    name: "golden self-test",
    command: ["node", "test/dist/golden/cli.js", "--self-test", "--dir", "test/golden/data"],
    count: lastLine,
  },
  { name: "docs", command: ["node", "scripts/check-docs.mjs"] },
  { name: "size", command: ["node", "scripts/check-size.mjs"] },
  { name: "packages", command: ["node", "scripts/check-packages.mjs"] },
];

function lastLine(output) {
  const match = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  if (match === undefined) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

function run([program, ...args]) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output = (output + text).slice(-200_000);
        // passing golden cases number in the thousands
        process.stdout.write(text.replace(/^ok {2,}.*\n/gm, ""));
      });
    }
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
  });
}

const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const { name, command, count, needed } of STAGES) {
  if (wanted.length > 0 && !wanted.includes(name) && !needed) continue;
  if (command[0] === "node" && !existsSync(command[1])) throw new Error(`${command[1]} is missing`);
  const start = performance.now();
  console.log(`\n== ${name}: ${command.join(" ")}`);
  const { code, output } = await run(command);
  let counted = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  try {
    counted = count?.(output) ?? counted;
  } catch (error) {
    console.log(`${name} left no count: ${error.message}`);
  }
  // a stage that fails without a failed case has broken down
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  for (const key of Object.keys(total)) total[key] += counted[key];
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `== ${name}: ${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped (${seconds} s)`,
  );
  if (code !== 0 && needed) break;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
