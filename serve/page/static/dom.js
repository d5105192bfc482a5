// Builds elements from text alone: nothing that a customer wrote can become markup.

/** Return a new element. Props that are functions listen; `dataset` and `aria-…` go where they belong. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** Say something to a screen reader, and to nobody else. */
export function announce(text) {
  const region = $("live");
  // The same words twice are read once, unless the region was empty between them.
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 30);
}

/** Copy text; a page that did not come by TLS or from this machine has no clipboard of its own. */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = h("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("no clipboard");
}

/** Return a button that copies what `text()` gives, and says that it did. */
export function copyButton(label, text) {
  const button = h("button", { type: "button", class: "quiet small" }, label);
  button.addEventListener("click", async () => {
    try {
      await copy(text());
      button.textContent = "已复制 ✓";
      announce("已复制");
    } catch {
      button.textContent = "复制失败";
      announce("复制失败，请手动选择文字复制");
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  return button;
}
