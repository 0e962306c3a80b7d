/** Forms before the chat: a button to show the password, and a busy button while the form is on its way. */

for (const button of document.querySelectorAll("[data-shows]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.getAttribute("data-shows") ?? "");
    if (!(field instanceof HTMLInputElement)) return;
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}

for (const form of document.forms) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-busy", "true");
  });
}

// Coming back by the Back button brings the page as it was left, busy buttons included.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[type=submit][aria-busy]"))
    button.removeAttribute("aria-busy");
});
