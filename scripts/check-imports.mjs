// The dependency rule of docs/architecture, checked: node scripts/check-imports.mjs [--root DIR]. Type imports count; tests are exempt.
// Prints a line a breach and exits with 1 if there is one.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseSync } from "vite";

/** Folders of core: each may import only those before it. A file beside them counts as a folder of its name. */
const ORDER = [
  "errors",
  "tensor",
  "files",
  "weights",
  "graph",
  "models",
  "families",
  "session",
  "merge",
  "text",
  "sampling",
  "accelerators",
  "image",
  "generate",
  "compare",
  "platform-node",
  "index",
  "node",
  "web",
];

/** They never import one another, whatever their order. */
const STRANGERS = ["files", "graph", "sampling"];

/** The files of core that may use Node, and that only one another may import. */
const NODE_ONLY = [
  [/^node\.ts$/, "the entry for Node"],
  [/^platform-node\//, "what Node adds: disks, folders, memory, codecs"],
  [/^session\/child[-.\w]*\.ts$/, "ONNX Runtime in a child process"],
  [/^files\/open-file\.ts$/, "a file on disk as a FileSource"],
  [/^session\/fold-file\.ts$/, "folded weights in a temporary file"],
];

/** What exists in Node only, among the names that need no import. */
const NODE_GLOBALS = new Set(["Buffer", "process", "require", "__dirname", "__filename", "setImmediate"]);

/** The public entries of each package, and which packages each may build on. */
const ENTRIES = {
  "@fewstep/core": ["@fewstep/core", "@fewstep/core/node", "@fewstep/core/web"],
  "@fewstep/train": ["@fewstep/train", "@fewstep/train/node"],
  "@fewstep/tiny": [
    "@fewstep/tiny",
    "@fewstep/tiny/illustrator",
    "@fewstep/tiny/model",
    "@fewstep/tiny/critic",
    "@fewstep/tiny/adherence",
  ],
  fewstep: ["fewstep"],
};
const BUILDS_ON = {
  core: [],
  train: ["@fewstep/core"],
  tiny: ["@fewstep/core", "@fewstep/train"],
  fewstep: ["@fewstep/core", "@fewstep/train", "@fewstep/tiny"],
};

const { values } = parseArgs({ options: { root: { type: "string" } } });
const root = values.root ?? fileURLToPath(new URL("..", import.meta.url));
const breaches = [];
const breach = (file, text) => breaches.push(`${relative(root, file).split(sep).join("/")}: ${text}`);

const isTest = (name) => /\.test(\.fixture)?\.ts$/.test(name);

function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !isTest(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What a module imports, in whatever form, and the global names it uses. */
function readModule(file) {
  const text = readFileSync(file, "utf8");
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) breach(file, `cannot be read: ${errors[0].message}`);
  const specifiers = new Set([
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
  ]);
  const globals = new Set();
  visit(program, undefined, undefined, (node, parent, key) => {
    const source = { ImportExpression: node.source, TSImportType: node.source ?? node.argument }[node.type];
    if (typeof source?.value === "string") specifiers.add(source.value);
    if (typeof source?.literal?.value === "string") specifiers.add(source.literal.value);
    const named = (key === "property" || key === "key") && parent.computed !== true;
    if (node.type === "Identifier" && NODE_GLOBALS.has(node.name) && !named) globals.add(node.name);
  });
  return { specifiers, globals };
}

function visit(node, parent, key, each) {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) for (const one of node) visit(one, parent, key, each);
  else {
    if (typeof node.type === "string") each(node, parent, key);
    for (const [name, child] of Object.entries(node)) if (name !== "parent") visit(child, node, name, each);
  }
}

function packageOf(specifier) {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

function checkForeign(file, specifier, name, declared) {
  const wanted = packageOf(specifier);
  const entries = ENTRIES[wanted];
  if (entries === undefined) {
    if (!isBuiltin(specifier) && !declared.has(wanted))
      breach(file, `imports ${wanted}, which package.json does not name`);
    return;
  }
  if (!BUILDS_ON[name].includes(wanted)) breach(file, `${name} does not build on ${wanted}`);
  else if (!entries.includes(specifier)) breach(file, `imports ${specifier}, which is no public entry`);
}

const folderOf = (path) => (path.includes("/") ? path.split("/")[0] : path.replace(/\.ts$/, ""));
const nodeOnly = (path) => NODE_ONLY.some(([pattern]) => pattern.test(path));

function checkCore(file, path, target) {
  const [from, to] = [folderOf(path), folderOf(target)];
  if (!ORDER.includes(from)) breach(file, `${from} has no place in the order of folders`);
  else if (from !== to && ORDER.indexOf(to) > ORDER.indexOf(from))
    breach(file, `${from} imports ${to} (${target}), which comes after it`);
  if (from !== to && STRANGERS.includes(from) && STRANGERS.includes(to))
    breach(file, `${from} and ${to} never import one another (${target})`);
  if (!nodeOnly(path) && nodeOnly(target)) breach(file, `imports ${target}, which needs Node`);
}

/** Cycles, each once: by the strongly connected components of Tarjan. */
function cyclesOf(graph) {
  const [index, low, stack, cycles] = [new Map(), new Map(), [], []];
  const connect = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) connect(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1 || graph.get(file)?.has(file)) cycles.push(component);
  };
  for (const file of graph.keys()) if (!index.has(file)) connect(file);
  return cycles;
}

let count = 0;
for (const name of readdirSync(join(root, "packages")).sort()) {
  const source = join(root, "packages", name, "src");
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  if (BUILDS_ON[name] === undefined) breach(source, "the package has no place in the rule");
  const graph = new Map();
  for (const file of sourcesOf(source)) {
    count++;
    const path = relative(source, file).split(sep).join("/");
    const { specifiers, globals } = readModule(file);
    graph.set(path, new Set());
    const free = name !== "core" || nodeOnly(path);
    if (!free) for (const used of globals) breach(file, `uses ${used}, which only Node has`);
    for (const specifier of specifiers) {
      if (!specifier.startsWith(".")) {
        checkForeign(file, specifier, name, declared);
        const platform = isBuiltin(specifier) || declared.has(packageOf(specifier));
        if (!free && platform)
          breach(file, `imports ${specifier}: only ${NODE_ONLY.map(([, why]) => why).join("; ")} may`);
        continue;
      }
      const target = posix.normalize(posix.join(dirname(path), specifier)).replace(/\.js$/, ".ts");
      if (target.startsWith("..")) breach(file, `imports ${specifier}, outside of its package`);
      else {
        graph.get(path).add(target);
        if (name === "core") checkCore(file, path, target);
      }
    }
  }
  for (const cycle of cyclesOf(graph)) breach(source, `a cycle: ${[...cycle, cycle[0]].join(" -> ")}`);
}

for (const line of breaches) console.error(line);
console.error(`${count} files, ${breaches.length} breaches of the dependency rule`);
if (breaches.length > 0 || count === 0) process.exitCode = 1;
