// The little that a form alone cannot do: the preview while one types, chips that insert,
// one tick for many, and a look at
// the password that one types.
"use strict";

const WAIT_MS = 250;

document.documentElement.classList.add("scripted");

const editor = document.getElementById("editor");
const shown = document.getElementById("preview");

function previewing(form, text) {
  let timer = 0;
  let asked = null;
  async function ask() {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: asked.signal,
      });
      const told = (answer.ok && !answer.redirected) || answer.status === 401;
      if (told) shown.innerHTML = await answer.text();
    } catch {
      // The next letter asks again.
    }
  }
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
}

if (editor !== null && shown !== null) {
  const text = editor.elements.namedItem("text");
  previewing(editor, text);
  for (const chip of editor.querySelectorAll("[data-insert]")) {
    chip.addEventListener("click", () => {
      text.setRangeText(chip.dataset.insert, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      text.dispatchEvent(new Event("input"));
    });
  }
}

// A page that is only on the way.
document.querySelector("form[data-go]")?.requestSubmit();

// One tick for all that stand below it.
for (const all of document.querySelectorAll("[data-all]")) {
  const form = all.closest("form");
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const one of form.querySelectorAll(`[name=${all.dataset.all}]`)) one.checked = all.checked;
  });
}

// Passwords are seen while one wants it; no browser keeps what was sent as a password.
for (const tick of document.querySelectorAll("[data-reveal]")) {
  const form = tick.closest("form");
  const passwords = form.querySelectorAll("input[type=password]");
  tick.closest("[hidden]").hidden = false;
  tick.addEventListener("change", () => {
    for (const one of passwords) one.type = tick.checked ? "text" : "password";
  });
  form.addEventListener("submit", () => {
    for (const one of passwords) one.type = "password";
  });
}

// A field in another's form: its Enter presses its own button.
for (const field of document.querySelectorAll("[data-enter]")) {
  field.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Enter") return;
    pressed.preventDefault();
    document.getElementById(field.dataset.enter).click();
  });
}
