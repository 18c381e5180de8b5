/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The report in a real browser, from a file on the disk, with the network cut: what a reader can do with it, and what it must not do.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { clientModules, reportHtml } from "fewstep";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium.js";
import { type ExampleReport, exampleReport, HOSTILE } from "./example-report.js";

let folder: string;
let browser: Browser;
let page: Page;
let example: ExampleReport;
let address: string;
const problems: string[] = [];
const requests: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-report-"));
  example = await exampleReport();
  const pieces: string[] = [];
  const picture = async (id: string) => example.pictures.get(id);
  for await (const piece of reportHtml(example.report, picture, await clientModules())) pieces.push(piece);
  const path = join(folder, "report.html");
  writeFileSync(path, pieces.join(""));
  address = pathToFileURL(path).href;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  [problems.length, requests.length] = [0, 0];
  const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 900 } });
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  await page.waitForSelector("body[data-ready]", { timeout: 30_000 });
});

afterEach(async () => {
  expect(problems).toEqual([]);
  const outside = requests.filter((url) => !/^(?:data:|blob:)/.test(url) && url !== address);
  expect(outside).toEqual([]);
  await page.context().close();
});

const cards = () => page.locator(".card");
const control = (label: string) => page.locator("#controls label", { hasText: label }).locator("select, input");

describe("the report", () => {
  it("shows every cell, its picture or the reason why there is none", async () => {
    const { cells } = example.report;
    expect(await cards().count()).toBe(cells.length);
    expect(await page.locator(".card img").count()).toBe(cells.filter(({ status }) => status === "done").length);
    expect(await page.locator(".blank.empty").count()).toBe(cells.filter(({ status }) => status === "empty").length);
    expect(await page.locator(".blank.failed").textContent()).toContain("no number in step 2");
    const loaded = await page
      .locator(".card img")
      .evaluateAll((images) =>
        Promise.all(
          images.map((image) =>
            (image as HTMLImageElement).decode().then(() => (image as HTMLImageElement).naturalWidth),
          ),
        ),
      );
    expect(new Set(loaded)).toEqual(new Set([192]));
  });

  it("takes nobody's text for markup", async () => {
    expect(await page.title()).toBe(example.report.title);
    expect(await page.locator("h1").textContent()).toBe(example.report.title);
    expect(await page.locator("h1 b, .gallery script, img[onerror]").count()).toBe(0);
    expect(await page.locator(".prompt").nth(3).getAttribute("title")).toBe(HOSTILE);
  });

  it("gives every picture a text, every field a name, and cuts no label", async () => {
    const texts = await page
      .locator("img")
      .evaluateAll((images) => images.map((image) => image.getAttribute("alt") ?? ""));
    expect(texts.every((text) => text.includes("seed"))).toBe(true);
    expect(new Set(texts).size).toBe(texts.length);
    const nameless = await page
      .locator("button, select, input")
      .evaluateAll(
        (all) =>
          all.filter(
            (one) =>
              ((one as HTMLInputElement).labels?.length ?? 0) === 0 &&
              !one.textContent?.trim() &&
              !one.getAttribute("aria-label"),
          ).length,
      );
    expect(nameless).toBe(0);
    const cut = await page
      .locator(".card h3, .goal p, .goal li, .bars .name, .intervals .name, #numbers-table th")
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent));
    expect(cut).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  it("wraps long prompts on the cards and keeps them whole", async () => {
    const prompts = await page.locator(".card .prompt").allTextContents();
    expect(prompts.some((text) => text.includes(HOSTILE))).toBe(true);
    const hidden = await page.locator(".card .prompt").evaluateAll(
      (all) =>
        all.filter((one) => {
          const { overflowY } = getComputedStyle(one);
          return one.scrollHeight > one.clientHeight + 1 && overflowY !== "auto";
        }).length,
    );
    expect(hidden).toBe(0);
  });

  it("numbers the configurations in the chart, names each whole beside it, and shows intervals as evidence", async () => {
    const { configurations } = example.report;
    const points = await page.locator(".chart .number").allTextContents();
    expect([...points].map(Number).sort((a, b) => a - b)).toEqual(configurations.map((_, i) => i + 1));
    const names = await page.locator(".bars .name").allTextContents();
    expect([...names].sort()).toEqual(configurations.map(({ label }) => label).sort());
    await page.locator(".goal summary").first().click();
    const ranking = example.report.recommendations[0]!.ranking;
    expect(await page.locator(".goal").first().locator(".intervals li").count()).toBe(ranking.length);
    const means = await page
      .locator(".goal")
      .first()
      .locator(".mean")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().x));
    expect(means).toEqual([...means].sort((a, b) => b - a));
  });

  it("filters and sorts", async () => {
    await control("Order").selectOption("unit");
    const seeds = (await page.locator(".card .prompt").allTextContents()).map((text) => text.split("\n")[0]);
    expect(seeds.filter((text, i) => text !== seeds[i - 1]).length).toBe(new Set(seeds).size);
    expect(await cards().first().getAttribute("class")).toContain("reference");
    await control("Order").selectOption("grid");
    await control("Accelerator").selectOption("tcd");
    expect(await cards().count()).toBe(12);
    await control("Steps").selectOption("4");
    expect(await cards().count()).toBe(6);
    await control("Accelerator").selectOption("");
    await control("Steps").selectOption("");
    await control("Search").fill("fox hyper-4");
    expect(await cards().count()).toBe(6);
    await control("Search").fill("");
    await control("Show").selectOption("pictures");
    await control("Order").selectOption("quality");
    const shown = await page.locator(".chip.value").allTextContents();
    const values = shown.map(Number);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values.length).toBeGreaterThan(20);
  });

  it("flips two pictures at one place, zooms both alike, and shows their difference", async () => {
    await page.locator(".card .face").nth(6).click();
    const canvas = page.locator("dialog canvas").first();
    const pixel = () =>
      canvas.evaluate((one) => [...(one as HTMLCanvasElement).getContext("2d")!.getImageData(96, 150, 1, 1).data]);
    await page.waitForFunction(() => (document.querySelector("dialog canvas") as HTMLCanvasElement).width === 192);
    const own = await pixel();
    for (let i = 0; i < 4; i++) await page.keyboard.press("+");
    await page.keyboard.press("ArrowLeft");
    const place = await canvas.getAttribute("style");
    await page.keyboard.press("Space");
    await page.waitForFunction(
      () => document.querySelector("dialog button[aria-pressed=true]")?.textContent === "Beside",
    );
    const beside = await pixel();
    expect(beside).not.toEqual(own);
    expect(await canvas.getAttribute("style")).toBe(place);
    await page.keyboard.press("d");
    await page.waitForFunction(() =>
      document.querySelector("dialog .reading")?.textContent?.includes("levels on average"),
    );
    const gain = 8;
    expect(await pixel()).toEqual(
      [0, 1, 2].map((c) => Math.min(255, Math.abs(own[c]! - beside[c]!) * gain)).concat(255),
    );
    await page.keyboard.press("s");
    expect(await page.locator("dialog canvas:visible").count()).toBe(2);
    await page.keyboard.press("n");
    expect(await page.locator("dialog h2").textContent()).toContain("lcm, 4 steps");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog[open]").count()).toBe(0);
  });

  it("reads out the pixel under the pointer in both", async () => {
    await page.locator(".card .face").nth(6).click();
    await page.waitForFunction(() => (document.querySelector("dialog canvas") as HTMLCanvasElement).width === 192);
    const box = (await page.locator(".stage").boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() =>
      /^x \d+, y \d+ · this \d+, \d+, \d+ · beside \d+, \d+, \d+$/.test(
        document.querySelector("dialog .reading")?.textContent ?? "",
      ),
    );
  });

  it("gives settings to copy in three tools' words, and a workflow", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator(".card .face").first().click();
    const { words } = example.report.cells[0]!;
    expect(await page.locator("dialog pre").allTextContents()).toEqual([words!.fewstep, words!.a1111, words!.comfyui]);
    await page.getByRole("button", { name: "Copy fewstep's words" }).click();
    await page.waitForFunction(() => document.querySelector("dialog details button")?.textContent === "Copied");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the ComfyUI workflow" }).click(),
    ]);
    const graph = JSON.parse(readFileSync(await download.path(), "utf8")) as Record<string, { class_type: string }>;
    expect(Object.values(graph).map((node) => node.class_type)).toEqual(
      expect.arrayContaining(["CheckpointLoaderSimple", "LoraLoader", "KSampler", "SaveImage"]),
    );
  });

  it("is used by keys alone", async () => {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the pictures");
    await page.locator(".card .face").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("dialog[open]").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("face");
  });

  it.each(["light", "dark"] as const)("has text of enough contrast in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const low = await page.evaluate(lowContrast);
    expect(low).toEqual([]);
  });
});

/** Texts below 4.5 to 1 (WCAG 2.2, 1.4.3) on the colour behind them. Runs in the page. */
function lowContrast(): readonly string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string) => {
    const [r, g, b] = channels(colour).map((value) => {
      const unit = value / 255;
      return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const behind = (element: Element | null): string => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    // drawn stripes: the darker text colours never stand on them
    if (backgroundImage !== "none") return "rgb(42, 47, 55)";
    return (channels(backgroundColor)[3] ?? 1) === 0 ? behind(element.parentElement) : backgroundColor;
  };
  const texts = [
    ...document.querySelectorAll("h1, h2, h3, p, li, th, td, dt, dd, a, summary, button, label span, .chip, .blank *"),
  ];
  return texts
    .filter(
      (element) =>
        element.checkVisibility() && element.textContent?.trim() !== "" && !(element as HTMLButtonElement).disabled,
    )
    .flatMap((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5
        ? [`${element.tagName} ${element.className}: ${ratio.toFixed(2)} ${element.textContent?.slice(0, 30)}`]
        : [];
    });
}
