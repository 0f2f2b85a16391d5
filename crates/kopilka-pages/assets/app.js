// What pages do beyond their forms. Every page works without it.

// A form is sent once: a second click while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// On a phone a row of a list is shown as a card, each cell beside its column's heading: cells are told it here.
for (const table of document.querySelectorAll(".table:not(.matrix) > table")) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
  for (const row of table.querySelectorAll("tbody > tr, tfoot > tr")) {
    [...row.cells].forEach((cell, i) => {
      if (cell.tagName === "TD" && heads[i]) cell.dataset.label = heads[i];
      const shows = cell.textContent.trim() || cell.querySelector("input, select, textarea, button, img, svg");
      if (!shows) cell.classList.add("nothing");
    });
  }
  if (heads.length) table.classList.add("stacks");
}

// The tab that is open stands in sight where the row of tabs is longer than the screen.
for (const here of document.querySelectorAll(".tabs > [aria-current]")) here.parentElement.scrollLeft = here.offsetLeft - 24;

// A card is dragged to its place among its neighbours; by the keyboard its links do the same, a step at a time.
const move = document.querySelector("form#move");
for (const card of move ? document.querySelectorAll("[data-at]") : []) {
  const list = (one) => one?.dataset.at.replace(/\/\d+$/, "");
  const grip = document.createElement("span");
  Object.assign(grip, { className: "grip", draggable: true, title: move.dataset.hint, textContent: "⠿" });
  grip.setAttribute("aria-hidden", "true");
  card.querySelector(".head").prepend(grip);
  grip.addEventListener("dragstart", (event) => {
    move.elements.at.value = card.dataset.at;
    event.dataTransfer.setData("text/plain", card.dataset.at);
    event.dataTransfer.setDragImage(card, 12, 12);
    card.classList.add("dragged");
  });
  grip.addEventListener("dragend", () => {
    move.elements.at.value = "";
    document.querySelectorAll(".dragged, .over").forEach((one) => one.classList.remove("dragged", "over"));
  });
  const takes = () => move.elements.at.value && move.elements.at.value !== card.dataset.at
    && move.elements.at.value.replace(/\/\d+$/, "") === list(card);
  card.addEventListener("dragover", (event) => {
    if (!takes()) return;
    event.preventDefault();
    card.classList.add("over");
  });
  card.addEventListener("dragleave", () => card.classList.remove("over"));
  card.addEventListener("drop", (event) => {
    if (!takes()) return;
    event.preventDefault();
    move.elements.to.value = card.dataset.at.match(/\d+$/)[0];
    move.submit();
  });
}

// An open menu closes by Escape and by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Questions before what cannot be undone: <form data-ask="…">.
document.addEventListener("submit", (event) => {
  const ask = event.target.dataset?.ask;
  if (ask && !confirm(ask)) event.preventDefault();
}, true);

// Parts of a page that follow a form as it is filled: <form data-live="#goal" data-live-url="…">.
for (const form of document.querySelectorAll("form[data-live]")) {
  const goal = document.querySelector(form.dataset.live);
  let timer, running;
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    goal.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.liveUrl, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal,
        headers: { "X-Part": "1" },
      });
      if (answer.headers.get("content-type")?.startsWith("text/html")) goal.innerHTML = await answer.text();
      goal.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name !== "AbortError") goal.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 350); });
}

// What changes by itself: <div id data-follow="/address">, asked again until it says that it has come to its end.
const follow = (part) => setTimeout(async () => {
  try {
    const answer = await fetch(part.dataset.follow, { headers: { "X-Part": "1" } });
    if (!answer.ok) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const next = fresh.content.querySelector(`#${part.id}`);
    // At the end other buttons are offered: the whole page is asked for.
    if (!next?.dataset.follow) return location.reload();
    part.replaceWith(next);
    follow(next);
  } catch { follow(part); }
}, 1500);
document.querySelectorAll("[data-follow]").forEach(follow);
