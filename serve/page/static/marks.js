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

/** Return for each piece the facets that share a stretch with it, directly or through others: their lines need room. */
function neighbours(evidence) {
  const sorted = [...evidence].sort((one, other) => one.start - other.start);
  const found = new Map();
  let end = -1;
  let group = new Set();
  for (const piece of sorted) {
    if (piece.start >= end) group = new Set();
    end = Math.max(piece.start >= end ? -1 : end, piece.end);
    group.add(piece.facet);
    found.set(piece, group);
  }
  return found;
}

function part({ text, over }, together, alone) {
  if (!over.length) return text;
  const facets = [...new Set(over.map((piece) => piece.facet))];
  const said = [...new Set(over.map((piece) => `${labels.facet(piece.facet)}：${piece.label}`))];
  const mark = h("mark", { title: said.join("\n"), dataset: { facets: facets.join(" ") } }, text);
  const lanes = FACETS.filter((facet) => together.get(over[0]).has(facet));
  // A line keeps its height for as long as others run beside it, so that the eye can follow it through an overlap.
  const lines = facets.map((facet) => {
    const colour = `var(--f-${facet})`;
    return `linear-gradient(${colour}, ${colour}) 0 calc(100% - ${(lanes.length - 1 - lanes.indexOf(facet)) * 4}px) / 100% 3px no-repeat`;
  });
  if (alone) lines.push(`linear-gradient(var(--t-${facets[0]}), var(--t-${facets[0]}))`);
  mark.style.background = lines.join(", ");
  mark.style.paddingBottom = `${lanes.length * 4 + 1}px`;
  return mark;
}

/** Return a block with the text, its evidence marked, and a choice of whose evidence is shown; and how to choose it. */
export function marked(text, decision, name) {
  const all = pieces(decision);
  const body = h("p", { class: "marked", lang: "zh" });
  const draw = (facet) => {
    const wanted = facet === "" ? strongest(all) : all.filter((piece) => piece.facet === facet);
    const together = neighbours(wanted);
    body.replaceChildren(...segments(text, wanted).map((segment) => part(segment, together, facet !== "")));
  };
  const there = FACETS.filter((facet) => all.some((piece) => piece.facet === facet));
  const inputs = new Map();
  const choice = (facet, said) => h("label", { class: "chip", dataset: { facet } },
    input(facet),
    facet ? h("span", { class: `dot dot-${facet}`, "aria-hidden": "true" }) : null,
    h("span", {}, said));
  const input = (facet) => {
    inputs.set(facet, h("input", { type: "radio", name, value: facet, checked: facet === "", change: () => draw(facet) }));
    return inputs.get(facet);
  };
  draw("");
  const legend = h("fieldset", { class: "legend" },
    h("legend", { class: "hidden" }, "在原文中标出哪一项的依据"),
    choice("", "主要依据"), there.map((facet) => choice(facet, labels.facet(facet))));
  return {
    element: h("div", {}, there.length ? legend : h("p", { class: "faint" }, "没有可标出的依据。"), body),
    /** Show the evidence of a facet, or the strongest of all where it has none. */
    show(facet) {
      const chosen = inputs.has(facet) ? facet : "";
      inputs.get(chosen).checked = true;
      draw(chosen);
    },
  };
}
