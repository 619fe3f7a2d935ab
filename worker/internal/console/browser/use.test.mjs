// Uses the console as people do: signs in, searches, follows, replays, with the keyboard
// and without scripts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, patience, pull, send, signIn, tokens, until, url, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("signing in needs a token, and signing out ends it", async () => {
  const v = await visit(browser, { as: null });
  await v.go("/events?state=dead");
  await v.page.getByLabel("API token").fill("a guess");
  await v.page.getByRole("button", { name: "Sign in" }).click();
  await v.page.getByRole("alert").getByText("does not name this token").waitFor();
  v.complaints.length = 0; // the browser notes the 401
  await v.page.getByLabel("API token").fill(tokens.reader);
  await v.page.getByRole("button", { name: "Sign in" }).click();
  await v.page.waitForURL(`${url}/console/events?state=dead`);
  const [cookie] = await v.context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  assert.ok(!cookie.value.includes(tokens.reader));
  assert.equal(await v.page.evaluate(() => document.cookie), "");
  await v.page.getByRole("button", { name: "Sign out" }).click();
  await v.page.getByText("You are signed out.").waitFor();
  await v.context.addCookies([cookie]);
  await v.go("/events");
  assert.ok(v.page.url().includes("/sign-in"), "the old cookie is worth nothing");
  await v.leave();
});

test("an event that comes in shows up by itself, and says so", async () => {
  const v = await visit(browser);
  await v.go("/events?source=github");
  const before = await v.page.locator("tbody tr").count();
  await send("github", "release.published", "{}");
  await until(v.page, (n) => document.querySelectorAll("tbody tr").length === n, before + 1);
  await until(v.page, () => document.querySelector("tbody tr a").textContent === "release.published");
  await until(v.page, () => document.getElementById("said").textContent === "One new event.");
  await v.page.locator("tbody tr").first().getByText("delivered").waitFor();
  await v.page.getByRole("button", { name: "Live" }).click();
  await send("github", "release.deleted", "{}");
  await v.page.waitForTimeout(5000); // as long as two looks: nothing may change
  assert.equal(await v.page.locator("tbody tr").count(), before + 1, "it was told not to keep up to date");
  await v.leave();
});

test("a search is in the address, and comes back with it", async () => {
  const v = await visit(browser);
  await v.go("/events");
  await v.page.getByLabel("Type").fill("invoice.*");
  await v.page.getByLabel("Source").selectOption("stripe");
  await v.page.getByLabel("State").selectOption("dead");
  await v.page.getByRole("button", { name: "Search" }).click();
  await v.page.waitForURL(`${url}/console/events?type=invoice.*&source=stripe&state=dead`);
  assert.deepEqual(await v.page.locator("a.event-type").allInnerTexts(), ["invoice.payment_failed"]);
  await v.page.reload();
  assert.equal(await v.page.getByLabel("State").inputValue(), "dead");
  await v.page.getByRole("link", { name: "Clear" }).click();
  await v.page.waitForURL(`${url}/console/events`);
  await v.leave();
});

test("an event's page shows its course and its payload, and copies it as curl", async () => {
  const v = await visit(browser);
  await v.go("/events?find=evt_1PgaE4");
  await v.page.locator("a.event-type").click();
  await v.page.getByRole("heading", { name: "invoice.paid" }).waitFor();
  const course = v.page.getByRole("list", { name: /What happened on invoices/ });
  await course.getByText("Delivered").waitFor();
  await course.getByText("HTTP 200").waitFor();
  assert.match(await v.page.locator("pre#body").innerText(), /^\{\n {2}"id": "evt_1PgaE4",\n/);
  await v.page.getByRole("link", { name: "Raw" }).click();
  assert.match(await v.page.locator("pre#body").innerText(), /^\{"id":"evt_1PgaE4","object":"event"/);
  await v.page.getByRole("button", { name: "Copy as curl" }).click();
  await v.page.getByRole("button", { name: "Copied" }).first().waitFor();
  const copied = await v.page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl 'https:\/\/hooks\.example\.com\/in\/stripe' --header 'Content-Type: application\/json; charset=utf-8'/);
  const [download] = await Promise.all([v.page.waitForEvent("download"), v.page.getByRole("link", { name: "Download" }).click()]);
  assert.match(download.suggestedFilename(), /^[0-9a-f-]{36}\.json$/);
  await v.leave();
});

test("the keyboard alone is enough", async () => {
  const v = await visit(browser);
  const { page } = v;
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await accessible(page, "shortcuts");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.waitForURL(`${url}/console/events`);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.name), "find");
  await page.keyboard.type("evt_1PgaE1");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}/console/events?find=evt_1PgaE1`);
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "customer.created");
  await page.waitForTimeout(3000); // the list is looked at again meanwhile
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "customer.created", "the focus stays");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "customer.created" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.waitForURL(`${url}/console/dead`);
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("the selected 1").waitFor();
  await v.leave();
});

test("the theme can be chosen and is kept", async () => {
  const v = await visit(browser);
  await v.page.getByRole("button", { name: "Theme: System" }).click();
  await v.page.getByRole("button", { name: "Theme: Dark" }).waitFor();
  const background = await v.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(background, "rgb(15, 19, 24)");
  await v.go("/routes");
  await v.page.getByRole("button", { name: "Theme: Dark" }).waitFor();
  await v.leave();
});

test("a reader is offered nothing that he may not do", async () => {
  const v = await visit(browser, { as: "reader" });
  for (const path of ["/dead", "/destinations", "/events?state=dead"]) {
    await v.go(path);
    assert.equal(await v.page.getByRole("button", { name: /Replay|Discard|Pause/ }).count(), 0, path);
  }
  await v.leave();
});

test("another site can neither frame it nor act through it", async () => {
  const v = await visit(browser);
  const other = await v.context.newPage();
  await other.goto("data:text/html,<p>elsewhere</p>");
  const [answer] = await Promise.all([
    other.waitForResponse((r) => r.url().endsWith("/pause")),
    other.evaluate((to) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = to;
      document.body.append(form);
      form.submit();
    }, `${url}/console/destinations/billing/pause`),
  ]);
  assert.equal(answer.status(), 403);
  await v.go("/destinations");
  assert.equal(await v.page.getByText("paused", { exact: true }).count(), 0);
  v.complaints.length = 0; // the other page's own
  await v.leave();
});

test("a destination is paused and resumed, with a question first", async () => {
  const v = await visit(browser);
  await v.go("/destinations");
  await v.page.getByRole("button", { name: "Pause builds" }).click();
  const question = v.page.getByRole("dialog", { name: "Are you sure?" });
  await question.getByText("Pause the destination builds?").waitFor();
  await accessible(v.page, "question");
  await question.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await v.page.getByRole("button", { name: "Pause builds" }).count(), 1);
  await v.page.getByRole("button", { name: "Pause builds" }).click();
  await question.getByRole("button", { name: "Pause" }).click();
  await v.page.getByText("The destination is paused.").waitFor();
  const id = await send("github", "deployment.created", "{}");
  await v.go(`/events/${id}`).catch(() => {});
  await v.go("/destinations");
  await v.page.getByRole("button", { name: "Resume builds" }).click();
  await v.page.getByText("The destination is resumed.").waitFor();
  await v.go("/audit");
  await v.page.getByRole("row", { name: /pause/ }).first().getByText("anna").waitFor();
  v.complaints.splice(0, v.complaints.length, ...v.complaints.filter((c) => !c.includes(id))); // it may not have come in yet
  await v.leave();
});

test("dead letters are replayed in bulk, with progress, and then delivered", async () => {
  const v = await visit(browser);
  await pull("mend");
  await v.go("/dead?route=invoices");
  const letters = await v.page.locator("tbody tr").count();
  assert.ok(letters >= 2, `only ${letters} dead letters`);
  await v.page.locator('input[name=which][value=all]').check();
  await v.page.getByRole("button", { name: "Replay" }).click();
  await v.page.getByRole("dialog", { name: "Are you sure?" }).getByRole("button", { name: "Replay" }).click();
  await v.page.waitForURL(/\/console\/jobs\//);
  await v.page.locator(".badge.done").waitFor({ timeout: 2 * patience });
  await v.page.getByText(`${letters} of ${letters} replayed`).waitFor();
  await accessible(v.page, "job");
  await v.go("/dead?route=invoices");
  await until(v.page, () => { if (document.querySelector(".empty")) return true; setTimeout(() => location.reload(), 300); return false; });
  await v.go("/events?type=charge.failed");
  await v.page.locator(".badge.delivered").waitFor();
  await v.page.locator("a.event-type").click();
  const course = v.page.getByRole("list", { name: /What happened on invoices/ });
  for (const fact of ["Given up", "Replayed", "Delivered", "by anna"]) await course.getByText(fact).first().waitFor();
  await v.leave();
});

test("one event is replayed from its page", async () => {
  const v = await visit(browser);
  await v.go("/events?find=evt_1PgaE1");
  await v.page.locator("a.event-type").click();
  await v.page.getByLabel("Replay to").selectOption("invoices");
  await v.page.getByRole("button", { name: "Replay" }).click();
  await v.page.getByRole("dialog", { name: "Are you sure?" }).getByRole("button", { name: "Replay" }).click();
  await v.page.locator(".badge.done").waitFor({ timeout: 2 * patience });
  await v.page.getByRole("link", { name: "To the event" }).click();
  const course = v.page.getByRole("list", { name: /What happened on invoices/ });
  await until(v.page, () => document.querySelectorAll(".timeline > li.delivered").length === 2);
  await course.getByText("Replayed").waitFor();
  await v.leave();
});

test("without scripts everything works that changes or searches something", async () => {
  const v = await visit(browser, { as: null, scripts: false });
  await signIn(v, tokens.writer);
  await v.go("/events");
  await v.page.getByLabel("Type").fill("ping");
  await v.page.getByRole("button", { name: "Search" }).click();
  await v.page.locator("a.event-type").click();
  await v.page.getByRole("heading", { name: "ping" }).waitFor();
  await v.page.getByText("Filtered out").waitFor();
  await v.go("/destinations");
  await v.page.getByRole("button", { name: "Pause billing" }).click();
  await v.page.getByText("The destination is paused.").waitFor();
  await v.page.getByRole("button", { name: "Resume billing" }).click();
  await v.page.getByText("The destination is resumed.").waitFor();
  await v.go("/dead");
  await v.page.getByRole("button", { name: "Sign out" }).click();
  await v.page.getByText("You are signed out.").waitFor();
  await v.leave();
});

test("what the gateway refused is shown by its reasons", async () => {
  const v = await visit(browser);
  await v.go("/sources");
  await v.page.getByRole("row", { name: /stripe/ }).getByRole("link", { name: "6", exact: true }).click();
  await v.page.waitForURL(`${url}/console/sources/stripe#refused`);
  const reasons = v.page.getByRole("table", { name: "Refused requests by reason" });
  for (const [why, requests] of [["mismatch", 3], ["missing-signature", 1], ["malformed-signature", 1], ["stale", 1]]) {
    await reasons.getByRole("row", { name: new RegExp(` ${why} ${requests} `) }).waitFor();
  }
  await v.leave();
});

test("the help for a provider says what to paste", async () => {
  const v = await visit(browser);
  await v.go("/sources");
  await v.page.getByRole("link", { name: "Add a source" }).click();
  await v.page.getByRole("searchbox").fill("github");
  await v.page.keyboard.press("Enter");
  await v.page.getByRole("link", { name: "GitHub", exact: true }).click();
  await v.page.getByLabel("Name of the source").fill("github-eu");
  await v.page.getByRole("button", { name: "Use this name" }).click();
  await v.page.getByText("https://hooks.example.com/in/github-eu", { exact: true }).waitFor();
  await v.page.getByRole("listitem").filter({ hasText: "penstock.yaml" }).getByRole("button", { name: "Copy" }).click();
  await v.page.getByRole("button", { name: "Copied" }).waitFor();
  assert.match(await v.page.evaluate(() => navigator.clipboard.readText()), /^sources:\n {2}github-eu:\n {4}provider: github\n {4}secrets: \["\$\{GITHUB_EU_WEBHOOK_SECRET\}"\]/);
  await v.leave();
});
