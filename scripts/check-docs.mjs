// Runs what the documentation tells people to type: node scripts/check-docs.mjs [FILE ...]. Default: README.md, docs/**/*.md and the packages'
// READMEs. The word behind a fenced block's language says how it is checked; a `sh` or `js` block without one is an error:
//   sh run         in a fresh folder, with `fewstep` on the path and small test checkpoints under the names that the documents use
//   sh repository  in the repository, without the `npm ci &&` in front: what runs this check has done that
//   sh parse       needs what this machine lacks (full-size files, a GPU): each line must name a command, options and scripts that exist
//   js run         as `sh run`, by node, with the packages to import
//   ts types       types are checked (code for a browser)
// Relative links must lead to files that exist, and docs/errors.md must be what its generator makes.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorPage } from "./generate-error-docs.mjs";
import { testCheckpoint } from "./test-checkpoint.mjs";

const repository = fileURLToPath(new URL("../", import.meta.url));
const bin = join(repository, "packages", "fewstep", "dist", "cli.js");
/** Names in the documents -> specs of test/golden/data/specs. */
const CHECKPOINTS = {
  "sd15.safetensors": "sd15-tiny",
  "sdxl.safetensors": "sdxl-tiny",
  "lcm.safetensors": "sd15-lcm-like",
  "style.safetensors": "sd15-lora-kohya",
};
/** The slowest block takes some ten seconds; a hang must not. */
const BLOCK_SECONDS = 180;

const files = (process.argv.length > 2 ? process.argv.slice(2).map((name) => resolve(name)) : documents()).sort();
const sandbox = makeSandbox();
const total = { passed: 0, failed: 0 };
const errors = join(repository, "docs", "errors.md");
if (files.includes(errors)) {
  const isFresh = readFileSync(errors, "utf8") === errorPage();
  report(errors, 1, isFresh ? undefined : "differs from the sources: run node scripts/generate-error-docs.mjs", 0);
}
try {
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const problem of brokenLinks(file, text)) report(file, problem.line, problem.error, 0);
    for (const block of blocksOf(text)) {
      const start = performance.now();
      report(file, block.line, await check(block), performance.now() - start);
    }
  }
} finally {
  rmSync(sandbox.root, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function packages() {
  return readdirSync(join(repository, "packages"));
}

function documents() {
  const pages = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const readmes = packages().map((name) => join(repository, "packages", name, "README.md"));
  return [
    join(repository, "README.md"),
    join(repository, "CHANGELOG.md"),
    ...readmes,
    ...pages(join(repository, "docs")),
  ];
}

function report(file, line, error, milliseconds) {
  total[error === undefined ? "passed" : "failed"]++;
  const place = `${relative(repository, file)}:${line}`;
  console.log(
    error === undefined ? `ok    ${place} (${(milliseconds / 1000).toFixed(1)} s)` : `FAIL  ${place}: ${error}`,
  );
}

function* blocksOf(text) {
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const open = /^( *)```(\S*) *(.*)$/.exec(lines[i]);
    if (open === null) continue;
    const [, indent, language, mark] = open;
    const first = i + 1;
    for (i++; i < lines.length && lines[i].trim() !== "```"; i++);
    const code = lines.slice(first, i).map((line) => line.slice(indent.length));
    if (/^(?:sh|bash|shell|console|js|mjs|ts)$/.test(language)) {
      yield { line: first, language, mark: mark.trim(), code: `${code.join("\n")}\n` };
    }
  }
}

function* brokenLinks(file, text) {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, (block) => block.replace(/[^\n]/g, ""));
  for (const { 1: target, index } of prose.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target) || existsSync(join(dirname(file), decodeURI(target)))) continue;
    yield { line: prose.slice(0, index).split("\n").length, error: `a link to ${target}, which is not there` };
  }
}

async function check({ language, mark, code }) {
  switch (`${language} ${mark}`) {
    case "sh run":
      return ran(["bash", "-euo", "pipefail", "-c", code], { cwd: sandbox.folder(), PATH: sandbox.path });
    case "sh repository":
      return ran(["bash", "-euo", "pipefail", "-c", code.replace(/^npm ci && /gm, "")], { cwd: repository });
    case "sh parse":
      return parsed(code);
    case "ts types": {
      const cwd = sandbox.folder();
      writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
      writeFileSync(join(cwd, "example.ts"), code);
      const options = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--lib",
        "es2024,dom,dom.iterable",
      ];
      return ran([process.execPath, join(repository, "node_modules/typescript/bin/tsc"), ...options, "example.ts"], {
        cwd,
      });
    }
    case "js run": {
      const cwd = sandbox.folder();
      writeFileSync(join(cwd, "example.mjs"), code);
      return ran([process.execPath, "example.mjs"], { cwd });
    }
    default:
      return `a block "${language} ${mark}": how shall it be checked? (the head of scripts/check-docs.mjs says)`;
  }
}

/** Commands are given to bash for their quoting, and what bash calls only reads its arguments. */
async function parsed(code) {
  const lines = code
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replace(/^npm ci && /, "").trim());
  for (const line of lines.filter((one) => one !== "" && !one.startsWith("#"))) {
    const [program, ...words] = line.split(/\s+/);
    const error =
      program === "fewstep"
        ? await ran(["bash", "-euo", "pipefail", "-c", line], { cwd: sandbox.folder(), PATH: sandbox.parsePath })
        : knownScript(program, ...words);
    if (error !== undefined) return `${line}: ${error}`;
  }
}

function knownScript(program, ...words) {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  const [verb, name] = words[0] === "run" ? words.slice(1) : words;
  const known = {
    npm: () =>
      verb === "ci" ||
      verb in scripts ||
      (verb === "link" && words.includes("-w") && packages().includes(words.at(-1))),
    node: () => existsSync(join(repository, verb)),
    bash: () => existsSync(join(repository, verb)),
    npx: () => existsSync(join(repository, "node_modules", ".bin", verb)) && name !== undefined,
  };
  return known[program]?.() ? undefined : "no such script";
}

function ran([program, ...args], { cwd, PATH = process.env.PATH }) {
  return new Promise((done) => {
    const home = join(sandbox.root, "home");
    const env = {
      ...process.env,
      PATH,
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_CACHE_HOME: join(home, "cache"),
    };
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: BLOCK_SECONDS * 1000 });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output = (output + text).slice(-2000);
      });
    }
    child.on("error", (error) => done(String(error)));
    child.on("close", (code, signal) => done(code === 0 ? undefined : `exit ${code ?? signal}\n${output}`));
  });
}

function makeSandbox() {
  const root = mkdtempSync(join(tmpdir(), "fewstep-docs-"));
  const models = Object.entries(CHECKPOINTS).map(([name, spec]) => [name, testCheckpoint(spec)]);
  const shim = (folder, text) => {
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, "fewstep"), text, { mode: 0o755 });
    return `${join(root, folder)}:${process.env.PATH}`;
  };
  const parser = join(root, "parse.mjs");
  const program = pathToFileURL(join(repository, "packages", "fewstep", "dist", "program.js")).href;
  writeFileSync(
    parser,
    `import { createProgram } from ${JSON.stringify(program)};
const program = createProgram();
const silence = (command) => {
  command.exitOverride();
  if (command.commands.length === 0) command.action(() => {});
  for (const one of command.commands) silence(one);
};
for (const command of program.commands) silence(command);
await program.parseAsync(process.argv.slice(2), { from: "user" }).catch((error) => { process.exitCode = error.exitCode || 1; });\n`,
  );
  let folders = 0;
  return {
    root,
    path: shim("bin", `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`),
    parsePath: shim("parse-bin", `#!/bin/sh\nexec "${process.execPath}" "${parser}" "$@"\n`),
    /** A fresh folder with the checkpoints, in which the packages can be imported. */
    folder() {
      const folder = join(root, `block-${folders++}`);
      mkdirSync(folder);
      for (const [name, path] of models) symlinkSync(path, join(folder, name));
      symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
      return folder;
    },
  };
}
