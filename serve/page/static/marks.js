// Marks evidence in the text. The service counts characters as code points, JavaScript as UTF-16 units: an emoji is one
// there and two here, so the text is cut into code points first and never indexed as a string.
import { h } from "./dom.js";
import { FACETS, labels } from "./words.js";

/** Facets whose evidence is worth a line of its own at first sight; the others are shown when they are chosen. */
const FIRST = ["business", "reason", "urgency", "demands", "flags"];

/** Return the pieces of evidence in a decision as `{facet, label, start, end, source}`. */
export function pieces(decision) {
  return FACETS.flatMap((facet) =>
    [decision[facet]].flat().flatMap((label) =>
      (label?.evidence ?? []).map((piece) => ({ ...piece, facet, label: label.name }))));
}

/** Return the pieces to begin with: single weighted words only where nothing stronger speaks for a facet. */
function strongest(all) {
  return FIRST.flatMap((facet) => {
    const own = all.filter((piece) => piece.facet === facet);
    const strong = own.filter((piece) => !piece.source.startsWith("rule:lexicon."));
    return strong.length ? strong : own;
  });
}

/** Cut `text` where evidence begins or ends; return `[{text, over}]` with the pieces that lie over each part. */
export function segments(text, evidence) {
  const points = Array.from(text);
  const cuts = new Set([0, points.length]);
  for (const { start, end } of evidence) {
    if (start >= 0 && end <= points.length && start < end) cuts.add(start).add(end);
  }
  const places = [...cuts].sort((one, other) => one - other);
  return places.slice(0, -1).map((start, at) => ({
    text: points.slice(start, places[at + 1]).join(""),
    over: evidence.filter((piece) => piece.start <= start && piece.end >= places[at + 1]),
  }));
}

function part({ text, over }, shown) {
  if (!over.length) return text;
  const facets = [...new Set(over.map((piece) => piece.facet))];
  const said = [...new Set(over.map((piece) => `${labels.facet(piece.facet)}：${piece.label}`))];
  const mark = h("mark", { title: said.join("\n"), dataset: { facets: facets.join(" ") } }, text);
  paint(mark, shown, facets);
  return mark;
}

/** Draw a line for each facet, always at the same height, so that lines run on through an overlap. */
function paint(mark, shown, facets) {
  const lines = shown.flatMap((facet, lane) => {
    const up = (shown.length - 1 - lane) * 4;
    const colour = `var(--f-${facet})`;
    return facets.includes(facet) ? [`linear-gradient(${colour}, ${colour}) 0 calc(100% - ${up}px) / 100% 3px no-repeat`] : [];
  });
  if (shown.length === 1) lines.push(`linear-gradient(var(--t-${shown[0]}), var(--t-${shown[0]}))`);
  mark.style.background = lines.join(", ");
  mark.style.paddingBottom = `${shown.length * 4 + 1}px`;
}

/** Return a block with the text, its evidence marked, and a choice of whose evidence is shown. */
export function marked(text, decision, name) {
  const all = pieces(decision);
  const body = h("p", { class: "marked", lang: "zh" });
  const draw = (facet) => {
    const wanted = facet === "" ? strongest(all) : all.filter((piece) => piece.facet === facet);
    const shown = FACETS.filter((one) => wanted.some((piece) => piece.facet === one));
    body.replaceChildren(...segments(text, wanted).map((segment) => part(segment, shown)));
  };
  const there = FACETS.filter((facet) => all.some((piece) => piece.facet === facet));
  const choice = (facet, said) => h("label", { class: "chip", dataset: { facet } },
    h("input", { type: "radio", name, value: facet, checked: facet === "", change: () => draw(facet) }),
    facet ? h("span", { class: `dot dot-${facet}`, "aria-hidden": "true" }) : null,
    h("span", {}, said));
  draw("");
  const legend = h("fieldset", { class: "legend" },
    h("legend", { class: "hidden" }, "在原文中标出哪一项的依据"),
    choice("", "主要依据"), there.map((facet) => choice(facet, labels.facet(facet))));
  return h("div", {}, there.length ? legend : h("p", { class: "faint" }, "没有可标出的依据。"), body);
}
