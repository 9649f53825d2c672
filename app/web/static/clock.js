// The time left, second by second. The server's clock decides; this one only shows.

const HIDDEN = "toise:clock-hidden";
let end = 0;
let said = new Set();

const clock = () => document.querySelector(".clock");

function start() {
  const shown = clock();
  if (!shown) return;
  end = performance.now() + 1000 * Number(shown.dataset.secondsLeft);
  said = new Set([300, 60].filter((limit) => Number(shown.dataset.secondsLeft) <= limit));
  shown.open = remembered() !== "yes";
  shown.addEventListener("toggle", () => remember(shown.open ? "no" : "yes"));
  tick();
}

function tick() {
  const shown = clock();
  if (!shown) return;
  const left = Math.max(0, Math.round((end - performance.now()) / 1000));
  const [minutes, seconds] = shown.querySelectorAll("[data-clock] span");
  minutes.textContent = Math.floor(left / 60);
  seconds.textContent = String(left % 60).padStart(2, "0");
  warn(shown, left);
}

// Said once each, even when the clock is hidden: hiding it must not hide the end.
function warn(shown, left) {
  const sentences = { 300: shown.dataset.five, 60: shown.dataset.one, 0: shown.dataset.over };
  for (const limit of [300, 60, 0]) {
    if (left > limit || said.has(limit)) continue;
    said.add(limit);
    document.getElementById("announcer").textContent = sentences[limit];
    if (limit <= 60) shown.open = true;
  }
}

function remembered() {
  try { return sessionStorage.getItem(HIDDEN); } catch { return null; }
}

function remember(hidden) {
  try { sessionStorage.setItem(HIDDEN, hidden); } catch { /* the choice lasts one question only */ }
}

document.addEventListener("toise:question", start);
setInterval(tick, 1000);
start();
