// Search, filter and sort. Everything here is added to a page that is whole without it: with scripts off nothing is missing
// and no dead control is shown. Nothing is stored and nothing is sent.
(() => {
  "use strict";
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const choice = (label, options) => {
    const select = make("select", {}, ...options.map(([value, text]) => make("option", { value }, text)));
    return [make("label", {}, label, select), select];
  };
  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

  // Tables: a button in every heading, and aria-sort where one is in force.
  const cellValue = (row, at) => {
    const cell = row.cells[at];
    return cell ? (cell.dataset.value ?? cell.textContent.trim()) : "";
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    headings.forEach((heading, at) => {
      const button = make("button", { type: "button" }, ...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const descending = heading.getAttribute("aria-sort") === "ascending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const sign = descending ? -1 : 1;
        const rows = [...body.rows].map((row) => [cellValue(row, at), row]);
        rows.sort((a, b) => sign * compare(a[0], b[0]));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  // Findings.
  const list = document.getElementById("finding-list");
  if (!list) return;
  let groups = [...list.querySelectorAll(".group")].map((element) => ({
    element,
    cards: [...element.querySelectorAll(".finding")].map((card, order) => ({ card, order, text: null })),
  }));
  const total = groups.reduce((sum, group) => sum + group.cards.length, 0);
  const search = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const [severityLabel, severity] = choice("Severity", [
    ["", "Any"], ["critical", "Critical"], ["high", "High"], ["medium", "Medium"], ["low", "Low"], ["info", "Info"],
  ]);
  const [statusLabel, status] = choice("Status", [
    ["", "Any"], ["open", "Open"], ["pending", "Pending"], ["excepted", "Excepted"],
  ]);
  const [orderLabel, order] = choice("Order", [
    ["", "Worst first"], ["name", "Name"], ["since", "Oldest first"],
  ]);
  const [byLabel, by] = choice("Group by", [["", "Rule"], ["person", "Person"]]);
  const told = make("p", { role: "status" });
  const tools = make("div", { class: "tools", role: "search", "aria-label": "Findings" },
    make("label", {}, "Search findings", search), severityLabel, statusLabel, byLabel, orderLabel, told);
  list.before(tools);

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { element, cards } of groups) {
      let here = 0;
      for (const entry of cards) {
        const { card } = entry;
        let fits = (!severity.value || card.dataset.severity === severity.value)
          && (!status.value || card.dataset.status === status.value);
        if (fits && words.length) {
          entry.text ??= `${element.id} ${card.textContent}`.toLowerCase();
          fits = words.every((word) => entry.text.includes(word));
        }
        card.hidden = !fits;
        if (fits) here += 1;
      }
      element.hidden = here === 0;
      shown += here;
    }
    told.textContent = shown === total
      ? `Showing all ${total.toLocaleString("en")} findings on this page.`
      : `Showing ${shown.toLocaleString("en")} of ${total.toLocaleString("en")} findings on this page. A print has all of them.`;
  };
  const sort = () => {
    const keys = {
      name: (entry) => entry.card.querySelector(".f-who").textContent,
      // Without a time it is not known to be old: last.
      since: (entry) => entry.card.dataset.since || "9999999999999",
    };
    const key = keys[order.value];
    for (const { element, cards } of groups) {
      const rest = element.querySelector(":scope > .capped");
      const sorted = cards.map((entry) => [key ? key(entry) : "", entry]);
      sorted.sort((a, b) => (key ? compare(a[0], b[0]) : 0) || a[1].order - b[1].order);
      element.append(...sorted.map(([, entry]) => entry.card), ...(rest ? [rest] : []));
    }
  };
  // By person: the same rows under a heading for each subject, the worst subject first; and back.
  const byRule = groups;
  const byPerson = () => {
    const people = new Map();
    for (const entry of byRule.flatMap((group) => group.cards)) {
      const name = entry.card.dataset.person;
      if (!people.has(name)) people.set(name, []);
      people.get(name).push(entry);
    }
    const rank = (cards) => Math.min(...cards.map(({ card }) => Number(card.dataset.rank)));
    const sorted = [...people].sort((a, b) => rank(a[1]) - rank(b[1]) || b[1].length - a[1].length || compare(a[0], b[0]));
    return sorted.map(([name, cards]) => {
      const element = make("section", { class: "group by-person" }, make("h3", {}, `${name} (${cards.length})`));
      for (const { card } of cards) {
        const title = document.getElementById(`group-title-${card.dataset.rule}`);
        if (title) card.title = title.firstChild.textContent.trim();
      }
      return { element, cards };
    });
  };
  for (const { element, cards } of byRule) {
    for (const { card } of cards) card.dataset.rule = element.id.slice("group-".length);
  }
  const regroup = () => {
    for (const old of list.querySelectorAll(".by-person")) old.remove();
    groups = by.value ? byPerson() : byRule;
    if (by.value) {
      for (const { element } of byRule) element.hidden = true;
      list.append(...groups.map(({ element }) => element));
    }
    sort();
    filter();
  };
  by.addEventListener("change", regroup);

  // A button that copies the command.
  list.addEventListener("toggle", (event) => {
    const line = event.target.querySelector?.(".command");
    if (!line || line.querySelector("button")) return;
    const button = make("button", { type: "button" }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(line.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(line.querySelector("code"));
      }
    });
    line.append(" ", button);
  }, true);

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  severity.addEventListener("change", filter);
  status.addEventListener("change", filter);
  order.addEventListener("change", sort);
  filter();

  // A link to a row opens it, also where a filter hides it.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.tagName === "DETAILS") target.open = true;
    if (target?.closest("[hidden]")) {
      search.value = severity.value = status.value = "";
      filter();
    }
    if (target?.matches("details")) target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();
})();
