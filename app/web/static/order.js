// Moving elements instead of numbering them. The numbers stay in the form, out of sight: they are what is sent.
// Nothing is numbered until something has been moved: an order nobody touched is an answer only when it is sent twice.

const list = () => document.querySelector("[data-order]");
const rows = () => [...list().children];
const place = (row) => row.querySelector("select");

function start() {
  const shown = list();
  if (!shown || shown.classList.contains("live")) return;
  shown.classList.add("live");
  for (const row of rows()) equip(row, shown.dataset);
  const form = shown.closest("form");
  form.querySelector("[data-without]").hidden = true;
  form.querySelector("[data-within]").hidden = false;
  arrange();
}

function equip(row, words) {
  const name = row.querySelector("label").textContent;
  const buttons = document.createElement("span");
  buttons.className = "moves";
  for (const [step, word] of [[-1, words.up], [1, words.down]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: word });
    button.dataset.move = step;
    button.setAttribute("aria-label", `${word} : ${name}`);
    buttons.append(button);
  }
  place(row).hidden = true;
  row.append(buttons);
}

// The rows in the order of their numbers, where all of them have one.
function arrange() {
  if (!list()) return;
  const numbered = rows().filter((row) => place(row).value);
  if (numbered.length === rows().length) {
    list().append(...numbered.sort((one, other) => place(one).value - place(other).value));
  }
  ends();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-move]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const row = button.closest("li");
  if (button.dataset.move < 0) row.previousElementSibling.before(row);
  else row.nextElementSibling.after(row);
  number();
  ends();
  button.focus();
  tell(row);
});

function number() {
  rows().forEach((each, index) => { place(each).value = index + 1; });
}

// The form is asked about first; sent again, it means the order as it stands.
document.addEventListener("submit", (event) => {
  const shown = list();
  if (!shown || event.target !== shown.closest("form") || event.submitter?.name === "skip") return;
  if (rows().some((row) => place(row).value)) return;
  if (shown.dataset.asked) number();
  shown.dataset.asked = "yes";
}, true);

// The first cannot go up nor the last down. The button keeps the focus it may have.
function ends() {
  for (const [index, row] of rows().entries()) {
    const [up, down] = row.querySelectorAll("[data-move]");
    up?.setAttribute("aria-disabled", String(index === 0));
    down?.setAttribute("aria-disabled", String(index === rows().length - 1));
  }
}

function tell(row) {
  const facts = { element: row.querySelector("label").textContent, place: place(row).value, count: rows().length };
  const sentence = list().dataset.moved.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  document.getElementById("announcer").textContent = sentence;
}

document.addEventListener("toise:question", start);
document.addEventListener("toise:filled", arrange);
start();
