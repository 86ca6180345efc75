// The little that a form alone cannot do: the preview while one types, and chips that insert.
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
      if (answer.ok && !answer.redirected) shown.innerHTML = await answer.text();
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
