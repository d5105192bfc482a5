// What the service says in codes, in the words of a complaints desk; and the names of the labels in force.

export const FACETS = ["business", "reason", "urgency", "department", "channel", "complexity", "sentiment", "demands", "flags"];

const NAMES = { department: "主办部门", sentiment: "情感", business: "业务", reason: "投诉原因", urgency: "紧急程度",
  channel: "发生渠道", complexity: "复杂程度", demands: "诉求", flags: "标记" };

export const VERDICTS = {
  auto: { name: "可直接流转", says: "依据充分，可按判定结果直接流转。" },
  suggest: { name: "请确认", says: "结果供参考，流转前请看一眼。" },
  review: { name: "须人工复核", says: "请由人工判断，不要直接流转。" },
};

export const SOURCES = { model: "模型判定", rules: "规则判定", hybrid: "模型与规则共同判定" };

const NOTICES = {
  model_missing: "模型未就绪，本次由规则判定。",
  model_unusable: "模型无法使用，本次由规则判定。",
  model_broken: "模型出错，本次由规则判定。",
  model_slow: "模型超时，本次由规则判定。",
  model_resting: "模型多次出错，暂停使用，本次由规则判定。",
  holiday_calendar_incomplete: "次年调休安排尚未公布，首次响应时限可能相差一天。",
  no_deadline: "收到之日没有适用的期限规则。",
  not_chinese: "文本大多不是中文，判定可能不准。",
  text_cut: "文本过长，只判断了前一部分。",
  left_out: "部分内容（如转发的原文）未参与判定。",
};

const DEADLINES = {
  decide_simple: "作出处理决定",
  decide_complex: "作出处理决定（情况复杂）",
  decide_extended: "最长办理期限（须经批准延长）",
  central_bank_answer: "答复人民银行转办",
  central_bank_extended: "人民银行转办最长期限（须经批准延长）",
};

// Rules of an institution's own have no words here: their own id or text is shown.
export const notice = (one) => NOTICES[one.code] ?? one.message;
export const deadline = (rule) => DEADLINES[rule] ?? rule;

let taxonomy = null;

export const labels = {
  set(found) { taxonomy = found; },
  get known() { return taxonomy !== null; },
  /** Return what people call a facet. */
  facet: (facet) => taxonomy?.facets[facet]?.name ?? NAMES[facet] ?? facet,
  multiple: (facet) => taxonomy?.facets[facet]?.multiple ?? false,
  /** Return the labels that a facet may have, as `{id, name}`. */
  of(facet) {
    if (taxonomy === null) return [];
    if (facet === "department") return taxonomy.departments;
    if (facet === "sentiment") return taxonomy.sentiment;
    return taxonomy.facets[facet]?.labels ?? [];
  },
  name(facet, id) { return this.of(facet).find((label) => label.id === id)?.name ?? id; },
  /** Return the score in the middle of a band of sentiment: feedback takes a score. */
  score(id) {
    const bands = this.of("sentiment");
    const at = bands.findIndex((band) => band.id === id);
    const upper = at + 1 < bands.length ? bands[at + 1].from : 1;
    return Math.round(((bands[at].from + upper) / 2) * 1000) / 1000;
  },
};

/** Return a moment as its own clock shows it; Chinese time is named, any other is given with its offset. */
export function moment(iso) {
  const [, day, time, offset] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[^+\-Z]*(.*)$/.exec(iso) ?? [null, iso, "", ""];
  return `${day} ${time}${offset === "+08:00" ? "" : ` ${offset}`}`.trim();
}

/** Return how far away a moment is, in words. */
export function remaining(iso, now = Date.now()) {
  const minutes = Math.round((Date.parse(iso) - now) / 60000);
  const size = Math.abs(minutes);
  const amount = size < 60 ? `${size} 分钟` : size < 48 * 60 ? `${Math.floor(size / 60)} 小时` : `${Math.floor(size / 1440)} 天`;
  return minutes < 0 ? `已过 ${amount}` : `还有 ${amount}`;
}

export const percent = (share) => `${Math.round(share * 1000) / 10}%`;
