// Brings a page in hand to what the server says now, touching only what the server changed: open details, scroll
// places, maps and half-filled forms stay.  Compared are two answers of the server, never the page in hand itself,
// so what other scripts did to it (countdowns, sliders) does not count as a change.
const LEFT_ALONE = ".map, .board-map, [data-live], [data-keep], script";

const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
export const isBusy = (form) => form.dataset.isDirty === "1"
  || (form.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea, select"));

// form tokens differ with every answer and all of them are good as long as the session lives
export function plain(root) {
  for (const input of root.querySelectorAll("input[name=csrf_token]")) input.setAttribute("value", "");
  return root;
}

function holdsBusy(node) {
  if (!isElement(node)) return false;
  const forms = node.matches("form") ? [node] : [...node.querySelectorAll("form")];
  return forms.some(isBusy) || (node.closest("form") !== null && isBusy(node.closest("form")));
}

function replace(node, after, token) {
  const fresh = document.importNode(after, true);
  if (isElement(fresh)) {
    for (const input of fresh.querySelectorAll("input[name=csrf_token]")) input.value = token;
    if (fresh.matches("details") && node.open) fresh.open = true;
  }
  node.replaceWith(fresh);
}

function attributes(node, before, after) {
  for (const { name } of before.attributes) if (!after.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value && !(node.matches("details") && name === "open")) node.setAttribute(name, value);
  }
}

// true when everything could be shown; false when a form in use was left as it is
export function patch(node, before, after, token) {
  if (before.isEqualNode(after)) return true;
  if (isElement(node) && node.matches(LEFT_ALONE)) return true;
  const isAlike = isElement(before) && isElement(after) && isElement(node) && before.nodeName === after.nodeName && before.id === after.id
    && before.childNodes.length === after.childNodes.length && node.childNodes.length === before.childNodes.length;
  if (!isAlike) {
    if (holdsBusy(node)) return false;
    replace(node, after, token);
    return true;
  }
  if (node.matches("form") && isBusy(node)) return false;
  attributes(node, before, after);
  const [here, old, now] = [node, before, after].map((parent) => [...parent.childNodes]);
  return here.map((child, index) => patch(child, old[index], now[index], token)).every(Boolean);
}
