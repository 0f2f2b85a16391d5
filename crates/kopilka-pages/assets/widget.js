// Kopilka on a shop's page: <script src="…/widget.js" data-key="pk_…" data-token="/loyalty/token" defer>.
// The page's own server answers data-token with a member's token; without one nothing of a member is shown.
(() => {
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const { key, token: tokenAddress, consent, lang } = script.dataset;
  const language = (lang || document.documentElement.lang || "en").startsWith("ru") ? "ru" : "en";
  const say = {
    en: {
      earn: (n) => `You will get ${n}`, have: (n) => `You have ${n}`, spend: "Spend points", upTo: (n) => `up to ${n}`,
      none: "No points can be spent on this order", pay: (m) => `${m} to pay`, copy: "Copy", copied: "Copied",
      link: "Your link for friends", open: "My points", close: "Close",
    },
    ru: {
      earn: (n) => `Вы получите ${n}`, have: (n) => `У вас ${n}`, spend: "Списать баллы", upTo: (n) => `до ${n}`,
      none: "На этот заказ баллы потратить нельзя", pay: (m) => `К оплате ${m}`, copy: "Скопировать", copied: "Скопировано",
      link: "Ваша ссылка для друзей", open: "Мои баллы", close: "Закрыть",
    },
  }[language];

  // What the program is called, in its own words.
  const asked = fetch(`${base}/widget/${encodeURIComponent(key)}`, { headers: { "Accept-Language": language } })
    .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);

  let session, asking;
  const now = () => Date.now() + 30000;
  function member() {
    if (!tokenAddress) return Promise.resolve(null);
    if (session && Date.parse(session.expires_at) > now()) return Promise.resolve(session);
    asking ??= fetch(tokenAddress, { method: "POST", credentials: "same-origin", headers: { Accept: "application/json" } })
      .then((answer) => (answer.status === 200 ? answer.json() : null))
      .catch(() => null)
      .then((got) => { asking = undefined; return (session = got?.token ? got : null); });
    return asking;
  }
  async function ask(path, body) {
    const who = await member();
    if (!who) return null;
    const headers = { Authorization: `Bearer ${who.token}`, "Accept-Language": language };
    if (body) headers["Content-Type"] = "application/json";
    const address = `${base}/v1${path.replace("{id}", encodeURIComponent(who.member))}`;
    const answer = await fetch(address, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) })
      .catch(() => null);
    if (answer?.status === 401) session = undefined;
    return answer?.ok ? answer.json() : null;
  }

  const number = (text) => new Intl.NumberFormat(language).format(Number(text));
  const rules = new Intl.PluralRules(language);
  async function points(text) {
    const [one, few, many] = (await asked)?.points ?? ["", "", ""];
    const form = { one, few, two: few }[rules.select(Math.abs(Number(text)))] ?? many;
    return `${number(text)}\u00a0${form}`;
  }
  async function money(text) {
    const currency = (await asked)?.currency;
    if (!currency) return text;
    return new Intl.NumberFormat(language, { style: "currency", currency, minimumFractionDigits: 0 }).format(Number(text));
  }

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; font: inherit; color: var(--kopilka-ink, inherit); min-height: 1.6em; }
    :host([hidden]) { display: none; }
    :host(kopilka-balance), :host(kopilka-earn) { display: inline-block; min-width: 9em; }
    :host(kopilka-spend) { min-height: 5.6em; } :host(kopilka-referral) { min-height: 4.8em; }
    :host(kopilka-launcher) { position: fixed; right: 16px; bottom: 16px; z-index: 2147483000; min-height: 0; }
    strong { color: var(--kopilka-accent, #9c4418); }
    label { display: block; margin: 0 0 .3em; } small { color: var(--kopilka-soft, #5a6070); }
    .row { display: flex; gap: .5em; align-items: center; flex-wrap: wrap; }
    input { font: inherit; color: inherit; background: var(--kopilka-field, Canvas); padding: .4em .6em; border: 1px solid var(--kopilka-line, #8a8f9c); border-radius: var(--kopilka-round, 8px); width: 8em; max-width: 100%; box-sizing: border-box; }
    .wide { flex: 1; width: auto; min-width: 8em; }
    button { font: inherit; font-weight: 600; padding: .55em 1em; min-height: 2.6em; border: 0; border-radius: var(--kopilka-round, 8px); background: var(--kopilka-accent, #9c4418); color: var(--kopilka-on-accent, #fff); cursor: pointer; }
    :focus-visible { outline: 3px solid var(--kopilka-focus, #1f5fbf); outline-offset: 2px; }
    dialog { border: 0; padding: 0; border-radius: 14px; width: min(440px, 100vw); height: min(720px, 92vh); margin: auto 16px 16px auto; overflow: hidden; box-shadow: 0 8px 40px rgb(0 0 0 / .3); }
    dialog::backdrop { background: rgb(0 0 0 / .25); }
    iframe { border: 0; width: 100%; height: calc(100% - 48px); display: block; } .top { height: 48px; display: flex; justify-content: flex-end; align-items: center; padding: 0 8px; }
  `);
  const make = (name, parts = {}, ...inside) => {
    const element = Object.assign(document.createElement(name), parts);
    element.append(...inside);
    return element;
  };

  class Piece extends HTMLElement {
    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.draw();
    }
    attributeChangedCallback() { if (this.shadowRoot) this.draw(); }
    show(...inside) { this.shadowRoot.replaceChildren(...inside); }
    // Of two drawings the later one stays, whichever answer comes first.
    turn() { return (this.turns = (this.turns ?? 0) + 1); }
    lines() {
      const cart = JSON.parse(this.getAttribute("cart") || "[]");
      return cart.map((line, i) => ({
        id: String(i + 1), sku: String(line.sku), quantity: String(line.quantity ?? 1), price: String(line.price),
        ...(line.category ? { category: String(line.category) } : {}),
      }));
    }
  }

  class Balance extends Piece {
    async draw() {
      const turn = this.turn();
      const got = await ask("/members/{id}/balance");
      if (turn !== this.turns) return;
      if (!got) return this.show();
      this.show(...bold(say.have, await points(got.available)));
    }
  }
  const bold = (sentence, part) => {
    const [before, after] = sentence("\u0000").split("\u0000");
    return [before, make("strong", { textContent: part }), after];
  };

  // Articles of one page are asked for together.
  let listed = [];
  function earning(sku, price) {
    return new Promise((done) => {
      listed.push({ sku, price, done });
      if (listed.length === 1) setTimeout(async () => {
        const all = listed; listed = [];
        for (let from = 0; from < all.length; from += 200) {
          const part = all.slice(from, from + 200);
          const got = await ask("/earnings", { items: part.map(({ sku, price }) => (price ? { sku, price } : { sku })) });
          part.forEach((one, i) => one.done(got?.earnings?.[i]?.points));
        }
      });
    });
  }
  class Earn extends Piece {
    static observedAttributes = ["sku", "price", "cart"];
    async draw() {
      const turn = this.turn();
      const [cart, sku] = [this.getAttribute("cart"), this.getAttribute("sku")];
      // One that names nothing yet would have the whole list refused.
      if (!cart && !sku) return this.show();
      const got = cart
        ? (await ask("/quote", { lines: this.lines() }).catch(() => null))?.earn_total
        : await earning(sku, this.getAttribute("price"));
      if (turn !== this.turns) return;
      if (!got || Number(got) <= 0) return this.show();
      this.show(...bold(say.earn, await points(got)));
    }
  }

  class Spend extends Piece {
    static formAssociated = true;
    static observedAttributes = ["cart"];
    constructor() { super(); this.form = this.attachInternals(); }
    async draw() {
      const turn = this.turn();
      this.form.setFormValue("");
      const most = this.getAttribute("cart") && (await ask("/quote", { lines: this.lines(), points: { mode: "max" } }));
      if (turn !== this.turns) return;
      if (!most) return this.show();
      const limit = most.spending?.limit ?? "0";
      if (Number(limit) <= 0) return this.show(make("small", { textContent: say.none }));
      const field = make("input", { type: "number", min: "0", max: limit, step: "any", inputMode: "decimal", id: "n" });
      const told = make("small", { role: "status" });
      const label = make("label", { htmlFor: "n" }, say.spend, " ", make("small", { textContent: say.upTo(await points(limit)) }));
      field.addEventListener("change", () => this.choose(field.value, told));
      this.show(label, make("div", { className: "row" }, field, told));
    }
    async choose(wanted, told) {
      const amount = Number(wanted) > 0 ? String(wanted) : "";
      const asked = { lines: this.lines(), ...(amount ? { points: { mode: "up_to", amount } } : {}) };
      const got = await ask("/quote", asked);
      const used = got && amount ? got.points_used : "";
      this.form.setFormValue(used);
      told.textContent = got ? say.pay(await money(got.to_pay)) : "";
      this.dispatchEvent(new CustomEvent("kopilka-spend", { bubbles: true, detail: { points: used, toPay: got?.to_pay } }));
    }
  }

  class Referral extends Piece {
    async draw() {
      const turn = this.turn();
      const got = await ask("/members/{id}");
      if (turn !== this.turns) return;
      if (!got) return this.show();
      const link = new URL(this.getAttribute("page") || "/", location.href);
      link.searchParams.set("ref", got.referral_code);
      const field = make("input", { readOnly: true, value: link.href, className: "wide", id: "l" });
      const copy = make("button", { type: "button", textContent: say.copy });
      copy.addEventListener("click", async () => {
        field.select();
        await navigator.clipboard?.writeText(link.href).catch(() => {});
        copy.textContent = say.copied;
      });
      this.show(make("label", { htmlFor: "l", textContent: say.link }), make("div", { className: "row" }, field, copy));
    }
  }

  class Launcher extends Piece {
    draw() {
      const open = make("button", { type: "button", textContent: this.getAttribute("label") || say.open });
      const close = make("button", { type: "button", textContent: say.close });
      const frame = make("iframe", { title: say.open });
      const dialog = make("dialog", { ariaLabel: say.open }, make("div", { className: "top" }, close), frame);
      open.addEventListener("click", async () => {
        const config = await asked;
        if (!config) return;
        const who = await member();
        // Behind the number sign no server sees or logs it.
        frame.src = `${base}${config.cabinet}${who ? `#member_token=${who.token}` : ""}`;
        dialog.showModal();
      });
      close.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => { frame.src = "about:blank"; open.focus(); });
      this.show(open, dialog);
    }
  }

  // By whose link the visitor came first; kept on the shop's own site, after consent where it asks for one.
  const KEPT = "kopilka_ref";
  const came = new URLSearchParams(location.search).get("ref");
  const keep = () => {
    try {
      if (/^[0-9a-z]{5,40}$/i.test(came ?? "") && !localStorage.getItem(KEPT)) localStorage.setItem(KEPT, came);
    } catch { /* Storage is closed to this page. */ }
  };
  if (consent === "required") addEventListener("kopilka-consent", keep);
  else keep();

  const pieces = { balance: Balance, earn: Earn, spend: Spend, referral: Referral, launcher: Launcher };
  window.Kopilka = {
    referral: () => { try { return localStorage.getItem(KEPT); } catch { return null; } },
    forget: () => { try { localStorage.removeItem(KEPT); } catch { /* Nothing was kept. */ } },
    refresh: () => {
      session = undefined;
      for (const name in pieces) for (const piece of document.querySelectorAll(`kopilka-${name}`)) piece.draw?.();
    },
  };
  for (const name in pieces) customElements.get(`kopilka-${name}`) ?? customElements.define(`kopilka-${name}`, pieces[name]);
})();
