// Keeps the parts of a page up to date that are marked with data-live: fetches the page
// again, and takes over what has changed. XMLHttpRequest parses it without running or
// trusting anything in it.
import { say } from "./say.js";
import { offerCopies } from "./copy.js";
import { refreshTimes } from "./times.js";

const calm = 2000; // milliseconds between two looks
const often = 700; // while a job is being worked on
const patience = 15000;

let wanted = true;
let running = false;
let timer;

export function keepUpToDate() {
  if (!document.querySelector("[data-live]")) return;
  for (const button of document.querySelectorAll("[data-live-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      wanted = !wanted;
      button.setAttribute("aria-pressed", String(wanted));
      show(wanted ? "on" : "none", wanted ? "Up to date" : "Not keeping up to date");
      say(wanted ? "The page keeps up to date." : "The page does not keep up to date any more.");
      if (wanted) look();
    });
  }
  show("on", "Up to date");
  document.addEventListener("visibilitychange", () => document.hidden || look());
  plan();
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(look, document.querySelector("[data-often]") ? often : calm);
}

function look() {
  if (running || !wanted || document.hidden || document.querySelector("dialog[open]")) return plan();
  running = true;
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.timeout = patience;
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest"); // leaves the notice to a page that is looked at
  request.onloadend = () => {
    running = false;
    if (request.responseURL && new URL(request.responseURL).pathname !== location.pathname) return location.reload(); // signed out
    const fresh = request.status === 200 && request.response;
    show(fresh ? "on" : "off", fresh ? "Up to date" : "No answer; trying again");
    if (fresh) take(fresh);
    plan();
  };
  request.send();
}

function show(state, text) {
  for (const element of document.querySelectorAll("[data-live-state]")) {
    element.hidden = false;
    if (element.dataset.state === state) continue;
    element.dataset.state = state;
    element.textContent = text;
  }
}

// take puts the parts that have changed in the place of the old ones, unless somebody is
// at work in them.
function take(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || busy(part) || essence(next) === essence(part)) continue;
    const before = new Set(rows(part));
    const place = placeOf(part);
    part.replaceWith(document.adoptNode(next));
    offerCopies(next);
    refreshTimes(next);
    returnTo(place, next);
    const added = rows(next).filter((id) => !before.has(id)).length;
    if (added && before.size) say(added === 1 ? "One new event." : `${added} new events.`);
  }
}

const rows = (part) => [...part.querySelectorAll("tr[data-id]")].map((row) => row.dataset.id);

// essence is what a part says, without times, and without what only belongs to scripts.
function essence(part) {
  const copy = part.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) { time.textContent = ""; time.removeAttribute("title"); }
  for (const button of copy.querySelectorAll("[data-copy]")) { button.hidden = true; delete button.dataset.ready; }
  for (const row of copy.querySelectorAll("tr.selected")) row.classList.remove("selected");
  for (const row of copy.querySelectorAll('[class=""]')) row.removeAttribute("class");
  for (const box of copy.querySelectorAll("details[open]")) box.removeAttribute("open");
  return copy.innerHTML;
}

function busy(part) {
  const selection = getSelection();
  if (!selection.isCollapsed && part.contains(selection.anchorNode)) return true;
  return part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
}

// placeOf remembers where the focus is, and returnTo puts it there again.
function placeOf(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return null;
  return { href: active.getAttribute("href"), copy: active.dataset.copy, text: active.textContent };
}

function returnTo(place, part) {
  if (!place) return;
  const same = [...part.querySelectorAll("a, button, [tabindex]")].find((e) =>
    place.href ? e.getAttribute("href") === place.href : e.textContent === place.text && e.dataset.copy === place.copy);
  if (!same) return;
  same.focus({ preventScroll: true });
  same.closest("tbody tr")?.classList.add("selected");
}
