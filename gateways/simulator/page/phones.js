// The list of phones: newest message first, one stop for the Tab key, arrows inside.

import { at, element, fill, spaced, timeOrDay, words } from "/page/shared.js";

const FINDABLE = 8; // from here on a list is looked through by typing

const seen = new Map(); // phone → the instant of the last message that was looked at
let first = true;
let listed = { phones: [], more: false };
let current = "";
let shown = "";

const list = at("phones");
const buttons = () => [...list.querySelectorAll("button")];
const isUnread = ({ phone, at: instant }) => phone !== current && seen.get(phone) !== instant;

export function showPhones(answer, open) {
  listed = answer;
  current = open;
  // What was there before the page was, is not new.
  if (first) for (const one of answer.phones) seen.set(one.phone, one.at);
  first = false;
  draw();
}

export function markPhone(open) {
  current = open;
  draw();
}

export const unreadPhones = () => listed.phones.filter(isUnread).length;

export function focusPhone(phone) {
  const button = buttons().find((one) => one.dataset.phone === phone);
  (button ?? at("list-title")).focus();
}

function draw() {
  for (const one of listed.phones) if (one.phone === current) seen.set(one.phone, one.at);
  const digits = at("find").value.replace(/\D/g, "").replace(/^0/, "");
  const found = listed.phones.filter((one) => one.phone.includes(digits));
  const state = JSON.stringify([found, current, listed.more, found.map(isUnread)]);
  if (state === shown) return;
  shown = state;
  const focused = list.contains(document.activeElement) && document.activeElement.dataset.phone;
  list.replaceChildren(...found.map(item));
  at("find").hidden = listed.phones.length < FINDABLE && !digits;
  at("phones-note").hidden = found.length > 0 && !listed.more;
  at("phones-note").textContent = found.length
    ? fill(words.phones_more, { n: listed.phones.length })
    : words.found_none;
  stop(focused || current);
  if (focused) buttons().find((one) => one.dataset.phone === focused)?.focus();
}

function item(one) {
  const unread = isUnread(one);
  const button = element("button", unread ? "unread" : "");
  button.type = "button";
  button.dataset.phone = one.phone;
  if (one.phone === current) button.setAttribute("aria-current", "true");
  button.append(
    element("strong", "", spaced(one.phone)),
    element("time", "", timeOrDay(one.at)),
    element("span", "last", one.text),
    element("span", "count", fill(words.messages, { n: one.messages })),
  );
  if (unread) button.append(element("span", "heard", words.unread));
  const made = element("li");
  made.append(button);
  return made;
}

function stop(phone) {
  // One of the buttons is the list's stop for the Tab key.
  const all = buttons();
  const chosen = all.find((one) => one.dataset.phone === phone) ?? all[0];
  for (const one of all) one.tabIndex = one === chosen ? 0 : -1;
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) location.hash = encodeURIComponent(button.dataset.phone);
});

list.addEventListener("focusin", (event) => stop(event.target.dataset.phone));

list.addEventListener("keydown", (event) => {
  const all = buttons();
  const here = all.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[Math.max(0, Math.min(to, all.length - 1))].focus();
});

at("find").addEventListener("input", draw);
