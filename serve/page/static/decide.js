// The first view: a complaint in, a decision out.
import { call, showError } from "./api.js";
import { view } from "./decision.js";
import { $, announce, h } from "./dom.js";
import { marked } from "./marks.js";
import { VERDICTS, labels } from "./words.js";

/** Return a moment that a person typed, with the offset of this machine at that moment: the service takes no other. */
export function withOffset(local) {
  if (!local) return null;
  const minutes = -new Date(local).getTimezoneOffset();
  return `${local.length === 16 ? `${local}:00` : local}${offset(minutes)}`;
}

function offset(minutes) {
  const size = Math.abs(minutes);
  const two = (number) => String(number).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Make the view work; `decided` is called after each decision. */
export function decideView({ decided }) {
  const form = $("complaint");
  const text = $("text");
  const error = $("decide-error");
  const nothing = [...$("result").childNodes];
  let examples = [];
  let asked = 0;

  const count = () => { $("count").textContent = `${Array.from(text.value).length} 字`; };

  async function decide() {
    error.hidden = true;
    if (!text.value.trim()) {
      error.textContent = "请先填写投诉内容。";
      error.hidden = false;
      text.focus();
      return;
    }
    // What is shown is the answer to the last question, however long an earlier one takes.
    const mine = ++asked;
    const complaint = { text: text.value };
    if ($("channel").value) complaint.channel = $("channel").value;
    const received = withOffset($("received").value);
    if (received) complaint.received = received;
    $("result").setAttribute("aria-busy", "true");
    $("decide").classList.add("busy");
    try {
      const decision = await call("/v1/predict", complaint);
      if (mine === asked) show(decision, complaint.text);
      decided();
    } catch (wrong) {
      if (mine === asked) showError(error, wrong);
    } finally {
      if (mine === asked) {
        $("result").removeAttribute("aria-busy");
        $("decide").classList.remove("busy");
      }
    }
  }

  function show(decision, original) {
    $("result").replaceChildren(...view(decision));
    $("marked-body").replaceChildren(marked(original, decision, "marks-decide").element);
    $("marked").hidden = false;
    announce(`判定完成：${VERDICTS[decision.decision].name}。紧急程度${decision.urgency.name}，主办${decision.department.name}，`
      + `${decision.business.name}，${decision.reason.name}。`);
  }

  async function loadExamples() {
    examples = await call("/page/examples.json");
    $("example").append(...examples.map((one, at) => h("option", { value: String(at) }, one.title)));
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); decide(); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); decide(); }
  });
  form.addEventListener("reset", () => {
    asked += 1;
    error.hidden = true;
    $("marked").hidden = true;
    $("result").replaceChildren(...nothing);
    $("result").removeAttribute("aria-busy");
    $("decide").classList.remove("busy");
    setTimeout(() => { count(); text.focus(); });
  });
  text.addEventListener("input", count);
  $("example").addEventListener("change", () => {
    const chosen = examples[Number($("example").value)];
    if ($("example").value === "" || !chosen) return;
    text.value = chosen.text;
    $("channel").value = chosen.channel;
    count();
  });
  $("zone").textContent = `UTC${offset(-new Date().getTimezoneOffset())}`;
  loadExamples();

  return {
    opened() {},
    failed(wrong) { showError(error, wrong); },
    labelled() {
      error.hidden = true;
      const options = labels.of("channel").filter((one) => one.id !== "unknown");
      $("channel").replaceChildren(h("option", { value: "" }, "由系统判断"), ...options.map((one) => h("option", { value: one.id }, one.name)));
    },
  };
}
