// A browser, and visitors in it whose every complaint fails the test.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const need = (name) => process.env[name] ?? assert.fail(`${name} is not set: run make test-console`);
export const url = need("CONSOLE_URL");
export const scene = need("CONSOLE_SCENE");
export const brief = Boolean(process.env.CONSOLE_BRIEF); // fewer looks and attacks
export const tokens = { writer: need("CONSOLE_WRITER"), reader: need("CONSOLE_READER") };

// The generous wait of a loaded machine, in milliseconds.
export const patience = 60_000;

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
}

// Chromium breaks off all that is under way with ERR_NETWORK_CHANGED when any network
// interface of the machine comes or goes, loopback or not, as those of containers do while
// other suites run. It says nothing about the console, so what a visitor looked at is
// looked at again, a few times. What was sent with a form never is.
const shaken = (text) => text?.includes("ERR_NETWORK_CHANGED");
const repeats = 5;

// steady makes a page's ways to an address survive that: its own calls, and links.
function steady(page) {
  let ours = 0; // calls under way, which repeat themselves
  let left = repeats;
  for (const way of ["goto", "reload"]) {
    const once = page[way].bind(page);
    page[way] = async (...args) => {
      ours++;
      try {
        for (let i = 0; ; i++) {
          try { return await once(...args); } catch (e) { if (!shaken(e.message) || i === repeats) throw e; }
        }
      } finally { ours--; }
    };
  }
  page.on("requestfailed", (r) => {
    const link = r.isNavigationRequest() && r.method() === "GET" && r.frame() === page.mainFrame();
    if (link && !ours && shaken(r.failure()?.errorText) && left-- > 0) page.goto(r.url()).catch(() => {}); // the wait for what it shows fails then
  });
}

// visit opens a window, signed in as the holder of a token unless as is null. complaints
// holds what the browser says is wrong: errors, and breaches of the pages' policy.
export async function visit(browser, { as = "writer", width = 1280, scheme = "light", scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: "reduce", timezoneId: "UTC",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  steady(page);
  page.setDefaultTimeout(patience);
  const complaints = [];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && !shaken(m.text()) && complaints.push(`${m.type()} on ${page.url()}: ${m.text()}`));
  page.on("pageerror", (e) => complaints.push(`exception on ${page.url()}: ${e.message}`));
  page.on("request", (r) => r.url().startsWith(url) || r.url().startsWith("data:") || complaints.push(`asked elsewhere: ${r.url()}`));
  page.on("dialog", (d) => { complaints.push(`a dialogue of the browser: ${d.message()}`); d.dismiss(); });
  const visitor = {
    page, context, complaints,
    go: (path) => page.goto(`${url}/console${path}`),
    leave: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
  if (as) await signIn(visitor, tokens[as]);
  return visitor;
}

export async function signIn({ page, go }, token) {
  await go("/sign-in");
  await page.getByLabel("API token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// barriers is what axe-core finds on a page against WCAG 2.2 AA.
export async function barriers(page, where) {
  if (!(await page.evaluate("typeof axe"))?.includes("object")) await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.violations.map((v) => `${where}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
}

// accessible fails when there are barriers.
export async function accessible(page, where) {
  assert.deepEqual(await barriers(page, where), []);
}

// pull works a lever of the stage.
export async function pull(lever, body) {
  const answer = await fetch(`${need("CONSOLE_LEVERS")}/${lever}`, { method: "POST", body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text;
}

export const send = (source, type, body, header = [["Content-Type", "application/json"]]) =>
  pull("send", { Source: source, Type: type, Body: Buffer.from(body).toString("base64"), Header: header });

// until waits for something to become true of a page that keeps up to date.
export async function until(page, what, ...args) {
  await page.waitForFunction(what, ...args, { timeout: patience });
}
