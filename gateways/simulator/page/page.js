"use strict";
// The citizens' phones, live. Every word of a message enters the page as text, never as markup.

(() => {
  const words = JSON.parse(document.body.dataset.words);
  const language = document.documentElement.lang;
  const at = (id) => document.getElementById(id);
  const POLL_MS = 1000;
  const SURE_MS = 4000;
  const WATCHED_FROM_BOTTOM_PX = 80;

  const shown = { phone: phoneInAddress(), phones: "", thread: "", faults: "", items: new Map() };

  const fill = (word, values) => word.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  function phoneInAddress() {
    return decodeURIComponent(location.hash.slice(1));
  }

  function clock(instant) {
    const zone = "Asia/Ho_Chi_Minh";
    const locale = language === "vi" ? "vi-VN" : "en-GB";
    const day = (date) => date.toLocaleDateString(locale, { timeZone: zone });
    const then = new Date(instant);
    const time = then.toLocaleTimeString(locale, { timeZone: zone, hour12: false });
    return day(then) === day(new Date()) ? time : `${day(then)} ${time}`;
  }

  function spaced(phone) {
    return phone.replace(/^(\+84)(\d{2})(\d{3})(\d{4})$/, "$1 $2 $3 $4");
  }

  async function read(path) {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.text();
  }

  function showPhones(text) {
    if (text === shown.phones) return;
    shown.phones = text;
    const { phones } = JSON.parse(text);
    const focused = document.activeElement?.dataset?.phone;
    at("phones").replaceChildren(...phones.map(phoneItem));
    at("clear").hidden = phones.length === 0;
    if (focused) at("phones").querySelector(`[data-phone="${CSS.escape(focused)}"]`)?.focus();
    showParts();
  }

  function phoneItem(phone) {
    const button = element("button");
    button.type = "button";
    button.dataset.phone = phone.phone;
    button.setAttribute("aria-current", String(phone.phone === shown.phone));
    button.append(
      element("strong", "", spaced(phone.phone)),
      element("time", "", clock(phone.at)),
      element("span", "last", phone.text),
      element("span", "count", fill(words.messages, { n: phone.messages })),
    );
    button.addEventListener("click", () => { location.hash = encodeURIComponent(phone.phone); });
    const item = element("li");
    item.append(button);
    return item;
  }

  function showThread(text) {
    if (text === shown.thread) return;
    shown.thread = text;
    const { phone, thread } = JSON.parse(text);
    const list = at("thread");
    const watched =
      list.scrollHeight - list.scrollTop - list.clientHeight < WATCHED_FROM_BOTTOM_PX;
    const ids = new Set(thread.map((one) => one.id));
    for (const [id, item] of shown.items) {
      if (!ids.has(id)) { item.remove(); shown.items.delete(id); }
    }
    for (const one of thread) {
      if (!shown.items.has(one.id)) {
        const item = bubble(one);
        shown.items.set(one.id, item);
        list.append(item);
      }
      const meta = metaOf(one);
      const old = shown.items.get(one.id).lastChild;
      if (old.textContent !== meta.textContent) old.replaceWith(meta);
    }
    at("thread-title").textContent = spaced(phone);
    const last = thread.filter((one) => one.kind === "message").at(-1);
    at("sender").textContent = last ? last.sender : "";
    if (watched) list.scrollTop = list.scrollHeight;
  }

  function bubble(one) {
    const item = element("li", one.kind);
    item.append(element("p", "bubble", one.text), element("p", "meta"));
    return item;
  }

  function metaOf(one) {
    const meta = element("p", "meta");
    const add = (text, className) => meta.append(element("span", className, text));
    add(one.kind === "message" ? one.sender : words.you);
    add(clock(one.at));
    add(one.gateway);
    add(fill(words.segments, { n: one.segments }));
    if (one.kind === "message") {
      add(one.encoding === "gsm7" ? "GSM-7" : "UCS-2");
      const good = one.status === "delivered" ? "done" : "";
      add(words[`status_${one.status}`], one.status === "undelivered" ? "bad" : good);
    } else if (one.http_status < 200 || one.http_status > 299) {
      add(words.reply_undelivered, "bad");
    }
    return meta;
  }

  function showFaults(text) {
    if (text === shown.faults) return;
    shown.faults = text;
    const troubled = Object.entries(JSON.parse(text)).filter(([, one]) => one.faults.length);
    at("faults").replaceChildren(...troubled.map(([gateway, one]) => element("p", "notice", fill(
      words.faults,
      { gateway, faults: one.faults.map((f) => `${f.kind} ${Math.round(f.share * 100)}%`).join(", ") },
    ))));
  }

  function showParts() {
    const any = shown.phones !== "" && JSON.parse(shown.phones).phones.length > 0;
    const open = shown.phone !== "";
    at("empty").hidden = any || open || shown.phones === "";
    at("choose").hidden = !any || open;
    at("conversation").hidden = !open;
    at("desk").classList.toggle("reading", open);
    at("desk").classList.toggle("bare", !any && !open);
    for (const button of at("phones").querySelectorAll("button")) {
      button.setAttribute("aria-current", String(button.dataset.phone === shown.phone));
    }
  }

  async function look() {
    const phone = shown.phone;
    try {
      const [phones, faults, thread] = await Promise.all([
        read("/sim/phones"),
        read("/sim/behaviour"),
        phone ? read(`/sim/phones/${encodeURIComponent(phone)}`) : "",
      ]);
      at("offline").hidden = true;
      showPhones(phones);
      showFaults(faults);
      if (thread && phone === shown.phone) showThread(thread);
    } catch {
      at("offline").hidden = false;
    }
  }

  async function poll() {
    if (!document.hidden) await look();
    setTimeout(poll, POLL_MS);
  }

  window.addEventListener("hashchange", () => {
    shown.phone = phoneInAddress();
    shown.thread = "";
    shown.items.clear();
    at("thread").replaceChildren();
    at("thread-title").textContent = spaced(shown.phone) || words.thread;
    at("outcome").textContent = "";
    showParts();
    look();
  });

  at("back").addEventListener("click", () => { location.hash = ""; });

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
    look();
  });

  at("words").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      at("reply").requestSubmit();
    }
  });

  at("reply").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = at("reply").querySelector("button");
    const outcome = at("outcome");
    button.disabled = true;
    try {
      const answer = await fetch("/sim/reply", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ from: shown.phone, text: at("words").value }),
      });
      const told = await answer.json();
      outcome.classList.toggle("bad", !answer.ok);
      outcome.textContent = answer.ok
        ? words.reply_sent
        : fill(words.reply_failed, { reason: told.error.message });
      if (answer.ok) at("words").value = "";
    } catch {
      outcome.classList.add("bad");
      outcome.textContent = words.offline;
    }
    button.disabled = false;
    look();
  });

  showParts();
  poll();
})();
