// Memory from the texts that Linux shows: the machine's, and limits of control groups of both versions.
import { expect, test } from "vitest";
import { availableMemory } from "./available-memory.js";

const reader = (files: Readonly<Record<string, string>>) => async (path: string) => files[path];
const MEMINFO = "MemTotal: 16000000 kB\nMemFree: 1000 kB\nMemAvailable:    8000000 kB\n";

test("what the machine has available counts, not what is free", async () => {
  expect(await availableMemory(reader({ "/proc/meminfo": MEMINFO }))).toEqual({
    bytes: 8_000_000 * 1024,
    source: "machine",
  });
});

test("a limit of the group counts where it leaves less; file pages that can go are free", async () => {
  const files = {
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "0::/user.slice/job\n",
    "/sys/fs/cgroup/user.slice/job/memory.max": "4000000000\n",
    "/sys/fs/cgroup/user.slice/job/memory.current": "3500000000\n",
    "/sys/fs/cgroup/user.slice/job/memory.stat": "anon 5\ninactive_file 1000000000\nactive_file 7\n",
  };
  expect(await availableMemory(reader(files))).toEqual({ bytes: 1_500_000_000, source: "control group" });
});

test("the tightest group above counts too", async () => {
  const files = {
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "0::/a/b\n",
    "/sys/fs/cgroup/a/b/memory.max": "max\n",
    "/sys/fs/cgroup/a/b/memory.current": "10\n",
    "/sys/fs/cgroup/a/memory.max": "100\n",
    "/sys/fs/cgroup/a/memory.current": "40\n",
    "/sys/fs/cgroup/a/memory.stat": "inactive_file 0\n",
  };
  expect(await availableMemory(reader(files))).toEqual({ bytes: 60, source: "control group" });
});

test("a container sees its own group as the mount itself", async () => {
  const files = {
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/memory.max": "2000",
    "/sys/fs/cgroup/memory.current": "500",
  };
  expect(await availableMemory(reader(files))).toEqual({ bytes: 1500, source: "control group" });
});

test("version 1: no limit is its largest page count", async () => {
  const group = (limit: string) => ({
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/x\n",
    "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": limit,
    "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1000",
    "/sys/fs/cgroup/memory/x/memory.stat": "total_inactive_file 100\n",
  });
  expect((await availableMemory(reader(group("9223372036854771712")))).source).toBe("machine");
  expect((await availableMemory(reader(group("5000")))).bytes).toBe(4100);
});

test("on this machine there is some", async () => {
  expect((await availableMemory()).bytes).toBeGreaterThan(50e6);
});
