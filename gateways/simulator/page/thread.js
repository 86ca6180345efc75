// One phone's messages and the citizen's replies, and how each text went on the air.

import {
  ENCODINGS, at, dayOf, element, fill, read, spaced, timeOf, words,
} from "/page/shared.js";

const WATCHED_FROM_BOTTOM_PX = 80;

const frame = at("thread");
const list = at("bubbles");
const items = new Map(); // id → the item shown
let shown = "";
let watched = true; // the newest message is in sight, and stays so

export function clearThread() {
  shown = "";
  watched = true;
  items.clear();
  list.replaceChildren();
  at("sender").textContent = "";
  at("newer").hidden = true;
  at("older").hidden = true;
  at("silent").hidden = true;
}

export function showThread(answer) {
  const state = JSON.stringify(answer);
  if (state === shown) return;
  const filling = shown === "";
  shown = state;
  const { phone, thread, more } = answer;
  at("phone-title").textContent = spaced(phone);
  at("sender").textContent = thread.findLast((one) => one.kind === "message")?.sender ?? "";
  at("older").hidden = !more;
  at("older").textContent = fill(words.older, { n: thread.length });
  at("silent").hidden = thread.length > 0;
  frame.hidden = thread.length === 0;
  // A thread that is opened is not read out from its beginning.
  frame.setAttribute("aria-live", filling ? "off" : "polite");
  const added = draw(thread, filling);
  if (watched) frame.scrollTop = frame.scrollHeight;
  at("newer").hidden = watched || !(added || !at("newer").hidden);
}

function draw(thread, filling) {
  const ids = new Set(thread.map((one) => one.id));
  for (const [id, item] of items) {
    if (!ids.has(id)) { item.remove(); items.delete(id); }
  }
  for (const day of list.querySelectorAll(".day")) day.remove();
  let added = 0;
  let before = null;
  for (const one of thread) {
    let item = items.get(one.id);
    if (!item) {
      item = bubble(one);
      if (!filling) item.classList.add("fresh");
      items.set(one.id, item);
      list.append(item);
      added += 1;
    }
    const day = dayOf(one.at);
    if (!before || dayOf(before.at) !== day) item.before(element("li", "day", day));
    item.querySelector(".from").hidden = before !== null && fromOf(before) === fromOf(one);
    const meta = metaOf(one);
    const old = item.querySelector(".meta");
    if (old.textContent !== meta.textContent) old.replaceWith(meta);
    before = one;
  }
  return added;
}

const fromOf = (one) => (one.kind === "message" ? one.sender : words.you);

function bubble(one) {
  const item = element("li", one.kind);
  item.append(element("p", "from", fromOf(one)), element("p", "bubble", one.text), metaOf(one));
  if (one.kind === "message") item.append(packing(one));
  return item;
}

function metaOf(one) {
  const meta = element("p", "meta");
  const add = (text, className) => meta.append(element("span", className, text), " ");
  add(timeOf(one.at));
  add(one.gateway);
  if (one.kind === "message") {
    const tones = { delivered: "done", undelivered: "bad" };
    add(words[`status_${one.status}`], tones[one.status] ?? "");
  } else {
    add(fill(words.segments, { n: one.segments }));
    if (one.http_status < 200 || one.http_status > 299) add(words.reply_refused, "bad");
  }
  return meta;
}

// How a text was packed: asked for when someone looks.
function packing(one) {
  const details = element("details", "packing");
  const summary = element("summary");
  summary.append(
    element("span", `encoding ${one.encoding}`, ENCODINGS[one.encoding]),
    " ",
    element("span", "", fill(words.segments, { n: one.segments })),
  );
  details.append(summary);
  details.addEventListener("toggle", async () => {
    if (!details.open || details.children.length > 1) return;
    const row = await read(`/sim/messages/${one.id}`).catch(() => null);
    if (row) details.append(...packed(row));
    else details.open = false;
  });
  return details;
}

function packed(row) {
  const parts = element("ol", "parts");
  for (const { text, units, room } of row.parts) {
    const part = element("li");
    part.append(element("span", "", text), element("span", "room", `${units}/${room}`));
    parts.append(part);
  }
  const made = [parts, element("p", "", words[`packed_${row.encoding}`])];
  if (row.forcing.length) {
    made.push(element("p", "", `${words.forcing} ${row.forcing.join(" ")}`));
    const { encoding, segments, text } = row.toneless;
    made.push(
      element("p", "", fill(words.toneless, { encoding: ENCODINGS[encoding], n: segments })),
      element("p", "plain", text),
    );
  }
  return made;
}

frame.addEventListener("scroll", () => {
  watched = frame.scrollHeight - frame.scrollTop - frame.clientHeight < WATCHED_FROM_BOTTOM_PX;
  if (watched) at("newer").hidden = true;
});

at("newer").addEventListener("click", () => { frame.scrollTop = frame.scrollHeight; });

// A keyboard that opens, or a window that shrinks, must not hide the newest message.
new ResizeObserver(() => { if (watched) frame.scrollTop = frame.scrollHeight; }).observe(frame);
