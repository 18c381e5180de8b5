// A real browser: the installed Chromium, with WebGPU computed by SwiftShader on the CPU, so that no graphics card is needed.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  process.env.FEWSTEP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

const ARGUMENTS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

export async function launchChromium(): Promise<Browser> {
  const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("the browser test needs Chromium: `apt-get install chromium`, or name one in FEWSTEP_CHROMIUM");
  }
  return chromium.launch({ executablePath, args: [...ARGUMENTS] });
}
