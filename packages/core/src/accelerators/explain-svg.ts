// An explanation as a standalone SVG picture: trained timesteps as ticks, the run's steps as dots, a line from each dot to its tick.
// Colours are those of the page it stands in (currentColor), so that it reads on light and dark.
import type { Explanation } from "./explain.js";

const width = 640;
const height = 120;
const margin = 24;
const trainedLine = 52;
const runLine = 88;
const largestTimestep = 999;

export function explainSvg({ title, sampler, steps, trained, farthest }: Explanation): string {
  const x = (timestep: number) =>
    (margin + ((largestTimestep - timestep) / largestTimestep) * (width - 2 * margin)).toFixed(1);
  const line = (y: number) => `<path d="M${margin} ${y}H${width - margin}" stroke="currentColor" opacity="0.3"/>`;
  const summary = farthest === undefined ? "" : `, farthest from a trained timestep: ${Math.round(farthest)}`;
  const heading = escaped(`${title}, ${sampler}${summary}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="11" fill="currentColor">`,
    `<title>${heading}</title>`,
    `<text x="${margin}" y="18">${heading}</text>`,
    `<text x="${margin}" y="36" opacity="0.7">t = 999</text>`,
    `<text x="${width - margin}" y="36" text-anchor="end" opacity="0.7">0</text>`,
    line(trainedLine),
    ...trained.map((timestep) => `<path d="M${x(timestep)} ${trainedLine - 6}v12" stroke="currentColor"/>`),
    line(runLine),
    ...steps.flatMap(({ timestep, trained: nearest }) => [
      ...(nearest === undefined
        ? []
        : [
            `<path d="M${x(nearest)} ${trainedLine + 6}L${x(timestep)} ${runLine - 4}" stroke="currentColor" opacity="0.5"/>`,
          ]),
      `<circle cx="${x(timestep)}" cy="${runLine}" r="4"/>`,
      `<text x="${x(timestep)}" y="${runLine + 18}" text-anchor="middle">${Math.round(timestep)}</text>`,
    ]),
    "</svg>",
  ].join("\n");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
