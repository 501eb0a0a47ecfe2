// Checks one report.html in headless Chromium. Run through ./run.
import { readFileSync, readdirSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const file = process.argv[2];
const html = readFileSync(file, "utf8");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "overstay-browser-"));
const count = (text, pattern) => (text.match(pattern) ?? []).length;
const findings = count(html, /<details class="finding /g);

let passed = 0;
let failed = 0;
const late = (ms) => new Promise((_, no) => setTimeout(no, ms, new Error(`not done in ${ms} ms`)).unref());
async function check(name, body) {
  try {
    await Promise.race([body(), late(60_000)]);
    passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).split("\n").join("\n      ")}`);
  }
}
function assert(condition, message) {
  if (!condition) throw new Error(message);
}
const equal = (left, right, what) => assert(left === right, `${what}: ${left} is not ${right}`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** Opens the report (or another file) by itself and tells what went wrong and what was asked of the network. */
async function open(options = {}, path = file) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", offline: true, ...options,
  });
  const page = await context.newPage();
  const errors = [];
  const requests = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => requests.push(request.url()));
  const started = performance.now();
  await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
  // Without scripts no frame would ever be told of.
  if (options.javaScriptEnabled !== false) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  return { page, errors, requests, took: performance.now() - started, close: () => context.close() };
}

/** A check that opens the report and closes it whatever happens. */
const opened = (name, body, options, path) => check(name, async () => {
  const view = await open(options, path);
  try {
    await body(view);
  } finally {
    await view.close();
  }
});

const shown = (page) => page.locator(".finding:not([hidden])").count();

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    await opened(`axe-core finds nothing serious (${colorScheme}, ${width} px)`, async ({ page }) => {
      // Evaluated by the debugger, which the page's policy does not bind. Details are opened so that they are seen too.
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
      await page.evaluate(axe);
      const result = await page.evaluate(() => globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }));
      const bad = result.violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      const words = bad.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`);
      assert(bad.length === 0, words.join("\n"));
    }, { colorScheme, viewport: { width, height: 900 } });
  }
}

await check("html-validate finds nothing", async () => {
  const loader = new FileSystemConfigLoader({ root: true, extends: ["html-validate:recommended"] });
  const report = await new HtmlValidate(loader).validateString(html, "report.html");
  const words = report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`));
  assert(words.length === 0, words.slice(0, 12).join("\n"));
});

await opened("opens without errors and without any request", async ({ errors, requests }) => {
  equal(errors.length, 0, errors.join("; "));
  equal(requests.length, 1, requests.join(" "));
});

await check("an injected script and an injected style are blocked", async () => {
  const path = join(scratch, "injected.html");
  writeFileSync(path, html.replace("</main>",
    `<script>document.title = "owned"</script><p id="probe" style="color: rgb(1, 2, 3)" onclick="x()">probe</p></main>`));
  const { page, errors, close } = await open({}, path);
  assert((await page.title()) !== "owned", "the script ran");
  const color = await page.locator("#probe").evaluate((probe) => getComputedStyle(probe).color);
  assert(color !== "rgb(1, 2, 3)", "the style was applied");
  assert(errors.some((error) => error.includes("Content Security Policy")), "the policy said nothing");
  await close();
});

for (const width of [320, 390, 768, 1280]) {
  await opened(`no horizontal scroll at ${width} px`, async ({ page }) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert(wide <= width, `the page is ${wide} px wide`);
  }, { viewport: { width, height: 900 } });
}

await opened("without scripts every finding is there and no dead control", async ({ page }) => {
  equal(await page.locator(".finding").count(), findings, "findings");
  equal(await page.locator("button, input, select").count(), 0, "controls");
  const text = await page.locator("main").innerText();
  assert(/control test/.test(text), "no verdict");
}, { javaScriptEnabled: false });

if (findings > 0) {
  await opened("search finds one subject and nothing else", async ({ page }) => {
    const id = await page.locator(".finding").first().getAttribute("id");
    await page.getByLabel("Search findings").fill(id);
    await page.waitForFunction(() => document.querySelectorAll(".finding:not([hidden])").length === 1);
    const told = await page.locator(".tools [role=status]").innerText();
    assert(told.startsWith(`Showing 1 of ${findings}`) || findings === 1, told);
    await page.getByLabel("Search findings").fill("no such words anywhere");
    await page.waitForFunction(() => document.querySelectorAll(".finding:not([hidden])").length === 0);
    await page.getByLabel("Search findings").fill("");
    await page.waitForFunction((all) => document.querySelectorAll(".finding:not([hidden])").length === all, findings);
  });

  await opened("filters by severity and by status", async ({ page }) => {
    for (const severity of ["critical", "high", "medium", "low", "info"]) {
      await page.locator(".tools select").nth(0).selectOption(severity);
      equal(await shown(page), count(html, new RegExp(`data-severity="${severity}"`, "g")), severity);
    }
    await page.locator(".tools select").nth(0).selectOption("");
    for (const status of ["open", "pending", "excepted"]) {
      await page.locator(".tools select").nth(1).selectOption(status);
      equal(await shown(page), count(html, new RegExp(`data-status="${status}"`, "g")), status);
    }
  });

  await opened("orders findings by name, by age, and back", async ({ page }) => {
    const ids = () => page.locator(".group").first().locator(".finding").evaluateAll((cards) => cards.map(({ id }) => id).join());
    const before = await ids();
    await page.locator(".tools select").nth(3).selectOption("since");
    const since = await page.locator(".group").first().locator(".finding").evaluateAll((cards) => cards.map((card) => card.dataset.since || "9999999999999"));
    equal(since.join(), [...since].sort((a, b) => a - b).join(), "order by age");
    await page.locator(".tools select").nth(3).selectOption("");
    equal(await ids(), before, "order restored");
  });
}

await opened("tables sort by button, and say so", async ({ page }) => {
  const table = page.locator("#accounts table");
  const heading = table.locator("thead th").last();
  await heading.getByRole("button").focus();
  await page.keyboard.press("Enter");
  equal(await heading.getAttribute("aria-sort"), "ascending", "aria-sort");
  const values = () => table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => Number(row.cells[row.cells.length - 1].textContent)));
  const up = await values();
  equal(up.join(), [...up].sort((a, b) => a - b).join(), "ascending");
  await heading.getByRole("button").click();
  equal(await heading.getAttribute("aria-sort"), "descending", "aria-sort");
  equal((await values()).join(), [...up].reverse().sort((a, b) => b - a).join(), "descending");
});

await opened("targets are at least 24 px high", async ({ page }) => {
  const small = await page.locator("button, input, select, summary, nav a").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80)));
  equal(small.length, 0, small.slice(0, 5).join(" "));
});

for (const javaScriptEnabled of [true, false]) {
  await opened(`prints with page numbers and every finding (scripts ${javaScriptEnabled ? "on" : "off"})`, async ({ page, errors }) => {
    if (javaScriptEnabled && findings > 0) await page.locator(".tools select").nth(0).selectOption("info");
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    equal(pdf.subarray(0, 5).toString(), "%PDF-", "magic");
    const path = join(scratch, "report.pdf");
    writeFileSync(path, pdf);
    const pages = count(pdf.toString("latin1"), /\/Type\s*\/Page\b(?!s)/g);
    assert(pages >= 2, `${pages} pages`);
    equal(errors.length, 0, errors.join("; "));
    const { spawnSync } = await import("node:child_process");
    const said = spawnSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
    if (said.error) {
      console.log("      (pdftotext is not here: the text of the pages was not looked at)");
      return;
    }
    equal(said.status, 0, said.stderr);
    for (let at = 1; at <= pages; at += 1) assert(said.stdout.includes(`Page ${at} of ${pages}`), `no number on page ${at} of ${pages}`);
    const run = html.match(/run (r_[a-z0-9]+)/)[1];
    assert(count(said.stdout, new RegExp(`run ${run}`, "g")) >= pages, "the run is not on every page");
  }, { javaScriptEnabled });
}

// A print: few pages, and none of them left half empty but the last.
for (const format of ["A4", "Letter"]) {
  await opened(`prints compactly on ${format}`, async ({ page }) => {
    await page.emulateMedia({ media: "print" });
    const rows = await page.locator(".finding").evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
    equal(rows, findings, "findings printed");
    const path = join(scratch, `${format}.pdf`);
    writeFileSync(path, await page.pdf({ format, printBackground: true }));
    const { spawnSync } = await import("node:child_process");
    const drawn = spawnSync("pdftoppm", ["-r", "20", "-gray", path, join(scratch, format)]);
    if (drawn.error) {
      console.log("      (pdftoppm is not installed: the pages were not measured)");
      return;
    }
    const pages = readdirSync(scratch).filter((name) => name.startsWith(`${format}-`) && name.endsWith(".pgm")).sort();
    console.log(`      ${pages.length} pages for ${findings} findings`);
    assert(pages.length <= 12 + findings / 15, `${pages.length} pages for ${findings} findings`);
    for (const name of pages.slice(0, -1)) {
      const image = readFileSync(join(scratch, name));
      const [, width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(image.subarray(0, 40).toString("latin1")).map(Number);
      const pixels = image.subarray(image.length - width * height);
      let lowest = 0;
      for (let at = 0; at < pixels.length; at += 1) if (pixels[at] < 200) lowest = Math.floor(at / width);
      assert(lowest >= height / 2, `${name} is filled to ${Math.round((100 * lowest) / height)} percent only`);
    }
  });
}

await check("the page is no larger than 3 MB", async () => {
  const bytes = Buffer.byteLength(html);
  assert(bytes < 3_000_000, `${bytes} bytes`);
});

if (findings > 0) {
  const path = join(scratch, "many.html");
  // Real cards, over and over, each with an id of its own.
  const begin = html.indexOf('<details class="finding ');
  const end = html.indexOf("</details>", begin) + "</details>".length;
  const card = html.slice(begin, end);
  const many = Array.from({ length: Math.max(0, 500 - findings) }, (_, at) => card.replaceAll(/id="f_[a-z0-9]+"/g, `id="f_copy${at}"`));
  writeFileSync(path, html.slice(0, end) + many.join("\n") + html.slice(end));
  await opened("500 findings, the most that a page has, open in under two seconds", async ({ page, took }) => {
    equal(await page.locator(".finding").count(), 500, "findings");
    console.log(`      ${Math.round(took)} ms`);
    assert(took < 2000, `took ${Math.round(took)} ms`);
    const search = await page.evaluate(async () => {
      const box = document.querySelector(".tools input");
      const from = performance.now();
      box.value = "f_copy321";
      box.dispatchEvent(new Event("input"));
      while (document.querySelectorAll(".finding:not([hidden])").length > 1 && performance.now() - from < 5000) {
        await new Promise((done) => setTimeout(done, 20));
      }
      return performance.now() - from;
    });
    assert(search < 2000, `searching took ${Math.round(search)} ms`);
  }, {}, path);
}

await browser.close();
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
