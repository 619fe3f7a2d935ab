// Selecting dead letters.
export function countSelected() {
  const form = document.querySelector("[data-selection]");
  const all = form?.querySelector("[data-all]");
  if (!all) return;
  const boxes = [...form.querySelectorAll('input[name="id"]')];
  const refresh = () => {
    const n = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-selected]").textContent = ` ${n}`;
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
    for (const box of boxes) box.closest("tr").classList.toggle("selected", box.checked);
  };
  all.hidden = false;
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; refresh(); });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "id") return;
    form.querySelector('[name="which"][value="selected"]').checked = true;
    refresh();
  });
  refresh();
}

// describeSelection says in words what a form is about to act on.
export function describeSelection(form) {
  const which = form.querySelector('[name="which"]:checked');
  if (which?.value === "all") return which.closest("label").textContent.trim();
  const n = form.querySelectorAll('input[name="id"]:checked').length;
  return n === 1 ? "1 dead letter" : `${n} dead letters`;
}
