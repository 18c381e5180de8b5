// The whole test suite, stage by stage: node scripts/test.mjs [STAGE ...]. Every stage runs even if one before it failed (but for the
// build); what failed is named once more at the end, and the last line adds up what all of them counted.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";

const report = join(mkdtempSync(join(tmpdir(), "fewstep-test-")), "vitest.json");

/** A stage counts its own cases and names those that failed, or is one case: it passes if it exits with 0. */
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
    failures: failedTests,
  },
  { name: "golden", command: ["node", "test/dist/golden/cli.js"], count: lastLine, failures: failedCases },
  // on the part kept in the repository: every case is computed and then compared with moved values, file by file
  {
    name: "golden self-test",
    command: ["node", "test/dist/golden/cli.js", "--self-test", "--dir", "test/golden/data"],
    count: lastLine,
    failures: failedCases,
  },
  { name: "docs", command: ["node", "scripts/check-docs.mjs"] },
  { name: "size", command: ["node", "scripts/check-size.mjs"] },
  { name: "packages", command: ["node", "scripts/check-packages.mjs"] },
];

function lastLine(lines) {
  const match = lines.map((line) => /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line)).findLast(Boolean);
  if (!match) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

function failedTests() {
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  return testResults.flatMap(({ name, assertionResults, message, status }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    // a file that could not be collected has no tests to name
    const words = failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join(" ")}`);
    if (status === "failed" && failed.length === 0) words.push(message);
    return words.map((text) => `${relative(process.cwd(), name)}: ${text.replace(/\s+/g, " ").slice(0, 500)}`);
  });
}

function failedCases(lines) {
  return lines.filter((line) => line.startsWith("FAIL "));
}

/** What failed in a stage; where it cannot name that, its last words. */
function named(stage, failures, lines) {
  let found = [];
  try {
    found = failures?.(lines) ?? [];
  } catch (error) {
    found = [error.message];
  }
  if (found.length === 0) found = lines.filter((line) => line.trim() !== "").slice(-10);
  return found.map((text) => `${stage}: ${text}`);
}

/** Prints what the command prints, but for its passing golden cases, which number in the thousands. */
async function run([program, ...args]) {
  const lines = [];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (!/^ok {2,}/.test(line)) console.log(line);
    });
  }
  const code = await new Promise((resolve) => child.on("close", resolve).on("error", () => resolve(1)));
  return { code: code ?? 1, lines };
}

const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const failed = [];
for (const { name, command, count, failures, needed } of STAGES) {
  if (wanted.length > 0 && !wanted.includes(name) && !needed) continue;
  if (command[0] === "node" && !existsSync(command[1])) throw new Error(`${command[1]} is missing`);
  const start = performance.now();
  console.log(`\n== ${name}: ${command.join(" ")}`);
  const { code, lines } = await run(command);
  let counted = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  try {
    counted = count?.(lines) ?? counted;
  } catch (error) {
    console.log(`${name} left no count: ${error.message}`);
  }
  // a stage that fails without a failed case has broken down
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  if (counted.failed > 0) failed.push(...named(name, failures, lines));
  for (const key of Object.keys(total)) total[key] += counted[key];
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `== ${name}: ${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped (${seconds} s)`,
  );
  if (code !== 0 && needed) break;
}
if (failed.length > 0) console.log(`\n== failed\n${failed.join("\n")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
