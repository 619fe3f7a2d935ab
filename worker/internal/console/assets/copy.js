// Buttons that copy the text of an element.
import { say } from "./say.js";

export function offerCopies(root = document) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    if (button.dataset.ready) continue;
    button.dataset.ready = "yes";
    const label = button.textContent;
    button.addEventListener("click", () => copy(button, label));
  }
}

async function copy(button, label) {
  const text = document.getElementById(button.dataset.copy).textContent;
  const done = await write(text);
  button.textContent = done ? "Copied" : "Select it to copy";
  say(done ? "Copied." : "The browser does not let this page copy. Select the text instead.");
  setTimeout(() => { button.textContent = label; }, 1600);
}

// write prefers the clipboard's interface, which browsers keep for TLS and this machine.
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("aria-hidden", "true");
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
