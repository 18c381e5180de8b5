// What would be published, checked: node scripts/check-packages.mjs. Each package's tarball holds exactly what its sources make, publint and
// attw find nothing, and the command runs from the installed tarballs. Nothing is fetched: other packages are taken from node_modules.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** In the order in which they build on one another. */
const PACKAGES = ["core", "train", "tiny", "fewstep"];
const EVERYWHERE = ["LICENSE", "README.md", "package.json"];
const MODELS = ["tiny", "tiny-lcm", "tiny-lightning", "tiny-hyper", "tiny-turbo"];
const ALSO = {
  core: ["NOTICE"],
  tiny: ["MODEL_CARD.md", "judge/judge.safetensors", ...MODELS.map((name) => `model/${name}.safetensors`)],
};

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "fewstep-packages-"));
const failures = [];

function run(command, args, cwd = root) {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** @param check throws where something is wrong */
function step(name, check) {
  try {
    console.log(`ok   ${name}: ${check()}`);
  } catch (error) {
    failures.push(name);
    console.error(`FAIL ${name}: ${[error.message, error.stdout, error.stderr].filter(Boolean).join("\n")}`);
  }
}

/** The files that a package must have: two a source that is no test, and its papers. */
function expectedFiles(name) {
  const source = join(root, "packages", name, "src");
  const built = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test(\.fixture)?\.ts$/.test(entry.name))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => !file.endsWith(".d.ts"))
    .flatMap((file) => [".js", ".d.ts"].map((ending) => `dist/${file.replace(/\.ts$/, ending)}`));
  return new Set([...EVERYWHERE, ...(ALSO[name] ?? []), ...built]);
}

function pack(name) {
  const answer = JSON.parse(
    run("npm", ["pack", "--json", "--workspace", `packages/${name}`, "--pack-destination", folder]),
  );
  const [packed] = Array.isArray(answer) ? answer : Object.values(answer);
  return { files: packed.files.map(({ path }) => path), size: packed.size, tarball: join(folder, packed.filename) };
}

function compareFiles(name, files) {
  const expected = expectedFiles(name);
  const extra = files.filter((file) => !expected.has(file));
  const missing = [...expected].filter((file) => !files.includes(file));
  if (extra.length + missing.length === 0) return;
  const hint = "if sources were renamed: npm run clean && npm run build";
  throw new Error(`not expected: ${extra.join(", ") || "none"}; missing: ${missing.join(", ") || "none"} (${hint})`);
}

const bin = (name) => join(root, "node_modules/.bin", name);

/** Packages of others that ours need, from the workspace's own node_modules. */
function foreign() {
  const manifests = PACKAGES.map((name) =>
    JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")),
  );
  const ours = new Set(manifests.map(({ name }) => name));
  const names = manifests
    .flatMap(({ dependencies = {} }) => Object.keys(dependencies))
    .filter((name) => !ours.has(name));
  return [...new Set(names)].map((name) => [name, `file:${join(root, "node_modules", name)}`]);
}

function install(tarballs) {
  const home = join(folder, "installed");
  const ours = Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]);
  run("mkdir", [home]);
  const dependencies = Object.fromEntries([...ours, ...foreign()]);
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "installed", private: true, dependencies }));
  run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"], home);
  return home;
}

try {
  const tarballs = {};
  for (const name of PACKAGES) {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    step(`${manifest.name} content`, () => {
      const { files, size, tarball } = pack(name);
      tarballs[manifest.name] = tarball;
      compareFiles(name, files);
      return `${files.length} files, ${size} bytes packed`;
    });
    const tarball = tarballs[manifest.name];
    if (tarball === undefined) continue;
    step(`${manifest.name} publint`, () => run(bin("publint"), [tarball, "--strict"]).trim().split("\n").at(-1));
    step(`${manifest.name} attw`, () => {
      run(bin("attw"), [tarball, "--profile", "esm-only", "--no-color"]);
      return "types resolve";
    });
  }
  if (Object.keys(tarballs).length === PACKAGES.length) {
    let home;
    step("install", () => {
      home = install(tarballs);
      return "from the tarballs, offline";
    });
    if (home !== undefined) {
      step("fewstep --version", () => {
        const { version } = JSON.parse(readFileSync(join(root, "packages/fewstep/package.json"), "utf8"));
        const said = run(join(home, "node_modules/.bin/fewstep"), ["--version"], home).trim();
        if (!said.includes(version)) throw new Error(`it says ${said}, not ${version}`);
        return said;
      });
      step("import", () => {
        const code = `import { Pipeline } from "@fewstep/core"; import { childRuntime } from "@fewstep/core/node"; import "@fewstep/core/web";
          console.log(typeof Pipeline, typeof childRuntime);`;
        return run(process.execPath, ["--input-type=module", "--eval", code], home).trim();
      });
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  failures.length === 0 ? "all packages are as they should be" : `${failures.length} failed: ${failures.join(", ")}`,
);
if (failures.length > 0) process.exitCode = 1;
