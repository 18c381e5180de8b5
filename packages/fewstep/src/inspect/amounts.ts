// Amounts in the words of people: 1 GB = 1e9 bytes.

const STEPS = [
  [1e9, "billion", "GB"],
  [1e6, "million", "MB"],
  [1e3, "thousand", "kB"],
] as const;

/** 0.86 billion is 860 million: three digits that count. */
export function countText(count: number): string {
  const step = STEPS.find(([size]) => count >= size);
  return step === undefined ? String(count) : `${Number((count / step[0]).toPrecision(3))} ${step[1]}`;
}

export function bytesText(bytes: number): string {
  const step = STEPS.find(([size]) => bytes >= size);
  return step === undefined ? `${bytes} bytes` : `${Number((bytes / step[0]).toPrecision(3))} ${step[2]}`;
}
