// A form with data-once is sent once: the second click of a double click finds the button off.
// The server gives one result either way; this only spares it the question.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) return;
  const buttons = event.target.querySelectorAll("button");
  // after the browser has read the form: a disabled button would not be sent
  setTimeout(() => buttons.forEach((button) => (button.disabled = true)), 0);
});

// a page kept whole by the browser is shown as it was: its buttons work again
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
