// The model that ships with fewstep, its LoRAs and its judge, as a comparison takes them: the guide's nine runs without a download. Any of
// the files may be missing from a package: what cannot be computed then is an empty cell.
import {
  type ComparedLora,
  type CompareRequest,
  FewstepError,
  type GuideRequest,
  type GuideStandIn,
} from "@fewstep/core";
import {
  judgeFile,
  TINY_ACCELERATORS,
  TINY_GUIDANCE,
  TINY_SAMPLING,
  TINY_SIZE,
  TINY_STEPS,
  TINY_VARIANTS,
  type TinyAccelerator,
  tinyLora,
  tinyModel,
} from "@fewstep/tiny/model";

export interface EmbeddedModel {
  readonly model: string;
  /** By accelerator: lcm, lightning, hyper, turbo. */
  readonly loras: Readonly<Record<string, string>>;
  readonly judge?: string;
}

/** Undefined where the package has no model. */
export async function embeddedModel(): Promise<EmbeddedModel | undefined> {
  const [model, judge] = [await tinyModel(), await judgeFile()];
  if (model === undefined) return undefined;
  const loras: Record<string, string> = {};
  for (const accelerator of TINY_ACCELERATORS) {
    const lora = await tinyLora(accelerator);
    if (lora !== undefined) loras[accelerator] = lora.path;
  }
  return { model: model.path, loras, ...(judge === undefined ? {} : { judge: judge.path }) };
}

const STAND_IN: GuideStandIn = {
  size: { width: TINY_SIZE, height: TINY_SIZE },
  published: Object.fromEntries(
    TINY_ACCELERATORS.map((name) => [name, { guidance: 1, sampling: { steps: TINY_STEPS, ...TINY_SAMPLING[name] } }]),
  ),
};

/** The guide's prompt in the words that the model was taught, and others that ask for more. */
const PROMPTS: readonly string[] = [
  "1girl, laughing, looking to the side, anime style",
  "1girl, blonde hair, twintails, green eyes, smile, hair flower, black hoodie, fair skin, peace sign, polka dots, anime style",
  "1boy, blue hair, spiky hair, surprised, red kimono, tan skin, head tilt, city, anime style",
  "white cat, cherry blossoms, anime style",
];

export interface EmbeddedGuide extends GuideRequest {
  readonly models: readonly string[];
  readonly loras: readonly ComparedLora[];
}

/** The guide's request, on the embedded model. @throws FewstepError `embedded-model-missing` */
export function embeddedGuide(request: GuideRequest, embedded: EmbeddedModel | undefined): EmbeddedGuide {
  const { model, loras } = present(embedded, "--guide --model FILE --lora FILE");
  return {
    ...request,
    prompts: request.prompts ?? PROMPTS,
    reference: guided(request.reference),
    models: [model],
    loras: Object.entries(loras).map(([is, file]) => ({ file, is })),
    standIn: STAND_IN,
  };
}

/**
 * A request that names no model, on the embedded one: with its own LoRAs of the accelerators that are asked for, beside those that are given.
 * @throws FewstepError `embedded-model-missing`
 */
export function embeddedComparison(request: CompareRequest, embedded: EmbeddedModel | undefined): CompareRequest {
  const { model, loras } = present(embedded, "--model FILE");
  const asks = (own: string) =>
    request.accelerators?.some((name) => name === own || name.startsWith(`${own}-`)) ?? request.loras === undefined;
  return {
    ...request,
    models: [model],
    loras: [
      ...(request.loras ?? []),
      ...Object.entries(loras)
        .filter(([own]) => asks(own))
        .map(([own, file]) => ({ file, is: TINY_VARIANTS[own as TinyAccelerator] })),
    ],
    reference: guided(request.reference),
  };
}

/** The reference, by the guidance that the embedded model is used with. */
const guided = (reference: CompareRequest["reference"]): NonNullable<CompareRequest["reference"]> =>
  reference === false ? false : { cfg: TINY_GUIDANCE, ...reference };

function present(embedded: EmbeddedModel | undefined, expected: string): EmbeddedModel {
  if (embedded !== undefined) return embedded;
  throw new FewstepError({
    code: "embedded-model-missing",
    message: "this copy of fewstep holds no model of its own",
    expected: `a checkpoint: ${expected}`,
    hint: "in the repository, npm run train:tiny makes the embedded model",
  });
}
