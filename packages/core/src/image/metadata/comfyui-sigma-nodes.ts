// ComfyUI nodes that give sigmas by a rule of their own, for the custom samplers: no scheduler name of KSampler stands for them.

/** Node -> the rule's name, as `schedule` in settings. Karras and exponential sigmas exist both as nodes and as scheduler names. */
export const SIGMA_NODES: ReadonlyMap<string, string> = new Map([
  ["SDTurboScheduler", "turbo"],
  ["KarrasScheduler", "karras"],
  ["ExponentialScheduler", "exponential"],
  ["PolyexponentialScheduler", "polyexponential"],
  ["AlignYourStepsScheduler", "align_your_steps"],
  ["GITSScheduler", "gits"],
]);

/** Rules that KSampler has no scheduler name for. */
export const NODE_ONLY_SCHEDULES: ReadonlySet<string> = new Set([
  "turbo",
  "polyexponential",
  "align_your_steps",
  "gits",
]);
