// `fewstep train` as a user runs it: on pictures of their own, interrupted, killed, on a full disk, and from a checkpoint.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng, readTensorBytes } from "@fewstep/core";
import { openFile, openSafetensors } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockFolder } from "./folder-lock.js";
import { BIN, CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

const SIDE = 64;
let folder: CommandFolder;

/** Four captioned squares, as kohya's scripts have them. */
beforeAll(async () => {
  folder = new CommandFolder();
  mkdirSync(join(folder.path, "pictures"));
  for (let n = 0; n < 4; n++) {
    const data = new Uint8Array(SIDE * SIDE * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * (n + 1)) % 256));
    writeFileSync(join(folder.path, "pictures", `${n}.png`), await encodePng({ width: SIDE, height: SIDE, data }));
    writeFileSync(join(folder.path, "pictures", `${n}.txt`), `square ${n}, colourful\n`);
  }
});
afterAll(() => folder.remove());

const vae = (steps: number, out: string, ...more: readonly string[]) => [
  ..."train vae --data pictures --batch 1 --crop 16 --threads 1 --seed 3".split(" "),
  "--steps",
  String(steps),
  "--out",
  out,
  ...more,
];
const bytes = (name: string) => readFileSync(join(folder.path, name));

/** Iterations and losses; times differ from run to run. */
const logOf = (name: string) =>
  readFileSync(join(folder.path, `${name}.safetensors.training`, "log.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ iteration, metrics }) => [iteration, metrics.loss]);

const KILLS = 20;
/** Milliseconds after a process' first iteration within which it is killed: some four iterations. */
const LIFETIME = 300;
const STEPS = 200;

describe("a training that is broken off", () => {
  it("exits with 130 on Ctrl-C, survives SIGKILL, and ends as one that was not, to the bit", async () => {
    expect(await folder.run(vae(8, "whole.safetensors"))).toMatchObject({ code: 0 });
    const out = "broken.safetensors";
    const stop = (signal: NodeJS.Signals, line: RegExp) => {
      let sent = false;
      return (text: string, pid: number) => {
        if (!sent && line.test(text)) {
          sent = true;
          process.kill(pid, signal);
        }
      };
    };
    // iteration 1 is always announced; ten seconds pass before the next line, so the signal comes in the middle
    const stopped = await folder.run(vae(8, out), { onStderr: stop("SIGINT", /iteration 1 of 8/) });
    expect(stopped.code).toBe(130);
    expect(folder.files()).not.toContain(out);
    const killed = await folder.run(vae(8, out, "--save-every", "1"), {
      onStderr: stop("SIGKILL", /iteration \d of 8/),
    });
    expect(["SIGKILL", 0]).toContain(killed.code);
    if (killed.code !== 0) expect(await folder.run(vae(8, out))).toMatchObject({ code: 0 });
    expect(bytes(out).equals(bytes("whole.safetensors"))).toBe(true);
  });

  it(`ends the same after ${KILLS} kills at random moments, each iteration logged once`, {
    timeout: 300_000,
  }, async () => {
    expect(await folder.run(vae(STEPS, "unbroken.safetensors"))).toMatchObject({ code: 0 });
    const run = vae(STEPS, "killed.safetensors", "--save-every", "1");
    for (let kills = 0; kills < KILLS; kills++) {
      let armed = false;
      const { code } = await folder.run(run, {
        // the first iteration of a process is announced when it is done: the kill comes in a later one, in a save, or between them
        onStderr(text, pid) {
          if (armed || !/iteration \d+ of/.test(text)) return;
          armed = true;
          setTimeout(() => process.kill(pid, "SIGKILL"), Math.random() * LIFETIME);
        },
      });
      expect(code).toBe("SIGKILL");
    }
    expect(await folder.run(run)).toMatchObject({ code: 0 });
    expect(bytes("killed.safetensors").equals(bytes("unbroken.safetensors"))).toBe(true);
    expect(logOf("killed")).toEqual(logOf("unbroken"));
    expect(folder.files().filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("is refused where another run goes on with the same state", async () => {
    const state = join(folder.path, "held.safetensors.training");
    mkdirSync(state);
    const lock = await lockFolder(state);
    expect(await folder.run(vae(1, "held.safetensors"))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/another run works in this folder/),
    });
    await lock.release();
    expect(await folder.run(vae(1, "held.safetensors"))).toMatchObject({ code: 0 });
  });

  it("says that the disk is full, and keeps the last good state", async () => {
    const out = "full.safetensors";
    const state = join(`${out}.training`, "state.safetensors");
    expect(await folder.run(vae(1, out))).toMatchObject({ code: 0 });
    const before = bytes(state);
    // a limit on the size of files, in KiB, stands for a disk that is full
    const command = `ulimit -f 4096; trap '' XFSZ; exec ${process.execPath} ${BIN} ${vae(2, out, "--force").join(" ")}`;
    const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: folder.path, encoding: "utf8" });
    expect(stderr).toMatch(/the disk is full/);
    expect(status).toBe(1);
    expect(bytes(state).equals(before)).toBe(true);
    expect(folder.files().filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

describe("a decoder alone", () => {
  it("leaves the encoder as it is, and says so", async () => {
    const more = ["--start", "whole.safetensors", "--decoder-only", "--patch-critic", "0.05", "--latent-noise", "0.3"];
    expect(await folder.run(vae(2, "decoder.safetensors", ...more))).toMatchObject({ code: 0 });
    const [before, after] = await Promise.all(
      ["whole", "decoder"].map(async (name) =>
        openSafetensors(await openFile(join(folder.path, `${name}.safetensors`))),
      ),
    );
    expect(after!.metadata.get("fewstep.decoder_only")).toBe("true");
    expect(after!.metadata.get("fewstep.patch_critic")).toBe("0.05");
    expect(after!.metadata.get("fewstep.latent_noise")).toBe("0.3");
    const kept = { encoder: 0, decoder: 0 };
    const changed = { encoder: 0, decoder: 0 };
    for (const name of before!.weights.names) {
      const [was, is] = await Promise.all([before!, after!].map(({ weights }) => readTensorBytes(weights.get(name)!)));
      const counts = Buffer.compare(was!, is!) === 0 ? kept : changed;
      counts[/^(encoder|quant_conv)/.test(name) ? "encoder" : "decoder"] += 1;
    }
    expect(changed.encoder).toBe(0);
    expect(kept.encoder).toBeGreaterThan(40);
    expect(changed.decoder).toBeGreaterThan(40);
  });
});

describe("what cannot be trained on", () => {
  it.each([
    ["no data", vae(1, "x.safetensors").map((arg) => (arg === "pictures" ? "nowhere" : arg)), /--data names no folder/],
    ["an output that is there", vae(1, "whole.safetensors"), /output is there already/],
    ["another kind of output", vae(1, "x.bin"), /no \.safetensors file/],
    ["a decoder of nothing", vae(1, "x.safetensors", "--decoder-only"), /a decoder alone has nothing to decode/],
    ["a crop that no picture holds", vae(1, "x.safetensors", "--crop", "136"), /at most 128/],
    ["a critic of both halves", vae(1, "x.safetensors", "--patch-critic", "1"), /--decoder-only with them/],
    [
      "an autoencoder of other sizes",
      vae(1, "x.safetensors", "--start", testModel("sd15-tiny")),
      /sd15-tiny.* cannot be gone on from/,
    ],
    [
      "epsilon from pure noise",
      "train base --data pictures --prediction epsilon --zero-terminal-snr --vae whole.safetensors --out x.safetensors".split(
        " ",
      ),
      /--prediction v with --zero-terminal-snr/,
    ],
    ["parts that do not divide", vae(1, "x.safetensors", "--accumulate", "3"), /does not divide/],
  ])("%s is refused", async (_, args, message) => {
    const { code, stderr } = await folder.run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
  it("names the picture that is damaged", async () => {
    mkdirSync(join(folder.path, "damaged"));
    writeFileSync(join(folder.path, "damaged", "cat.png"), bytes("pictures/0.png").subarray(0, 60));
    writeFileSync(join(folder.path, "damaged", "cat.txt"), "a cat");
    const { code, stderr } = await folder.run(
      vae(1, "x.safetensors").map((arg) => (arg === "pictures" ? "damaged" : arg)),
    );
    expect(stderr).toMatch(/cat\.png cannot be read/);
    expect(code).toBe(2);
    rmSync(join(folder.path, "damaged"), { recursive: true });
  });
});

describe("a user's own checkpoint", () => {
  const distil = (method: string, more: readonly string[]) => [
    "train",
    method,
    ..."--data pictures --size 64 --batch 1 --threads 1 --rank 4 --cache cache --learning-rate 1e-3 --teacher".split(
      " ",
    ),
    testModel("sd15-tiny"),
    ...more,
  ];
  const lcm = (...more: readonly string[]) => distil("lcm", more);
  const lightning = (...more: readonly string[]) => distil("lightning", more);
  it("is priced by --dry-run, which writes no model", async () => {
    const { code, stdout } = await folder.run(
      lcm("--steps", "1000", "--out", "dry.safetensors", "--dry-run", "--json"),
    );
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    expect(run.iterations).toBe(1000);
    expect(run.totalSeconds).toBeCloseTo(1000 * run.secondsPerIteration, 6);
    expect(run.memoryBytes).toBeGreaterThan(150e6);
    expect(folder.files().some((name) => name.startsWith("dry"))).toBe(false);
  });
  it("gives a LoRA in the published layout that says what it is and changes the picture", async () => {
    const made = await folder.run(lcm("--steps", "2", "--out", "lcm.safetensors", "--sheets", "sheets"));
    expect(made.stderr).not.toMatch(/error/i);
    expect(made.code).toBe(0);
    expect(statSync(join(folder.path, "sheets", "lcm-0000002.png")).size).toBeGreaterThan(1000);
    const scheduler = JSON.parse(bytes("lcm-diffusers/scheduler/scheduler_config.json").toString());
    expect(scheduler).toMatchObject({ _class_name: "LCMScheduler", prediction_type: "epsilon" });
    const inspected = JSON.parse((await folder.run(["inspect", "lcm.safetensors", "--json"])).stdout);
    expect(JSON.stringify(inspected)).toMatch(/trained it as lcm/);
    const picture = (...more: readonly string[]) => [
      ..."generate square --size 64 --steps 1 --sampler lcm --cfg 1 --seed 1 --threads 1 --model".split(" "),
      testModel("sd15-tiny"),
      ...more,
    ];
    expect(await folder.run(picture("--out", "without.png"))).toMatchObject({ code: 0 });
    expect(await folder.run(picture("--out", "with.png", "--lora", "lcm.safetensors:1"))).toMatchObject({ code: 0 });
    expect(bytes("with.png").equals(bytes("without.png"))).toBe(false);
  });
  it("is not gone on with by other options, nor by an inpainting model", async () => {
    const other = await folder.run(lcm("--steps", "2", "--out", "lcm.safetensors", "--force", "--alpha", "64"));
    expect(other.stderr).toMatch(/made with other options[\s\S]*alpha/);
    expect(other.code).toBe(2);
    const inpaint = lcm("--steps", "1", "--out", "x.safetensors").map((arg) =>
      arg === testModel("sd15-tiny") ? testModel("sd15-inpaint-tiny") : arg,
    );
    const { code, stderr } = await folder.run(inpaint);
    expect(stderr).toMatch(/cannot be a teacher here[\s\S]*9 channels/);
    expect(code).toBe(2);
  });
  it("makes a one-step UNet that says that it answers the picture", async () => {
    const options = ["--student-steps", "1", "--teacher-lora", "lcm.safetensors", "--steps", "1"];
    const missing = await folder.run(lightning("--student-steps", "1", "--steps", "1", "--out", "none.safetensors"));
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("--teacher-lora FILE") });
    expect(await folder.run(lightning(...options, "--out", "one.safetensors"))).toMatchObject({ code: 0 });
    const run = "generate square --size 64 --seed 1 --threads 1 --unet one.safetensors --accelerator lightning-1".split(
      " ",
    );
    const made = await folder.run([...run, "--model", testModel("sd15-tiny"), "--out", "one.png", "--json"]);
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ steps: 1, guidance: [1] });
    expect(await folder.run([...run, "--model", testModel("sd15-tiny"), "--out", "one.png"])).toMatchObject({
      code: 2,
    });
  });
  it("draws its log", async () => {
    expect(await folder.run(["train", "chart", "lcm.safetensors.training/log.jsonl", "log.svg"])).toMatchObject({
      code: 0,
    });
    expect(bytes("log.svg").toString()).toMatch(/^<svg/);
  });
});
