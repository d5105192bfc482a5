// The labels of one decision as rows that a person corrects by keyboard: one row is open, and its labels have a key each.
import { announce, h } from "./dom.js";
import { FACETS, labels, percent } from "./words.js";

/** The keys of the labels of the open row, in order; labels beyond these are reached by the arrow keys. */
const KEYS = "1234567890qwertyuio";

class Row {
  constructor(facet, decision, { changed, opened }) {
    this.facet = facet;
    this.multiple = labels.multiple(facet);
    this.field = decision[facet];
    this.given = this.multiple ? this.field.map((tag) => tag.label) : [this.field.label];
    this.chosen = new Set(this.given);
    this.changed = changed;
    const panel = `panel-${facet}`;
    this.value = h("span", { class: "row-value" });
    this.head = h("button", { type: "button", class: "row-head", id: `row-${facet}`, "aria-expanded": "false", "aria-controls": panel, dataset: { facet } },
      h("span", { class: "row-name" }, h("span", { class: `dot dot-${facet}`, "aria-hidden": "true" }), labels.facet(facet)), this.value);
    this.options = labels.of(facet).map((label, at) => this.option(label, KEYS[at]));
    this.panel = h("fieldset", { class: "row-panel", id: panel, hidden: true },
      h("legend", { class: "hidden" }, labels.facet(facet)), this.options.map((one) => one.label));
    this.element = h("div", { class: "row", dataset: { facet }, focusin: () => opened(this) }, this.head, this.panel);
    this.head.addEventListener("click", () => opened(this));
    this.draw();
  }

  option(label, key) {
    const input = h("input", { type: this.multiple ? "checkbox" : "radio", name: `facet-${this.facet}`, value: label.id,
      change: () => this.set(label.id, input.checked) });
    const share = this.share(label.id);
    return { id: label.id, input, label: h("label", { class: "option" }, input,
      key ? h("kbd", { "aria-hidden": "true" }, key.toUpperCase()) : null, h("span", {}, label.name),
      share === null ? null : h("span", { class: "faint small" }, percent(share))) };
  }

  share(id) {
    const own = this.multiple ? this.field.find((tag) => tag.label === id) : this.field;
    if (own && own.label === id) return own.confidence ?? null;
    return this.multiple ? null : this.field.alternatives?.find((other) => other.label === id)?.confidence ?? null;
  }

  set(id, on) {
    if (!this.multiple) this.chosen = new Set([id]);
    else if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    this.draw();
    announce(`${labels.facet(this.facet)}：${this.words()}${this.differs() ? "，已更改" : ""}`);
    this.changed();
  }

  /** Choose, or for a facet of many labels choose or drop, the label at a place. */
  press(at) {
    const one = this.options[at];
    if (one) this.set(one.id, !this.chosen.has(one.id));
  }

  /** Go on to the next label, or back. */
  step(by) {
    const at = this.options.findIndex((one) => this.chosen.has(one.id));
    const next = this.options[Math.min(this.options.length - 1, Math.max(0, at + by))];
    if (next) this.set(next.id, true);
  }

  reset() {
    this.chosen = new Set(this.given);
    this.draw();
  }

  differs() {
    return this.chosen.size !== this.given.length || this.given.some((id) => !this.chosen.has(id));
  }

  /** Return what feedback takes: a score for the sentiment, a list for many labels, otherwise a label. */
  correction() {
    const ids = this.options.map((one) => one.id).filter((id) => this.chosen.has(id));
    if (this.multiple) return ids;
    return this.facet === "sentiment" ? labels.score(ids[0]) : ids[0];
  }

  words() {
    return [...this.chosen].map((id) => labels.name(this.facet, id)).join("、") || "无";
  }

  open(on) {
    this.panel.hidden = !on;
    this.head.setAttribute("aria-expanded", String(on));
    this.element.classList.toggle("open", on);
  }

  draw() {
    for (const one of this.options) one.input.checked = this.chosen.has(one.id);
    this.element.classList.toggle("changed", this.differs());
    const before = this.given.map((id) => labels.name(this.facet, id)).join("、") || "无";
    this.value.replaceChildren(this.words(), ...(this.differs() ? [h("span", { class: "was" }, `原判 ${before}`)] : []));
  }
}

/** Return the rows of a decision; `changed` is called when a label changes, `opened` with the facet of another row. */
export function rows(decision, { changed, opened: told }) {
  let current = null;
  const opened = (row) => {
    if (row === current) return;
    current = row;
    all.forEach((one) => one.open(one === row));
    told(row.facet);
  };
  const all = FACETS.filter((facet) => decision[facet] !== undefined).map((facet) => new Row(facet, decision, { changed, opened }));
  const at = () => all.findIndex((row) => row.element.contains(document.activeElement));
  const element = h("div", { class: "rows" }, all.map((row) => row.element));

  // These keys count only while a row has the focus, so that they never take a letter from anything else.
  element.addEventListener("keydown", (event) => {
    const here = at();
    if (here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = all[here];
    const place = KEYS.indexOf(event.key.toLowerCase());
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      all[Math.min(all.length - 1, Math.max(0, here + (event.key === "ArrowDown" ? 1 : -1)))].head.focus();
    } else if (event.key.length === 1 && place >= 0 && place < row.options.length) {
      if (event.repeat) return;
      row.press(place);
    } else if (sideways && row.multiple) {
      const inputs = row.options.map((one) => one.input);
      const now = inputs.indexOf(document.activeElement);
      (inputs[now + sideways] ?? (sideways < 0 ? row.head : inputs[now])).focus();
    } else if (sideways && document.activeElement === row.head) {
      row.step(sideways);
    } else {
      return;
    }
    event.preventDefault();
  });

  return {
    element,
    focus: () => all[0].head.focus(),
    reset: () => all.forEach((row) => row.reset()),
    differing: () => all.filter((row) => row.differs()),
    corrections: () => Object.fromEntries(all.filter((row) => row.differs()).map((row) => [row.facet, row.correction()])),
  };
}
