// The sample shop's own script: a cart, and a checkout that the shop's server decides.
const cart = new Map(JSON.parse(sessionStorage.getItem("demo_cart") || "[]"));
const articles = new Map([...document.querySelectorAll("article")].map((one) => [one.dataset.sku, one.dataset]));
const [lines, empty, checkout, done] = ["lines", "empty", "checkout", "done"].map((id) => document.getElementById(id));

function draw() {
  sessionStorage.setItem("demo_cart", JSON.stringify([...cart]));
  lines.replaceChildren(...[...cart].map(([sku, count]) => {
    const item = document.createElement("li");
    const less = document.createElement("button");
    less.type = "button";
    less.textContent = "−";
    less.setAttribute("aria-label", `− ${articles.get(sku).name}`);
    less.addEventListener("click", () => { count > 1 ? cart.set(sku, count - 1) : cart.delete(sku); draw(); });
    item.append(`${articles.get(sku).name} × ${count} `, less);
    return item;
  }));
  empty.hidden = cart.size > 0;
  checkout.hidden = cart.size === 0;
  const told = [...cart].map(([sku, quantity]) => ({ sku, quantity: String(quantity), price: articles.get(sku).price, category: articles.get(sku).category }));
  for (const id of ["brings", "spend"]) {
    const piece = document.getElementById(id);
    if (told.length) piece.setAttribute("cart", JSON.stringify(told));
  }
}
for (const sku of cart.keys()) if (!articles.has(sku)) cart.delete(sku);
for (const button of document.querySelectorAll(".add")) {
  const { sku } = button.closest("article").dataset;
  button.addEventListener("click", () => { cart.set(sku, (cart.get(sku) ?? 0) + 1); done.textContent = ""; draw(); });
}
checkout.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { lines: [...cart].map(([sku, quantity]) => ({ sku, quantity })), points: String(new FormData(checkout).get("points") ?? "") };
  const answer = await fetch("/demo/shop/order", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) { done.textContent = `${done.dataset.failed} ${told.detail ?? ""}`; return; }
  cart.clear();
  // Whoever came by a friend's link is that friend's when they join.
document.getElementById("join")?.addEventListener("submit", (event) => { event.target.ref.value = window.Kopilka?.referral() ?? ""; });
draw();
  done.textContent = done.dataset.text.replace("[paid]", told.to_pay).replace("[used]", told.points_used).replace("[earned]", told.earned);
  window.Kopilka?.refresh();
});
// Whoever came by a friend's link is that friend's when they join.
document.getElementById("join")?.addEventListener("submit", (event) => { event.target.ref.value = window.Kopilka?.referral() ?? ""; });
draw();
