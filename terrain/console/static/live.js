// Lets parts of a page ask for themselves again when the server says that their topic moved.
// A part is an element with an id, hx-get and hx-trigger="sse:tasks"; terrain/console/live.py says the rest.
// Without this file the page works; it just stands still.
"use strict";
(() => {
  const line = document.getElementById("live");
  if (!line || !window.EventSource || !window.htmx) return;
  const PATIENCE = 3000;
  const stale = new Set(); // ids of parts whose last question was not answered
  let has = line.dataset.has;
  let source = null;
  let over = false;
  let waiting = 0;

  const say = (words) => { if (line.textContent !== words) line.textContent = words; };
  const signedOut = () => { over = true; close(); say(line.dataset.over); };

  function close() {
    clearTimeout(waiting);
    if (source) source.close();
    source = null;
  }

  function open() {
    if (over || source || document.hidden) return;
    source = new EventSource(line.dataset.address + "?has=" + encodeURIComponent(has));
    source.onopen = () => { say(""); askAgain(); };
    source.onerror = () => {
      say(line.dataset.gone);
      // A browser comes again by itself after a cut, but not after a refusal.
      if (source.readyState === EventSource.CLOSED) { close(); waiting = setTimeout(open, PATIENCE); }
    };
    source.addEventListener("over", signedOut);
    for (const topic of line.dataset.topics.split(" ")) {
      source.addEventListener(topic, (event) => { has = event.lastEventId; move("sse:" + topic); });
    }
  }

  function move(trigger) {
    for (const part of document.querySelectorAll(`[hx-get][hx-trigger*="${trigger}"]`)) htmx.trigger(part, trigger);
  }

  const trigger = (part) => (part.getAttribute("hx-trigger") || "").split(/[\s,]/)[0];
  const isLive = (part) => part && part.id && trigger(part).startsWith("sse:");

  function askAgain() {
    for (const id of [...stale]) {
      const part = document.getElementById(id);
      stale.delete(id);
      if (part) htmx.trigger(part, trigger(part));
    }
  }

  // A question that was not answered is asked again: its mark counts as had, so the server will not repeat it.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const part = event.detail.elt;
    if (!isLive(part) || event.detail.successful) return;
    stale.add(part.id);
    if (source && source.readyState === EventSource.OPEN) setTimeout(askAgain, PATIENCE);
  });

  // Signed out, a part is led to the sign-in; the page stays where it is, with what was typed into it.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!isLive(event.detail.elt) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    signedOut();
  });

  // What somebody ticked, typed or opened in a part stays when the part is replaced.
  const fields = (part) => [...part.querySelectorAll("input, select, textarea, details")];
  const key = (field) => field.id || field.name + "=" + field.value;
  let kept = null;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!isLive(part)) return;
    if (!event.detail.xhr.responseText.includes(`id="${part.id}"`)) {
      event.detail.shouldSwap = false; // somebody signed out elsewhere, or may not come here any more
      signedOut();
      return;
    }
    kept = new Map(fields(part).map((field) => [key(field), [field.checked, field.value, field.open]]));
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const part = document.getElementById(event.detail.elt.id);
    if (!kept || !part) return;
    for (const field of fields(part)) {
      const was = kept.get(key(field));
      if (!was) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = was[0];
      else if (field.tagName === "DETAILS") field.open = was[2];
      else if (field.type !== "hidden") field.value = was[1];
    }
    kept = null;
  });

  // A page that nobody looks at keeps no line open; what it missed it hears when it is looked at again.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
