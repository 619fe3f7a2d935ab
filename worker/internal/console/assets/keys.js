// The keyboard shortcuts; the list of them is in the dialogue that ? opens.
let leader = false; // g was pressed a moment ago

export function listenToKeys() {
  for (const button of document.querySelectorAll("[data-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target.matches("input, textarea, select")) return event.target.blur();
    if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select") || document.querySelector("dialog[open]")) return;
    if (act(event.key)) event.preventDefault();
  });
}

function act(key) {
  if (leader) {
    leader = false;
    return press(`g ${key}`);
  }
  switch (key) {
    case "g":
      leader = true;
      setTimeout(() => { leader = false; }, 1500);
      return true;
    case "?":
      document.getElementById("shortcuts")?.showModal();
      return true;
    case "/":
      return search();
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "x":
      return pick();
    default:
      return press(key);
  }
}

// press clicks what has the key.
function press(key) {
  const target = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key && !e.hidden);
  target?.click();
  return Boolean(target);
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.select();
  else return press("g e");
  return true;
}

const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr")];
const current = () => document.activeElement.closest("table[data-rows] tbody tr");

// move puts the focus on the link of the next row.
function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  const link = next.querySelector("a");
  link?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function pick() {
  const box = current()?.querySelector('input[type="checkbox"]');
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}
