// One key for whoever works with the keyboard: "/" leads to the search, Escape back to the page.
// Every room works without it.
"use strict";

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("search");
  if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target === search && !search.value) {
    document.getElementById("content").focus();
  } else if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});
