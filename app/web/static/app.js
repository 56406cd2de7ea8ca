// Comforts only: every page works without this file.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue; // Only offered over HTTPS and on localhost.
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    document.getElementById("copied").textContent = button.dataset.copied;
    button.textContent = button.dataset.copied;
  });
}

// A second press would send the same work again; the service would not charge it, but why wait twice.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button.primary");
    if (button) button.setAttribute("aria-busy", "true");
  });
}
