// Answering without leaving the page. The form works alone; everything here only adds to it.
// What must hold: one answer is sent once, never lost, and anything unexpected becomes ordinary navigation.

const KEPT = "toise:answer";
const PAUSES = [1, 2, 4, 8, 15, 30];
const LATER = new Set([429, 502, 503, 504]);

let pending = null; // {form, body, tries, timer}: the answer being delivered
let flying = false; // a request is on its way

const FIELDS = "[name=choice], [name=text], [name^=part], [data-move]";
const form = () => document.querySelector("form[data-answer]");
const say = (sentence) => { document.getElementById("delivery").textContent = sentence; };
const announce = (sentence) => { document.getElementById("announcer").textContent = sentence; };

document.addEventListener("submit", (event) => {
  if (pending && event.target.matches("[action='/test/finish']")) {
    event.preventDefault(); // not over the head of an answer that has not arrived
    return deliver();
  }
  if (event.target !== form() || event.target.dataset.plain) return;
  event.preventDefault();
  if (pending) return deliver();
  const body = new URLSearchParams(new FormData(event.target));
  const { name, value } = event.submitter ?? {};
  if (name) body.set(name, value);
  if (!body.has("skip") && !filled(body)) {
    say(event.target.dataset.empty);
    return;
  }
  hold(event.target, body);
  deliver();
});

const filled = (body) => [...body].some(([name, value]) => /^(choice|text|part\d)$/.test(name) && value.trim());

// The answer is frozen while it travels: what arrives is what was on the page when it was sent.
function hold(sent, body) {
  pending = { form: sent, body, tries: 0, timer: 0 };
  sent.setAttribute("aria-busy", "true");
  keep(body.toString());
}

async function deliver() {
  if (flying || !pending) return;
  clearTimeout(pending.timer);
  flying = true;
  try {
    const response = await fetch(pending.form.action, {
      method: "POST", body: pending.body, headers: { Accept: "text/html" },
      credentials: "same-origin", signal: AbortSignal.timeout(15000),
    });
    if (LATER.has(response.status)) postpone("busy", Number(response.headers.get("Retry-After")));
    else await receive(response);
  } catch {
    if (pending) postpone("offline");
    else location.assign("/test");
  } finally {
    flying = false;
  }
}

function postpone(reason, wait) {
  const { form: sent, tries } = pending;
  const seconds = Math.min(wait || PAUSES[Math.min(tries, PAUSES.length - 1)], 60);
  pending.tries += 1;
  pending.timer = setTimeout(deliver, 1000 * seconds);
  say(sent.dataset[reason]);
  sent.querySelector(".act").textContent = sent.dataset.again;
  sent.querySelector("[name=skip]").hidden = true;
  if (sent.querySelector(".task").contains(document.activeElement)) sent.querySelector(".act").focus();
  for (const input of sent.querySelectorAll(FIELDS)) input.disabled = true;
}

async function receive(response) {
  const html = response.headers.get("Content-Type")?.startsWith("text/html");
  const expected = response.ok || response.status === 409 || response.status === 422;
  if (!html || !expected) return leave();
  const text = await response.text();
  const next = new DOMParser().parseFromString(text, "text/html");
  const main = next.querySelector("main[data-page=question]");
  keep(null);
  pending = null;
  if (main) show(next, main);
  else location.assign(response.redirected ? response.url : "/test");
}

// Ordinary navigation with the same answer: the server says on a page of its own what it did not like.
function leave() {
  const { form: sent, body } = pending;
  for (const input of sent.querySelectorAll(FIELDS)) input.disabled = false;
  fill(sent, body);
  if (body.has("skip")) sent.append(Object.assign(document.createElement("input"), { type: "hidden", name: "skip", value: "1" }));
  sent.dataset.plain = "yes";
  keep(null);
  sent.submit();
}

function show(page, main) {
  document.querySelector("main").replaceWith(document.importNode(main, true));
  document.title = page.title;
  document.body.className = page.body.className;
  if (location.pathname !== "/test") history.replaceState(null, "", "/test");
  window.scrollTo(0, 0);
  const shown = document.querySelector("main");
  document.dispatchEvent(new Event("toise:question"));
  const lacking = [...shown.querySelectorAll("[aria-invalid=true]")].find((field) => field.checkVisibility());
  (lacking ?? shown.querySelector("h1")).focus({ preventScroll: !lacking });
  const told = document.getElementById("delivery").textContent;
  announce(told || (shown.querySelector("[data-notice], [data-received]")?.textContent ?? ""));
}

// A reload in the middle of a cut must not lose the answer: this tab remembers it until the server has it.
function keep(body) {
  try {
    if (body) sessionStorage.setItem(KEPT, body);
    else sessionStorage.removeItem(KEPT);
  } catch { /* storage refused: the page itself still holds the answer */ }
}

function recover() {
  let kept = null;
  try { kept = sessionStorage.getItem(KEPT); } catch { return; }
  const here = form();
  if (!kept || !here) return;
  const body = new URLSearchParams(kept);
  if (["session", "step"].some((name) => body.get(name) !== here.elements[name].value)) return keep(null);
  fill(here, body);
  if (here.elements.csrf_token) body.set("csrf_token", here.elements.csrf_token.value);
  hold(here, body);
  deliver();
}

// The answer as it was sent: the page may have been changed since.
function fill(sent, body) {
  for (const input of sent.querySelectorAll("[name=choice]")) input.checked = body.getAll("choice").includes(input.value);
  for (const input of sent.querySelectorAll("[name=text], [name^=part]")) input.value = body.get(input.name) ?? "";
  document.dispatchEvent(new Event("toise:filled"));
}

window.addEventListener("online", deliver);
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

document.addEventListener("keydown", (event) => {
  const here = form();
  if (!here || pending || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const target = event.target;
  if (target.matches("input[type=text], select, button, a, summary, [tabindex='0']")) return;
  const choices = here.querySelectorAll("[name=choice]");
  const choice = /^[1-9]$/.test(event.key) ? choices[event.key - 1] : null;
  if (choice) {
    choice.focus();
    choice.click();
    event.preventDefault();
  } else if (event.key === "Enter") {
    event.preventDefault();
    here.requestSubmit(here.querySelector(".act"));
  }
});

recover();
