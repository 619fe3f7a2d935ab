// Times are relative to now, and go on while the page stands; or those of this machine, or UTC, as is chosen. What is
// not shown is in the title.
const units = [[86400 * 2, 86400, "d"], [3600, 3600, "h"], [60, 60, "min"], [0, 1, "s"]];
const key = "penstock-times";

function length(seconds) {
  const [, size, name] = units.find(([from]) => seconds >= from);
  return `${Math.floor(seconds / size)} ${name}`;
}

export function relative(date, now = Date.now()) {
  const seconds = (now - date.getTime()) / 1000;
  if (seconds < 0) return `in ${length(-seconds)}`;
  return seconds < 2 ? "just now" : `${length(seconds)} ago`;
}

const two = (n) => String(n).padStart(2, "0");

export function local(date) {
  const offset = -date.getTimezoneOffset();
  const zone = `UTC${offset < 0 ? "\u2212" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

const utc = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

function choice() {
  try { return localStorage.getItem(key) ?? "relative"; } catch { return "relative"; } // a browser may forbid it
}

export function refreshTimes(root = document) {
  const shown = { local, utc }[choice()] ?? relative;
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    const text = shown(date);
    if (element.textContent !== text) element.textContent = text;
    const title = `${local(date)} (this machine)\n${utc(date)}`;
    if (element.title !== title) element.title = title;
  }
}

export function tellTimes() {
  for (const select of document.querySelectorAll("select[data-times]")) {
    select.closest("[hidden]")?.removeAttribute("hidden");
    select.value = choice();
    select.addEventListener("change", () => {
      try { localStorage.setItem(key, select.value); } catch { /* then it is for this page only */ }
      refreshTimes();
    });
  }
  refreshTimes();
  setInterval(() => refreshTimes(), 5000);
}
