// Shows a decision: what was decided, how sure, on which words, and by when.
import { copyButton, h } from "./dom.js";
import { SOURCES, VERDICTS, deadline, labels, moment, notice, percent, remaining } from "./words.js";

const SHOWN = 3;

/** Return how sure the service is, in words and as a bar; rules give no probability and none is made up. */
function confidence(field) {
  if (field.confidence === null || field.confidence === undefined) return null;
  const share = percent(field.confidence);
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.width = share;
  const note = field.calibrated === false ? "（未校准）" : "";
  return h("span", { class: "sure" }, bar, h("span", {}, `把握 ${share}${note}`));
}

function quotes(evidence) {
  const said = [...new Set((evidence ?? []).map((piece) => piece.text))];
  // A piece inside a longer one says nothing new.
  const whole = said.filter((text) => !said.some((other) => other !== text && other.includes(text)));
  if (!whole.length) return null;
  return h("p", { class: "quotes" }, h("span", { class: "faint" }, "依据 "),
    whole.slice(0, SHOWN).flatMap((text) => [h("q", {}, shorten(text)), " "]));
}

function shorten(text) {
  const points = Array.from(text);
  return points.length > 26 ? `${points.slice(0, 25).join("")}…` : text;
}

function alternatives(facet, field) {
  if (!field.alternatives?.length) return null;
  const one = (other) => labels.name(facet, other.label) + (other.confidence === null ? "" : ` ${percent(other.confidence)}`);
  return h("p", { class: "others" }, h("span", { class: "faint" }, "其他可能 "), field.alternatives.map(one).join("、"));
}

export const badge = (decided) => h("span", { class: `badge badge-${decided}` }, VERDICTS[decided].name);

function card(facet, field, ...more) {
  return h("section", { class: `card card-${facet}`, "aria-label": labels.facet(facet), dataset: { facet } },
    h("header", {}, h("h3", {}, h("span", { class: `dot dot-${facet}`, "aria-hidden": "true" }), labels.facet(facet)),
      badge(field.decision)),
    h("p", { class: `value value-${field.label}` }, field.name, field.code ? h("span", { class: "faint" }, ` ${field.code}`) : null),
    confidence(field), more, alternatives(facet, field), quotes(field.evidence));
}

function department(field) {
  const co = field.co.map((id) => labels.name("department", id));
  return card("department", field,
    co.length ? h("p", { class: "co" }, h("span", { class: "faint" }, "协办 "), co.join("、")) : null,
    field.because.length ? h("p", { class: "faint small" }, `按规则 ${field.because.join("、")}`) : null);
}

function sentiment(field) {
  const dot = h("span", { class: "needle" });
  dot.style.left = `${(field.score + 1) * 50}%`;
  return card("sentiment", field,
    h("p", { class: "mood" }, h("span", { class: "gauge", "aria-hidden": "true" }, dot), `${field.score > 0 ? "+" : ""}${field.score.toFixed(2).replace("-", "−")}`));
}

function tags(facet, found) {
  const none = h("p", { class: "faint" }, facet === "flags" ? "没有需要警惕的标记。" : "没有看出明确的诉求。");
  const one = (tag) => h("li", {}, h("span", { class: `tag tag-${facet}` }, tag.name), confidence(tag), quotes(tag.evidence));
  return h("section", { class: `card card-${facet}`, "aria-label": labels.facet(facet), dataset: { facet } },
    h("header", {}, h("h3", {}, h("span", { class: `dot dot-${facet}`, "aria-hidden": "true" }), labels.facet(facet))),
    found.length ? h("ul", { class: "tags" }, found.map(one)) : none);
}

function due(decision) {
  const row = (name, iso, source) => h("li", {},
    h("span", { class: "due-name" }, name, source ? h("span", { class: "faint small" }, source) : null),
    h("span", { class: "due-time" }, h("time", { datetime: iso }, moment(iso)), h("span", { class: "faint small" }, remaining(iso))));
  return h("section", { class: "panel", "aria-labelledby": "due-title" },
    h("h3", { id: "due-title" }, "时限", h("span", { class: "faint small" }, "北京时间")),
    h("ul", { class: "due" }, row("首次响应", decision.first_response_due, "内部服务标准"),
      decision.deadlines.map((one) => row(deadline(one.rule), one.due, one.source))));
}

function reply(decision) {
  return h("section", { class: "panel", "aria-labelledby": "reply-title" },
    h("header", {}, h("h3", { id: "reply-title" }, "建议回复"), copyButton("复制回复", () => decision.suggested_reply)),
    h("blockquote", { id: "reply", lang: "zh" }, decision.suggested_reply));
}

function json(decision) {
  const text = JSON.stringify(decision, null, 2);
  return h("details", { class: "panel" }, h("summary", {}, "JSON"),
    copyButton("复制 JSON", () => text),
    h("pre", { id: "json", tabindex: "0", role: "region", "aria-label": "判定结果的 JSON" }, text));
}

/** Return what the service wants a person to know: fallbacks that were taken, and doubts. */
export function notices(decision) {
  const all = [...decision.degraded, ...decision.warnings];
  if (!all.length) return null;
  return h("ul", { class: "notices", "aria-label": "提示" },
    all.map((one) => h("li", { dataset: { code: one.code }, title: one.message }, notice(one))));
}

/** Return the verdict on the whole complaint, with its reasons. */
export function verdict(decision) {
  const { name, says } = VERDICTS[decision.decision];
  // A reason is `id：words`; the id is for programs.
  const why = decision.reasons.map((reason) => reason.slice(reason.indexOf("：") + 1));
  return h("div", { class: `verdict verdict-${decision.decision}` },
    h("p", { class: "verdict-name" }, name), h("p", {}, why.length ? why.join("；") : says),
    h("p", { class: "faint small" }, `${SOURCES[decision.source]}${decision.source === "rules" ? "，不给出概率" : ""} · 编号 ${decision.id}`));
}

/** Return the whole decision. */
export function view(decision) {
  const plain = (facet) => card(facet, decision[facet]);
  return [
    verdict(decision), notices(decision),
    h("div", { class: "cards" }, plain("urgency"), department(decision.department), plain("business"), plain("reason"),
      tags("demands", decision.demands), tags("flags", decision.flags), sentiment(decision.sentiment), plain("complexity"), plain("channel")),
    due(decision), reply(decision), json(decision),
    h("p", { class: "faint small versions" }, `模型 ${decision.model_version} · 分类 ${decision.taxonomy_version} · 规则 ${decision.policy_version}`),
  ].filter(Boolean);
}
