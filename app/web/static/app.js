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

// Files may be dropped anywhere on their form, not on the field alone.
for (const area of document.querySelectorAll("form:has(input[type=file])")) {
  const field = area.querySelector("input[type=file]");
  const frame = area.querySelector(".drop");
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    frame.classList.add("over");
  });
  for (const end of ["dragleave", "drop"]) area.addEventListener(end, () => frame.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
