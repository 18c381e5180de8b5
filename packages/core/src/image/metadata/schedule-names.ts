// A1111 before version 1.9 wrote the schedule behind the sampler's name ("DPM++ 2M Karras"). This takes the two apart.

/** Schedule labels of stable-diffusion-webui and Forge (modules/sd_schedulers.py). */
const SCHEDULE_LABELS = [
  "Automatic",
  "Uniform",
  "Karras",
  "Exponential",
  "Polyexponential",
  "SGM Uniform",
  "KL Optimal",
  "Align Your Steps",
  "Simple",
  "Normal",
  "Beta",
  "Turbo",
] as const;

/** [sampler, schedule]; the schedule is undefined where the name holds none. The longest label wins ("SGM Uniform"). */
export function splitScheduleName(name: string | undefined): readonly [string | undefined, string | undefined] {
  if (name === undefined) return [undefined, undefined];
  const label = SCHEDULE_LABELS.filter((candidate) => name.endsWith(` ${candidate}`)).sort(
    (a, b) => b.length - a.length,
  )[0];
  return label === undefined ? [name, undefined] : [name.slice(0, -label.length - 1), label];
}
