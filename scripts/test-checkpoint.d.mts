/** The path of the model that a file of test/golden/data/specs describes. */
export function testCheckpoint(spec: string): string;
