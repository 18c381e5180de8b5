import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`packages/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@fewstep\/core$/, replacement: source("core/src/index.ts") },
      { find: /^@fewstep\/core\/node$/, replacement: source("core/src/node.ts") },
      { find: /^@fewstep\/core\/web$/, replacement: source("core/src/web.ts") },
      { find: /^@fewstep\/train$/, replacement: source("train/src/index.ts") },
      { find: /^@fewstep\/tiny$/, replacement: source("tiny/src/index.ts") },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/{contract,hostile,platforms}/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
