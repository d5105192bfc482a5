// The second view: decisions that wait for a person, and the rows to correct them.
import { call, showError } from "./api.js";
import { notices, verdict } from "./decision.js";
import { $, announce, h } from "./dom.js";
import { rows } from "./facets.js";
import { marked } from "./marks.js";
import { labels } from "./words.js";

const WHO = "triage.who";

/** Milliseconds for which a fresh complaint cannot be sent: a key that was struck twice must not judge it unseen. */
const UNSEEN = 400;
const SHORTCUTS = [["↑ ↓", "上一项、下一项"], ["1–9 0 Q–O", "选标签；可多选的再按取消"], ["← →", "逐个选标签"], ["Enter", "提交，转到下一条"],
  ["Esc", "撤销更改；无更改则回到队列"], ["N P", "下一条、上一条"]];

/** Make the view work; `counted` is told how many wait. */
export function reviewView({ counted }) {
  const queue = $("queue");
  const error = $("review-error");
  let items = [];
  let total = 0;
  let next = null;
  let asked = 0;

  async function load({ more = false } = {}) {
    const mine = ++asked;
    error.hidden = true;
    const query = new URLSearchParams({ limit: "50" });
    if ($("by-urgency").value) query.set("urgency", $("by-urgency").value);
    if ($("by-department").value) query.set("department", $("by-department").value);
    if (more && next) query.set("after", next);
    try {
      const page = await call(`/v1/review?${query}`);
      if (mine !== asked) return;
      items = more ? [...items, ...page.items] : page.items;
      ({ total, next } = page);
      draw();
      if (!more) open(items[0]);
    } catch (wrong) {
      if (mine === asked) showError(error, wrong);
    }
  }

  function draw() {
    queue.replaceChildren(...items.map((item) => h("li", {}, entry(item))));
    $("queue-count").textContent = total ? `共 ${total} 条，最紧急的在前` : "";
    $("more").hidden = next === null;
    if (!$("by-urgency").value && !$("by-department").value) counted(total);
  }

  function entry(item) {
    const { urgency, department } = item.decision;
    return h("button", { type: "button", class: "entry", dataset: { id: item.id }, click: () => { open(item); rowsOf?.focus(); } },
      h("span", { class: "entry-head" }, h("span", { class: `urgency value-${urgency.label}` }, urgency.name),
        h("span", { class: "faint small" }, department.name)),
      h("span", { class: "entry-text" }, item.text));
  }

  const button = (item) => [...queue.querySelectorAll("button")].find((one) => one.dataset.id === item?.id);

  let rowsOf = null;

  function open(item) {
    for (const one of queue.querySelectorAll("button")) one.removeAttribute("aria-current");
    button(item)?.setAttribute("aria-current", "true");
    rowsOf = null;
    if (!item) {
      $("item").replaceChildren(h("div", { class: "empty" }, h("p", {}, "没有等待复核的投诉。"), h("p", { class: "faint" }, "判定为“须人工复核”的投诉会出现在这里。")));
      return;
    }
    $("item").replaceChildren(editor(item));
  }

  function editor(item) {
    const wrong = h("p", { class: "alert", role: "alert", hidden: true });
    const sendButton = h("button", { type: "submit", class: "primary" });
    const who = h("input", { id: "who", autocomplete: "off", maxlength: "80", "aria-describedby": "who-hint" });
    const note = h("input", { id: "note", autocomplete: "off", maxlength: "5000" });
    who.value = sessionStorage.getItem(WHO) ?? "";
    who.addEventListener("change", () => sessionStorage.setItem(WHO, who.value.trim()));
    const said = () => {
      const count = mine.differing().length;
      sendButton.replaceChildren(count ? `提交 ${count} 处更正 ` : "确认无误 ", h("kbd", {}, "Enter"));
    };
    const text = marked(item.text, item.decision, "marks-review");
    const mine = rows(item.decision, { changed: said, opened: text.show });
    rowsOf = mine;
    said();
    let busy = false;

    async function send() {
      if (busy || !form.dataset.armed) return;
      busy = true;
      wrong.hidden = true;
      // Whoever sends has seen every row: what was not changed is right.
      const body = { confirmed: true };
      const changed = mine.differing().length;
      if (changed) body.labels = mine.corrections();
      if (who.value.trim()) body.who = who.value.trim();
      if (note.value.trim()) body.note = note.value.trim();
      try {
        await call(`/v1/review/${encodeURIComponent(item.id)}`, body);
        done(item, changed);
      } catch (failure) {
        busy = false;
        showError(wrong, failure);
      }
    }

    const form = h("form", { class: "editor", novalidate: true, submit: (event) => { event.preventDefault(); send(); } },
      verdict(item.decision), notices({ warnings: [], degraded: [], ...item.decision }),
      h("div", { class: "panel" }, h("h3", { class: "hidden" }, "脱敏后的原文与依据"), text.element),
      h("div", { class: "panel" }, h("h3", {}, "标签"), mine.element),
      h("div", { class: "panel" },
        h("div", { class: "pair" },
          h("div", { class: "field" }, h("label", { for: "who" }, "工号（可不填）"), who, h("span", { id: "who-hint", class: "faint small" }, "填工号或岗位，不要填姓名")),
          h("div", { class: "field" }, h("label", { for: "note" }, "备注（可不填）"), note)),
        wrong, h("div", { class: "actions" }, sendButton,
          h("button", { type: "button", class: "quiet", click: () => { mine.reset(); said(); mine.focus(); } }, "撤销更改"))),
      h("section", { class: "shortcuts", "aria-label": "快捷键" }, h("h3", {}, "快捷键"),
        h("dl", {}, SHORTCUTS.map(([keys, does]) => h("div", {}, h("dt", {}, keys.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, does))))));
    setTimeout(() => { form.dataset.armed = "true"; }, UNSEEN);
    form.addEventListener("keydown", (event) => keyed(event, item, mine, { said, send }));
    return form;
  }

  function keyed(event, item, mine, { said, send }) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const inRows = mine.element.contains(event.target);
    const by = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (event.key === "Enter" && !event.repeat && inRows) {
      // On a row the key would open it, which the focus has done already.
      send();
    } else if (event.key === "Escape") {
      if (mine.differing().length) {
        mine.reset();
        said();
        announce("已撤销更改");
      } else {
        button(item)?.focus();
      }
    } else if (by && inRows) {
      const other = items[items.indexOf(item) + by];
      if (!other) return;
      open(other);
      rowsOf.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  function done(item, changed) {
    const place = items.indexOf(item);
    items = items.filter((one) => one !== item);
    total -= 1;
    draw();
    announce(`${changed ? `已提交 ${changed} 处更正` : "已确认"}，还有 ${total} 条`);
    if (!items.length && next !== null) { load(); return; }
    open(items[Math.min(place, items.length - 1)]);
    if (rowsOf) rowsOf.focus();
    else $("review-title").focus();
  }

  queue.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    const all = [...queue.querySelectorAll("button")];
    all[all.indexOf(document.activeElement) + by]?.focus();
    event.preventDefault();
  });
  $("more").addEventListener("click", () => load({ more: true }));
  for (const id of ["by-urgency", "by-department"]) $(id).addEventListener("change", () => load());

  return {
    opened() { if (labels.known) load(); },
    failed(wrong) { showError(error, wrong); },
    labelled() {
      error.hidden = true;
      for (const facet of ["urgency", "department"]) {
        $(`by-${facet}`).replaceChildren(h("option", { value: "" }, "全部"), ...labels.of(facet).map((one) => h("option", { value: one.id }, one.name)));
      }
    },
  };
}
