// Strangers write payloads, header fields and types. Whatever they write, it is text.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brief, launch, send, visit } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// Each of them would set window.hit, were it ever taken for HTML or a script.
const attacks = [
  "<script>window.hit=1</script>",
  "</pre></span><img src=x onerror=window.hit=1>",
  "<svg onload=window.hit=1><animate onbegin=window.hit=1 attributeName=x dur=1s>",
  "\"'><iframe srcdoc=\"<script>parent.hit=1</script>\">",
  "javascript:window.hit=1",
  "</title></style></textarea></noscript><script>window.hit=1</script>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.hit=1&gt;\">",
  "{{.}}${window.hit=1}`<a href=javascript:window.hit=1 autofocus onfocus=window.hit=1 tabindex=1>",
  "\u202e<b>\u0000\ufeff<script\u2028>window.hit=1</script>",
  "<meta http-equiv=refresh content=\"0;url=javascript:window.hit=1\"><base href=//evil.example/>",
  "<form action=//evil.example><button autofocus>x</button></form><link rel=stylesheet href=//evil.example/x.css>",
];

for (const [i, attack] of (brief ? attacks.slice(0, 2) : attacks).entries()) {
  test(`attack ${i + 1} stays text: ${JSON.stringify(attack).slice(0, 50)}`, async () => {
    const name = `attack.${i}.${attack}`.slice(0, 120);
    const header = [["Content-Type", "application/json"], ["X-Attack", attack], [attack.replace(/[\s:]/g, ""), "value"], ["User-Agent", attack]];
    const ids = [
      await send("partner", name, JSON.stringify({ [attack]: attack, nested: [attack] }), header),
      await send("partner", name, attack, [["Content-Type", "text/html"]]),
      await send("partner", name, `${encodeURIComponent(attack)}=${encodeURIComponent(attack)}`, [["Content-Type", "application/x-www-form-urlencoded"]]),
      await send("partner", name, attack, [["Content-Type", attack]]),
    ];
    const v = await visit(browser);
    for (const id of ids) {
      await came(v, id);
      for (const as of ["pretty", "raw", "hex"]) {
        await v.go(`/events/${id}?as=${as}`);
        await harmless(v, attack);
      }
      await v.page.getByText("Show the command").click();
      await harmless(v, attack);
    }
    for (const path of ["/events?source=partner", `/events?type=${encodeURIComponent(attack)}`, `/events?find=${encodeURIComponent(attack)}`, `/add?find=${encodeURIComponent(attack)}`]) {
      await v.go(path);
      await harmless(v, attack);
    }
    const answer = await v.context.request.get(`${v.page.url().split("/console")[0]}/console/events/${ids[1]}/payload`);
    assert.equal(answer.headers()["content-type"], "application/octet-stream");
    assert.match(answer.headers()["content-disposition"], /^attachment/);
    v.complaints.splice(0, v.complaints.length, ...v.complaints.filter((c) => !/40[04]/.test(c))); // not in yet, or no such filter
    await v.leave();
  });
}

// came waits until the tracker knows the event and can show it.
async function came(v, id) {
  for (let i = 0; i < 100; i++) {
    const answer = await v.go(`/events/${id}`);
    if (answer.status() === 200 && (await v.page.getByRole("heading", { name: "Payload" }).count())) return;
    await v.page.waitForTimeout(300);
  }
  assert.fail(`event ${id} did not come in`);
}

async function harmless({ page }, attack) {
  assert.equal(await page.evaluate(() => window.hit), undefined, attack);
  const foreign = await page.evaluate(() => [...document.querySelectorAll(
    "main script, main iframe, main img, main math, main style, main link, main meta, main base, main [onerror], main [onload], main [onfocus], [href^='javascript:'], form[action*='evil']",
  )].map((e) => e.outerHTML));
  assert.deepEqual(foreign, [], attack);
}
