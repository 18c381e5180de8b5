// A page that vite built opens a checkpoint from a File and makes the reference's pictures: on WebAssembly, and on WebGPU by
// SwiftShader, a GPU made of software. Slow there: minutes for one step.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build, defaultClientConditions } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GeneratedModels } from "../golden/models.js";
import { launchChromium } from "./chromium.js";
import type { PageRun } from "./page/main.js";
import { type PageServer, servePage } from "./page-server.js";
import { placementsOf } from "./placement.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const data = join(root, "test/golden/data");
const MINUTE = 60_000;

let folder: string;
let server: PageServer;
let browser: Browser;
let model: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = mkdtempSync(join(tmpdir(), "fewstep-page-"));
  await build({
    configFile: false,
    root: fileURLToPath(new URL("page", import.meta.url)),
    logLevel: "warn",
    resolve: {
      conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions],
      alias: [
        { find: /^@fewstep\/core$/, replacement: join(root, "packages/core/src/index.ts") },
        { find: /^@fewstep\/core\/web$/, replacement: join(root, "packages/core/src/web.ts") },
      ],
    },
    build: { outDir: folder, emptyOutDir: true, target: "esnext" },
  });
  server = await servePage([
    ["/golden/", data],
    ["/", folder],
  ]);
  model = (await new GeneratedModels(data, join(root, ".cache/golden-models")).open("sd15-tiny")).path!;
}, 5 * MINUTE);

afterAll(async () => {
  server?.close();
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

interface Seen extends PageRun {
  readonly log: readonly string[];
}

async function opened(log: string[]): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on("console", (message) => log.push(...message.text().split("\n")));
  page.on("pageerror", (error) => log.push(`page error: ${error.message}`));
  await page.goto(server.url);
  await page.setInputFiles("input", model);
  return page;
}

/** What a call of the page answers, and what its console said meanwhile. */
async function ask<T>(call: string): Promise<{ readonly answer: T; readonly log: readonly string[] }> {
  const log: string[] = [];
  const page = await opened(log);
  try {
    return { answer: (await page.evaluate(call)) as T, log };
  } catch (error) {
    const words = log.filter((line) => /error|Error|warn/.test(line)).slice(-10);
    throw new Error(`${error instanceof Error ? error.message : error}\n${words.join("\n")}`);
  } finally {
    await page.close();
  }
}

async function runIn(device: "wasm" | "webgpu", id: string): Promise<Seen> {
  const file = 'document.querySelector("input").files[0]';
  const { answer, log } = await ask<PageRun>(`runGolden(${file}, "${device}", "pipelines/${id}.safetensors")`);
  return { ...answer, log };
}

function expectWithinBounds({ checks }: PageRun, names: readonly string[]): void {
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
  for (const { name, difference, bound } of checks) {
    expect(difference, `${name}: ${difference} of ${bound}`).toBeLessThanOrEqual(bound);
  }
}

describe("a checkpoint in a browser", () => {
  it(
    "makes the reference's picture on WebAssembly, with threads",
    async () => {
      const run = await runIn("wasm", "sd15-tiny-lcm-4");
      expectWithinBounds(run, ["step.0.output", "step.3.latents", "latents", "image"]);
      expect(run.threads).toBeGreaterThan(1);
      const placements = placementsOf(run.log);
      expect(placements.length).toBeGreaterThanOrEqual(3);
      for (const placement of placements) expect(Object.keys(placement)).toEqual(["CPU"]);
    },
    5 * MINUTE,
  );

  it(
    "refuses on WebGPU a graph that would be computed in part on the CPU, and takes it on WebAssembly",
    async () => {
      expect((await ask('loadMixed("webgpu")')).answer).toBe("nodes-on-cpu");
      expect((await ask('loadMixed("wasm")')).answer).toBe("loaded");
    },
    2 * MINUTE,
  );

  it(
    "makes the reference's picture on WebGPU, every node on the GPU",
    async () => {
      const run = await runIn("webgpu", "sd15-tiny-lightning-1-x0");
      expectWithinBounds(run, ["step.0.output", "step.0.latents", "latents", "image"]);
      // small subgroups: the fused form is wrong here, and the probe must find it
      expect(run.fusedAttention).toBe(false);
      const placements = placementsOf(run.log).map((placement) => Object.keys(placement));
      // text encoder, UNet, decoder, and the probe's
      expect(placements.length).toBeGreaterThanOrEqual(6);
      for (const providers of placements) expect(providers).toEqual(["WebGpu"]);
    },
    10 * MINUTE,
  );
});
