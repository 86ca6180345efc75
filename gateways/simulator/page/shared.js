// What every part of the page uses.

export const words = JSON.parse(document.body.dataset.words);
export const at = (id) => document.getElementById(id);
export const fill = (word, values) => word.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
export const ENCODINGS = { gsm7: "GSM-7", ucs2: "UCS-2" };

const ZONE = { timeZone: "Asia/Ho_Chi_Minh" };
const LOCALE = document.documentElement.lang === "vi" ? "vi-VN" : "en-GB";
const TIME = new Intl.DateTimeFormat(LOCALE, { ...ZONE, timeStyle: "medium", hour12: false });
const SHORT_DAY = new Intl.DateTimeFormat(LOCALE, { ...ZONE, day: "2-digit", month: "2-digit" });
const DAY = new Intl.DateTimeFormat(LOCALE, { ...ZONE, dateStyle: "full" });

export const timeOf = (instant) => TIME.format(new Date(instant));

export function dayOf(instant) {
  const day = DAY.format(new Date(instant));
  return day === DAY.format(new Date()) ? words.today : day;
}

export function timeOrDay(instant) {
  return dayOf(instant) === words.today ? timeOf(instant) : SHORT_DAY.format(new Date(instant));
}

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function spaced(phone) {
  return phone.replace(/^(\+84)(\d{2})(\d{3})(\d{4})$/, "$1 $2 $3 $4");
}

export async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}
