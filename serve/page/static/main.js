// The entry: two views in one page, a key, and what judges now.
import { call, keyDialog } from "./api.js";
import { decideView } from "./decide.js";
import { $ } from "./dom.js";
import { reviewView } from "./review.js";
import { SOURCES, labels, notice } from "./words.js";

const decide = decideView({ decided: countWaiting });
const review = reviewView({ counted: showWaiting });
const views = { decide: { ...decide, title: "判定" }, review: { ...review, title: "复核队列" } };

function current() {
  return location.hash === "#review" ? "review" : "decide";
}

function show({ focus }) {
  const name = current();
  for (const one of Object.keys(views)) {
    $(`view-${one}`).hidden = one !== name;
    if (one === name) $(`nav-${one}`).setAttribute("aria-current", "page");
    else $(`nav-${one}`).removeAttribute("aria-current");
  }
  document.title = `${views[name].title} · 投诉分拣`;
  if (focus) $(`${name}-title`).focus();
  views[name].opened();
}

function showWaiting(total) {
  $("waiting").hidden = total === null;
  $("waiting").textContent = total === null ? "" : String(total);
}

async function countWaiting() {
  // A key that may predict alone has no queue to count; the queue itself says so when it is opened.
  const page = await call("/v1/review?limit=1").catch(() => null);
  showWaiting(page ? page.total : null);
}

async function showStatus() {
  const state = await call("/readyz").catch(() => null);
  const line = $("status");
  line.classList.toggle("warns", state === null || state.degraded.length > 0);
  line.textContent = state === null ? "服务未就绪" : SOURCES[state.source];
  line.title = state === null ? "" : [...state.degraded.map(notice), `模型 ${state.model_version}`].join("\n");
}

async function start() {
  showStatus();
  try {
    labels.set(await call("/v1/taxonomy"));
    decide.labelled();
    review.labelled();
    show({ focus: false });
    await countWaiting();
  } catch (error) {
    show({ focus: false });
    decide.failed(error);
    review.failed(error);
  }
}

keyDialog(start);
addEventListener("hashchange", () => { if (location.hash !== "#main") show({ focus: true }); });
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("main").focus();
});
await start();
document.documentElement.dataset.ready = "true";
