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

function copy(after, token) {
  const fresh = document.importNode(after, true);
  if (isElement(fresh)) for (const input of fresh.querySelectorAll("input[name=csrf_token]")) input.value = token;
  return fresh;
}

function replace(node, after, token) {
  const fresh = copy(after, token);
  if (isElement(fresh) && fresh.matches("details") && node.open) fresh.open = true;
  node.replaceWith(fresh);
}

function attributes(node, before, after) {
  for (const { name } of before.attributes) if (!after.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value && !(node.matches("details") && name === "open")) node.setAttribute(name, value);
  }
}

// a table the person has ordered takes the new rows and is ordered again in the same way
function reorder(table) {
  const head = table.querySelector("th[aria-sort]");
  if (head.ariaSort === "descending") head.setAttribute("aria-sort", "ascending");
  else head.removeAttribute("aria-sort");
  head.querySelector("button").click();
}

// what a node is: lines of tables and lists by what they are about, so that a form never moves to another line
function keyOf(node) {
  if (!isElement(node)) return node.nodeName;
  const isLine = node.matches("tr, li");
  const about = isLine ? node.querySelector("a[href], input[type=hidden]:not([name=csrf_token])") : null;
  const subject = about?.getAttribute("href") ?? about?.value ?? (isLine ? node.firstElementChild?.textContent.trim() : "");
  return `${node.nodeName}#${node.id}.${isLine ? "" : node.className} ${subject}`;
}

// the longest common run of two lists of children: pairs [index before, index after]
function pairs(old, now) {
  const [a, b] = [old.map(keyOf), now.map(keyOf)];
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
  const found = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (best[i + 1][j] >= best[i][j + 1]) i++;
    else j++;
  }
  return found;
}

function children(node, before, after, token) {
  const [here, old, now] = [node, before, after].map((parent) => [...parent.childNodes]);
  const found = pairs(old, now);
  const stays = new Map(found.map(([i, j]) => [j, here[i]]));
  const kept = new Set(found.map(([i]) => i));
  let isWhole = true;
  here.forEach((child, i) => {
    if (kept.has(i)) return;
    if (holdsBusy(child)) isWhole = false;
    else child.remove();
  });
  let next = null;
  for (let j = now.length - 1; j >= 0; j--) {
    const known = stays.get(j);
    if (known) next = known;
    else {
      const fresh = copy(now[j], token);
      node.insertBefore(fresh, next);
      next = fresh;
    }
  }
  return found.map(([i, j]) => patch(here[i], old[i], now[j], token)).every(Boolean) && isWhole;
}

// true when everything could be shown; false when a form in use was left as it is
export function patch(node, before, after, token) {
  if (before.isEqualNode(after)) return true;
  if (isElement(node) && node.matches(LEFT_ALONE)) return true;
  const ordered = isElement(node) && node.matches("tbody") && node.parentElement.querySelector("th[aria-sort]") && node.parentElement;
  const isAlike = !ordered && isElement(before) && isElement(after) && isElement(node) && before.nodeName === after.nodeName
    && before.id === after.id && node.childNodes.length === before.childNodes.length;
  if (!isAlike) {
    if (holdsBusy(node)) return false;
    replace(node, after, token);
    if (ordered) reorder(ordered);
    return true;
  }
  if (node.matches("form") && isBusy(node)) return false;
  attributes(node, before, after);
  return children(node, before, after, token);
}
