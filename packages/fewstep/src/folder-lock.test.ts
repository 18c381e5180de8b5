// One holder a folder, and what happens to a lock whose process is gone.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "./folder-lock.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("lockFolder", () => {
  it("has one holder at a time", async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: "store-in-use" });
    await lock.check();
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes over from a process that is gone, and from a number that was used again", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("exit", resolve));
    const holders = [
      { token: "a", pid: child.pid, host: hostname(), started: "1" },
      { token: "b", pid: process.pid, host: hostname(), started: "1" },
    ];
    for (const holder of holders) {
      writeFileSync(join(folder, "lock"), JSON.stringify(holder));
      const lock = await lockFolder(folder);
      expect(JSON.parse(readFileSync(join(folder, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
      await lock.release();
    }
    writeFileSync(join(folder, "lock"), "half a lo");
    await (await lockFolder(folder)).release();
  });

  it("leaves another machine's lock alone", async () => {
    writeFileSync(join(folder, "lock"), JSON.stringify({ token: "a", pid: 1, host: "elsewhere", started: "1" }));
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: "store-in-use",
      found: expect.stringContaining("process 1 on elsewhere") as unknown,
    });
  });

  it("lets only one of many take over", async () => {
    writeFileSync(
      join(folder, "lock"),
      JSON.stringify({ token: "a", pid: process.pid, host: hostname(), started: "1" }),
    );
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const locks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const checks = await Promise.allSettled(locks.map((lock) => lock.check()));
    expect(checks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const lock of locks) await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("notices that the folder was taken over", async () => {
    const lock = await lockFolder(folder);
    writeFileSync(join(folder, "lock"), JSON.stringify({ token: "b", pid: 1, host: "elsewhere", started: "1" }));
    await expect(lock.check()).rejects.toMatchObject({ code: "store-lost", kind: "failed" });
    await lock.release();
    expect(existsSync(join(folder, "lock"))).toBe(true);
  });
});
