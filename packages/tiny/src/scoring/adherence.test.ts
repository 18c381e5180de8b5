// The judge's file is another matter: here random weights, of which it is known what they must answer.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ortRunner } from "@fewstep/train/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { see } from "../classifier/classifier.js";
import { writeClassifier } from "../classifier/classifier-file.js";
import { classifierLayout } from "../classifier/network.js";
import { ATTRIBUTES } from "../illustrator/labels.js";
import { SEEN_PROMPTS } from "../illustrator/prompts.js";
import { renderScene } from "../illustrator/render.js";
import { JUDGE } from "../judge/judge.js";
import { openAdherence } from "./adherence.js";

let folder: string;
const vector = Float32Array.from({ length: classifierLayout(JUDGE).length }, (_, i) => Math.sin(i * 0.7) * 0.05);
const { scene } = SEEN_PROMPTS[0]!;
const rgb = renderScene(scene, 128);
const pixels = {
  width: 128,
  height: 128,
  data: Uint8Array.from({ length: 128 * 128 * 4 }, (_, i) => (i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]!)),
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-judge-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("is the share of named attributes that are read, whatever they are", async () => {
  const path = join(folder, "judge.safetensors");
  await writeClassifier(path, JUDGE.name, JUDGE, vector);
  const runner = ortRunner({ threads: 1 });
  const seen = [];
  for await (const one of see(runner, { shape: JUDGE, vector, resident: "judge" }, [rgb])) seen.push(one);
  await runner.dispose();
  const { classes } = seen[0]!;
  const [hair, other] = [
    ATTRIBUTES.hairColour[classes.hairColour]!,
    ATTRIBUTES.hairColour[(classes.hairColour + 1) % 8]!,
  ];
  const expression = ATTRIBUTES.expression[classes.expression]!;
  const reader = await openAdherence(path);
  expect(await reader.adherence(pixels, `${hair}, ${expression}`)).toBe(1);
  expect(await reader.adherence(pixels, `${other}, ${expression}`)).toBe(0.5);
  expect(await reader.adherence(pixels, "masterpiece")).toBeUndefined();
  expect(await reader.adherence({ width: 8, height: 8, data: pixels.data.slice(0, 256) }, hair)).toBeUndefined();
  await reader.dispose();
});

it("refuses another file", async () => {
  const path = join(folder, "critic.safetensors");
  await writeClassifier(path, "critic", JUDGE, vector);
  await expect(openAdherence(path)).rejects.toMatchObject({ code: "not-this-classifier" });
});
