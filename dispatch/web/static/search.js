// Suggestions under the search box; "/" goes to it.  Without this file the box leads to the page of what was found.
const DELAY_MS = 120;
const box = document.querySelector("form.find input[name=q]");

function prepare() {
  const list = document.createElement("ul");
  list.id = "find-list";
  list.className = "find-list";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  box.form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", list.id], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) {
    box.setAttribute(name, value);
  }
  return list;
}

function run() {
  const list = prepare();
  let at = -1;
  let timer = 0;
  let running = null;

  function choose(index) {
    const options = [...list.children];
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === index)));
    at = index;
    if (index >= 0) box.setAttribute("aria-activedescendant", options[index].id);
    else box.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function show(hits) {
    list.replaceChildren(...hits.map((hit, n) => {
      const option = document.createElement("li");
      option.id = `find-${n}`;
      option.setAttribute("role", "option");
      const link = document.createElement("a");
      link.href = hit.path;
      link.tabIndex = -1;
      const kind = document.createElement("small");
      kind.textContent = hit.kind;
      link.append(hit.name, hit.code ? ` ${hit.code}` : "", " ", kind);
      option.append(link);
      return option;
    }));
    list.hidden = !hits.length;
    box.setAttribute("aria-expanded", String(hits.length > 0));
    choose(-1);
  }

  async function ask() {
    running?.abort();
    if (!box.value.trim()) return close();
    running = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(box.value)}`, { signal: running.signal });
      if (answer.ok && !answer.redirected) show((await answer.json()).hits);
    } catch {
      // typed on, or no connection: the button still asks the server
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DELAY_MS);
  });
  box.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape") close();
    else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose((at + (event.key === "ArrowDown" ? 1 : -1) + count + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % count);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      list.children[at].querySelector("a").click();
    }
  });
  box.addEventListener("blur", () => setTimeout(() => !list.matches(":hover") && close(), 150));
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

if (box) run();
