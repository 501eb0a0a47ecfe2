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
  const groups = [...list.querySelectorAll(".group")].map((element) => ({
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
  const [orderLabel, order] = choice("Order within a rule", [
    ["", "Worst first"], ["name", "Name"], ["since", "Oldest first"],
  ]);
  const told = make("p", { role: "status" });
  const tools = make("div", { class: "tools", role: "search", "aria-label": "Findings" },
    make("label", {}, "Search findings", search), severityLabel, statusLabel, orderLabel, told);
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
      ? `Showing all ${total} findings on this page.`
      : `Showing ${shown} of ${total} findings on this page. Printing shows all of them.`;
  };
  const sort = () => {
    const keys = {
      name: (entry) => entry.card.querySelector("h4").textContent,
      // Without a time it is not known to be old: last.
      since: (entry) => entry.card.dataset.since || "9999",
    };
    const key = keys[order.value];
    for (const { element, cards } of groups) {
      const sorted = cards.map((entry) => [key ? key(entry) : "", entry]);
      sorted.sort((a, b) => (key ? compare(a[0], b[0]) : 0) || a[1].order - b[1].order);
      element.append(...sorted.map(([, entry]) => entry.card));
    }
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  severity.addEventListener("change", filter);
  status.addEventListener("change", filter);
  order.addEventListener("change", sort);
  filter();

  // A link to a finding that a filter hides shows it.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.closest("[hidden]")) {
      search.value = severity.value = status.value = "";
      filter();
      target.scrollIntoView();
    }
  });

  // Printed, evidence is open, also where the style alone cannot open it.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
    closed = [];
  });
})();
