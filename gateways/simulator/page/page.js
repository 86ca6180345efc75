// The citizens' phones, live: asks the simulator every second and shows what changed.
// Every word of a message enters the page as text, never as markup.

import { at, fill, read, spaced, words } from "/page/shared.js";
import { focusPhone, markPhone, showPhones, unreadPhones } from "/page/phones.js";
import { clearThread, showThread } from "/page/thread.js";

const POLL_MS = 1000;
const SURE_MS = 4000;
const COPIED_MS = 2000;
const TITLE = document.title;

let open = phoneInAddress();
let known = false; // whether there are phones, once the simulator has said so
let faultsShown = "";

function phoneInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // an address that someone cut
  }
}

function showFaults(behaviours) {
  const troubled = Object.entries(behaviours).filter(([, one]) => one.faults.length);
  const lines = troubled.map(([gateway, { faults }]) => fill(words.faults, {
    gateway,
    faults: faults.map((one) => `${one.kind} ${Math.round(one.share * 100)}%`).join(", "),
  }));
  if (lines.join() === faultsShown) return;
  faultsShown = lines.join();
  at("faults").replaceChildren(...lines.map((line) => {
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = line;
    return notice;
  }));
}

function showParts(any) {
  at("list").hidden = !any;
  at("welcome").hidden = any || open !== "" || !known;
  at("choose").hidden = !any || open !== "";
  at("phone").hidden = open === "";
  at("desk").classList.toggle("reading", open !== "");
  at("desk").classList.toggle("bare", !any);
}

async function look() {
  const phone = open;
  try {
    const [listed, behaviours, thread] = await Promise.all([
      read("/sim/phones"),
      read("/sim/behaviour"),
      phone ? read(`/sim/phones/${encodeURIComponent(phone)}`) : null,
    ]);
    known = true;
    at("offline").hidden = true;
    showFaults(behaviours);
    if (phone !== open) return; // another was chosen meanwhile, and is being read
    showPhones(listed, open);
    if (thread) showThread(thread);
    showParts(listed.phones.length > 0);
    const unread = unreadPhones();
    document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
  } catch {
    at("offline").hidden = false;
  }
}

async function poll() {
  if (!document.hidden) await look();
  setTimeout(poll, POLL_MS);
}

async function choose() {
  const before = open;
  open = phoneInAddress();
  // The other language shows the same phone.
  at("language").hash = location.hash;
  clearThread();
  at("phone-title").textContent = spaced(open);
  at("outcome").textContent = "";
  markPhone(open);
  showParts(!at("list").hidden);
  // On a narrow screen what was in use is gone: go on where the eye is.
  if (open && !at("list").offsetParent) at("phone-title").focus();
  if (!open && before) focusPhone(before);
  await look();
}

window.addEventListener("hashchange", choose);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
at("back").addEventListener("click", () => { location.hash = ""; });
at("phone").addEventListener("keydown", (event) => {
  if (event.key === "Escape") location.hash = "";
});

at("clear").addEventListener("click", async () => {
  const button = at("clear");
  if (!button.classList.contains("sure")) {
    button.classList.add("sure");
    button.textContent = words.clear_ask;
    setTimeout(() => { button.classList.remove("sure"); button.textContent = words.clear; }, SURE_MS);
    return;
  }
  await fetch("/sim/messages", { method: "DELETE" }).catch(() => {});
  location.hash = "";
  await look();
});

at("copy").hidden = !navigator.clipboard;
at("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(at("example").textContent);
  at("copy").textContent = words.copied;
  setTimeout(() => { at("copy").textContent = words.copy; }, COPIED_MS);
});

at("words").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("reply").requestSubmit();
  }
});

function tell(text, bad) {
  at("outcome").classList.toggle("bad", bad);
  at("outcome").textContent = text;
}

at("reply").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = at("reply").querySelector("button");
  if (button.disabled) return; // Enter, twice
  button.disabled = true;
  try {
    const answer = await fetch("/sim/reply", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ from: open, text: at("words").value }),
    });
    const told = await answer.json();
    if (answer.ok) {
      at("words").value = "";
      tell(words.reply_sent, false);
    } else {
      const reason = words[`error_${told.error.code}`] ?? told.error.message;
      tell(fill(words.reply_failed, { reason }), true);
    }
  } catch {
    tell(words.offline, true);
  }
  button.disabled = false;
  await look();
});

at("language").hash = location.hash;
at("phone-title").textContent = spaced(open);
at("phone").hidden = open === "";
poll();
