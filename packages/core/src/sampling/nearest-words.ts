// The known words nearest to a misspelt one, by edit distance (Levenshtein).

/** At most three, the nearest first; none farther than a third of the word's length. */
export function nearest(
  word: string,
  known: readonly string[],
  fold: (text: string) => string = (text) => text,
): readonly string[] {
  const wanted = fold(word);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const scored = [...new Set(known)].map((name) => ({ name, distance: editDistance(wanted, fold(name)) }));
  return scored
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchange = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(exchange, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
