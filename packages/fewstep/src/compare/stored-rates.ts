// Seconds a network call and a decoding on this machine, kept in the user's cache by model, size, device and threads. A cache and no more.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Rate, Rates } from "@fewstep/core";
import { makeFolder, userFolder, writeFileAtomically } from "@fewstep/core/node";

/** What a rate was measured on. */
export interface RatePlace {
  readonly device: string;
  readonly threads: number;
}

/** The newest are kept. */
const MAX_RATES = 500;
const MAX_BYTES = 1_000_000;

const pathOf = () => join(userFolder("cache"), "rates.json");
const prefixOf = ({ device, threads }: RatePlace) => `${device} ${threads} `;

export async function readRates(place: RatePlace): Promise<Rates> {
  const prefix = prefixOf(place);
  return new Map(
    (await readAll()).flatMap(([key, rate]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), rate]] : [])),
  );
}

export async function writeRates(place: RatePlace, rates: Rates): Promise<void> {
  const mine = [...rates].map(([key, rate]): readonly [string, Rate] => [prefixOf(place) + key, rate]);
  const names = new Set(mine.map(([key]) => key));
  const all = [...mine, ...(await readAll()).filter(([key]) => !names.has(key))].slice(0, MAX_RATES);
  try {
    await makeFolder(dirname(pathOf()));
    await writeFileAtomically(pathOf(), new TextEncoder().encode(JSON.stringify(all)), { replace: true });
  } catch {
    // a read-only home: every run measures again
  }
}

async function readAll(): Promise<readonly (readonly [string, Rate])[]> {
  try {
    const text = await readFile(pathOf(), "utf8");
    const json: unknown = text.length > MAX_BYTES ? [] : JSON.parse(text);
    return Array.isArray(json) ? json.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is readonly [string, Rate] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== "string") return false;
  const { call, decode } = (value[1] ?? {}) as Partial<Record<keyof Rate, unknown>>;
  return Number.isFinite(call) && Number.isFinite(decode);
}
