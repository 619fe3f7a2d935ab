// Looks at every page, wide and narrow, light and dark, and keeps pictures of them.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { barriers, brief, launch, patience, scene, url, visit } from "./browser.mjs";

const filled = scene !== "empty";
const places = [
  ["overview", "/", "Overview"], ["events", "/events", "Events"], ["dead-letters", "/dead", "Dead letters"], ["jobs", "/jobs", "Jobs"],
  ["routes", "/routes", "Routes"], ["destinations", "/destinations", "Destinations"], ["sources", "/sources", "Sources"],
  ["add-source", "/add", "Add a source"], ["add-stripe", "/add/stripe", "Add Stripe"], ["ledger", "/ledger", "Ledger"], ["audit", "/audit", "Audit"],
  ["not-there", "/nonsense", "There is no such page"],
];
if (filled) {
  places.push(["route", "/routes/invoices", "invoices"], ["source", "/sources/stripe", "stripe"],
    ["events-found", "/events?source=stripe&type=invoice.*&state=delivered", "Events"], ["events-none", "/events?type=no.such.type", "Events"]);
}

let browser;
before(async () => {
  browser = await launch();
  await mkdir(process.env.CONSOLE_IMAGES, { recursive: true });
  if (filled) await settled();
});
after(() => browser?.close());

// settled waits until every event of the scene stands where it will stay.
async function settled() {
  const v = await visit(browser);
  await v.go("/events?within=1h&source=stripe");
  await v.page.locator(".badge.delivered").first().waitFor({ timeout: 2 * patience });
  await v.go("/dead?within=1h");
  while ((await v.page.locator("tbody tr").count()) < 2) {
    await v.page.waitForTimeout(500);
    await v.page.reload();
  }
  await v.go("/sources/stripe");
  await v.page.getByText("6 within the last day").waitFor();
  await v.page.getByText("wrong secret, or a proxy changed the request").waitFor();
  await v.leave();
}

const looks = [[1280, "light"], [390, "dark"]];
if (!brief) looks.push([1280, "dark"], [390, "light"]);

for (const [width, scheme] of looks) {
  test(`every page is whole and accessible, ${width} pixels wide, ${scheme}`, { timeout: 8 * 60_000 }, async () => {
    const v = await visit(browser, { width, scheme });
    const problems = [];
    const look = async (name, title) => problems.push(...await flaws(v.page, name, title, width, scheme));
    for (const [name, path, title] of places) {
      await v.go(path);
      await look(name, title);
    }
    if (filled) {
      await v.go("/events?source=stripe&type=invoice.paid&within=1h");
      await v.page.locator("a.event-type").first().click();
      await v.page.getByRole("heading", { name: "Payload" }).waitFor();
      await look("event", "invoice.paid");
    }
    assert.deepEqual(problems, []);
    v.complaints.splice(0, v.complaints.length, ...v.complaints.filter((c) => !c.includes("/nonsense")));
    await v.leave();
  });
}

test("the sign-in is accessible", async () => {
  for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
    const v = await visit(browser, { as: null, width, scheme });
    await v.go("/");
    assert.ok(v.page.url().startsWith(`${url}/console/sign-in`));
    assert.deepEqual(await flaws(v.page, "sign-in", "Sign in", width, scheme), []);
    await v.leave();
  }
});

// flaws says what is wrong with a page: that it scrolls sideways, lacks its title, or is
// not accessible. It keeps a picture of it.
async function flaws(page, name, title, width, scheme) {
  const where = `${name}, ${scene}, ${width}, ${scheme}`;
  if (kept(name, width, scheme)) {
    await page.screenshot({ path: `${process.env.CONSOLE_IMAGES}/${file(name, width, scheme)}`, fullPage: name !== "events" && name !== "add-source" });
  }
  const found = [];
  const must = (holds, what) => holds || found.push(`${where}: ${what}`);
  must(/ · Penstock$/.test(await page.title()), "no title in the tab");
  must((await page.locator("main").innerText()).includes(title), `no ${title}`);
  must((await page.locator("h1").count()) === 1, "not one first heading");
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  must(sideways <= 0, `scrolls sideways by ${sideways}`);
  return [...found, ...await barriers(page, where)];
}

// kept says which pictures are worth their bytes: all when KEEP_ALL is set.
function kept(name, width, scheme) {
  if (process.env.KEEP_ALL) return true;
  if (brief) return false;
  if (scene === "empty") return name === "overview" && width === 1280 && scheme === "light";
  if (scene === "ten") return width === 1280 && scheme === "light" && name !== "not-there" && name !== "events-none" && name !== "events-found";
  return ["overview", "events"].includes(name) && (width === 390) === (scheme === "dark");
}

const file = (name, width, scheme) => ["console", scene, name, width, scheme].join("-") + ".png";
