// Drafts: what is typed into a control with `data-draft` is kept in this browser until its form is
// sent, so that a closed page or a lost connection loses nothing.

const PREFIX = "leadlight-draft:";

function keyOf(control) {
  const form = control.form?.dataset.draftKey;
  return form && `${PREFIX}${form}:${control.name}`;
}

export function keepDrafts() {
  document.addEventListener("input", ({ target }) => {
    const key = target.matches?.("[data-draft]") && keyOf(target);
    if (!key) return;
    if (target.value === target.defaultValue) localStorage.removeItem(key);
    else localStorage.setItem(key, target.value);
  });
  // Sent by the browser: the next page shows the result, or the form with what was typed.
  document.addEventListener("submit", ({ target }) => {
    if (!target.closest("[hx-post]")) forget(target);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && detail.elt.matches("form")) forget(detail.elt);
  });
  document.addEventListener("click", ({ target }) => {
    const form = target.closest?.("[data-cancel]") && target.closest("form");
    if (form) forget(form);
  });
}

function forget(form) {
  for (const control of form.querySelectorAll("[data-draft]")) {
    const key = keyOf(control);
    if (key) localStorage.removeItem(key);
  }
}

export function restoreDrafts(part) {
  for (const control of part.querySelectorAll("[data-draft]")) {
    const key = keyOf(control);
    const draft = key && localStorage.getItem(key);
    if (!draft || draft === control.value) continue;
    control.value = draft;
    const panel = control.closest("details");
    if (panel) panel.open = true;
  }
}
