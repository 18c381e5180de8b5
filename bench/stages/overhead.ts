// What of a run's wall time lies outside ONNX Runtime: from opening the checkpoint to the encoded PNG, the child process's start included,
// less the seconds in which the runtime created sessions and ran them. Apart from it the time until the first step began, and that of the
// end, in which the system frees the child's memory (the command does not wait for it). Median of three.
import { encodePng } from "@fewstep/core";
import { createPipeline } from "@fewstep/core/node";
import { median } from "../measure.js";
import { model } from "../models.js";

const ROUNDS = 3;
const REQUEST = {
  prompt: "a cat",
  width: 512,
  height: 512,
  seeds: [7],
  guidance: 1,
  sampling: { steps: 4, sampler: "lcm", schedule: "lcm" },
} as const;

async function round(threads: number) {
  const start = performance.now();
  const now = () => (performance.now() - start) / 1000;
  const pipeline = await createPipeline({ model: model("sd15-full"), threads });
  let firstStep: number | undefined;
  for await (const event of pipeline.generate(REQUEST)) {
    if (event.kind === "step") firstStep ??= now() - event.seconds;
    if (event.kind === "picture") await encodePng(event.result.pixels);
  }
  const wall = now();
  const { createSeconds, runSeconds } = pipeline.timings;
  await pipeline.dispose();
  return { wall, create: createSeconds, run: runSeconds, firstStep: firstStep!, end: now() - wall };
}

export async function overhead(threads: number) {
  await round(threads);
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round(threads));
  const outside = rounds.map(({ wall, create, run }) => wall - create - run);
  return {
    wall_s: median(rounds.map(({ wall }) => wall)),
    create_s: median(rounds.map(({ create }) => create)),
    run_s: median(rounds.map(({ run }) => run)),
    first_step_began_s: median(rounds.map(({ firstStep }) => firstStep)),
    end_s: median(rounds.map(({ end }) => end)),
    outside_s: median(outside),
    outside_share: median(outside.map((seconds, i) => seconds / rounds[i]!.wall)),
    rounds,
  };
}
