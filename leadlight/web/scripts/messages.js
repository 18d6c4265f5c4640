// Hide an offer to undo after ten seconds, but not while the pointer or the focus is on it. The
// history of a lead offers the undo for longer.

const SHOWN_MS = 10_000;
let waiting;

export function hideOffers() {
  wait();
  for (const name of ["mouseover", "mouseout", "focusin", "focusout"])
    document.addEventListener(name, ({ target }) => target.closest?.("#messages") && wait());
  document.addEventListener("htmx:oobAfterSwap", wait);
}

function wait() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const messages = document.getElementById("messages");
    if (messages?.querySelector("form") && !messages.matches(":hover, :focus-within"))
      messages.replaceChildren();
  }, SHOWN_MS);
}
