// Times are relative to now, and go on while the page stands.
const units = [[86400 * 2, 86400, "d"], [3600, 3600, "h"], [60, 60, "min"], [0, 1, "s"]];

function length(seconds) {
  const [, size, name] = units.find(([from]) => seconds >= from);
  return `${Math.floor(seconds / size)} ${name}`;
}

export function relative(date, now = Date.now()) {
  const seconds = (now - date.getTime()) / 1000;
  if (seconds < 0) return `in ${length(-seconds)}`;
  return seconds < 2 ? "just now" : `${length(seconds)} ago`;
}

export function refreshTimes(root = document) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const text = relative(new Date(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

export function tellTimes() {
  setInterval(() => refreshTimes(), 5000);
}
