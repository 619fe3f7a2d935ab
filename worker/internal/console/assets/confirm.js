// Asks before a form is sent that says so with data-confirm, on itself or on its button.
import { describeSelection } from "./select.js";

export function askFirst() {
  const dialogue = document.getElementById("confirm");
  if (!dialogue) return;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || form.dataset.sure) return;
    event.preventDefault();
    ask(dialogue, question.replace("{which}", describeSelection(form)), event.submitter).then((sure) => {
      if (!sure) return;
      form.dataset.sure = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.sure;
    });
  });
}

function ask(dialogue, question, button) {
  dialogue.querySelector("p").textContent = question;
  const yes = dialogue.querySelector('[value="yes"]');
  yes.textContent = button?.firstChild?.textContent.trim() || "Yes";
  return new Promise((answer) => {
    const end = (event) => { if (event.target.value) dialogue.close(event.target.value); };
    dialogue.returnValue = "";
    dialogue.addEventListener("click", end);
    dialogue.addEventListener("close", () => {
      dialogue.removeEventListener("click", end);
      answer(dialogue.returnValue === "yes");
    }, { once: true });
    dialogue.showModal();
  });
}
