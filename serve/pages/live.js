// What "Live" does in the browser: ask what the cameras see, and draw it. Words reach the page as text only, never as HTML.
"use strict";
(() => {
  const EVERY_MS = 500;
  const PICTURES = 3; // at a time: five cameras stay within what one person may ask for in a minute
  const LONGEST_MS = 10000; // between two tries while nobody answers
  const BLANK = { offline: "No picture", late: "No picture", unwatched: "Not watched", private: "Private hours" };
  const make = (name, words = "", classes = "") => {
    const made = document.createElement(name);
    if (words) made.textContent = words;
    if (classes) made.className = classes;
    return made;
  };
  const marks = {};
  const shownAt = new Map(); // when each camera's picture was asked for last
  let wait = EVERY_MS;
  let timer = 0;

  const say = (words, link) => {
    const place = document.getElementById("live-said");
    if (place.dataset.words === words) return;
    place.dataset.words = words;
    place.replaceChildren();
    if (!words) return;
    const line = make("p", words);
    if (link) {
      const way = make("a", link.words);
      way.href = link.href;
      line.append(" ", way);
    }
    const box = make("div", "", "tell wrong");
    box.append(line);
    place.append(box);
  };

  // A box with its name and behaviour, at its place in the picture.
  const drawn = (animal) => {
    const [x1, y1, x2, y2] = animal.box.map((share) => 100 * Math.min(1, Math.max(0, share)));
    const [colour, letter] = animal.behaviour ? marks[animal.behaviour] || marks.other : ["", ""];
    const box = make("span", "", `box ${colour ? `on-${colour}` : "on-nobody"}`);
    if (y1 < 14) box.classList.add(y2 < 86 ? "under" : "low");
    if (x1 > 50) box.classList.add("right");
    box.style.cssText = `left:${x1}%;top:${y1}%;width:${x2 - x1}%;height:${y2 - y1}%`;
    const tag = make("span", "", "tag");
    if (letter) tag.append(make("b", letter), " ");
    tag.append(animal.name, make("span", animal.words.slice(animal.name.length), "deed"));
    box.append(tag);
    return box;
  };

  const blank = (card, view) => {
    const frame = card.querySelector(".frame-of");
    if (frame.dataset.blank === view.state) return;
    frame.dataset.blank = view.state;
    const ground = make("span", "", `blank ${view.state}`);
    ground.append(make("span", BLANK[view.state] || ""));
    frame.replaceChildren(ground);
  };

  // Picture and boxes change together: a box is never drawn on another picture than its own.
  const picture = async (card, view) => {
    shownAt.set(view.camera, Date.now());
    const image = new Image();
    image.alt = `${view.name} now: ${view.words}`;
    image.src = `${view.picture}?at=${Date.now()}`;
    try {
      await image.decode();
    } catch {
      return; // gone in between; the next answer says why
    }
    if (card.dataset.state !== "watched") return;
    const frame = card.querySelector(".frame-of");
    delete frame.dataset.blank;
    frame.replaceChildren(image, ...view.animals.map(drawn));
  };

  const figures = (view) => {
    const cells = document.querySelectorAll(`[data-figures="${view.camera}"] td`);
    const seen = view.state === "watched";
    const after = !seen ? "–" : view.latency_ms < 950 ? `${Math.round(view.latency_ms)} ms` : `${(view.latency_ms / 1000).toFixed(1)} s`;
    const words = seen ? [view.fps.toFixed(1), after, String(view.queue), String(view.dropped)] : Array(4).fill("–");
    cells.forEach((cell, number) => { if (cell.textContent !== words[number]) cell.textContent = words[number]; });
  };

  const show = (now) => {
    const place = document.getElementById("live");
    const alone = place.dataset.camera;
    if (!alone) document.getElementById("live-sentence").textContent = now.sentence;
    const due = [];
    for (const view of now.cameras) {
      const card = place.querySelector(`article[data-camera="${view.camera}"]`);
      if (!card) continue;
      card.dataset.state = view.state;
      const words = card.querySelector(".live-words");
      if (words.textContent !== view.words) words.textContent = view.words;
      if (alone) document.getElementById("live-sentence").textContent = `${view.name}: ${view.words}`;
      figures(view);
      if (!view.picture) blank(card, view);
      else {
        const { top, bottom } = card.getBoundingClientRect();
        if (bottom > -200 && top < innerHeight + 200) due.push([card, view]);
      }
    }
    document.getElementById("live-empty").hidden = now.cameras.some((view) => ["watched", "offline"].includes(view.state));
    due.sort((one, other) => (shownAt.get(one[1].camera) || 0) - (shownAt.get(other[1].camera) || 0));
    return Promise.all(due.slice(0, PICTURES).map(([card, view]) => picture(card, view)));
  };

  const ask = async () => {
    timer = 0;
    if (document.hidden) return;
    const begun = Date.now();
    try {
      const answer = await fetch("/api/v1/live", { cache: "no-store" });
      if (answer.status === 401) return say("You are not logged in any more.", { words: "Log in", href: "/login?next=/live" });
      if (!answer.ok) {
        const later = Number(answer.headers.get("Retry-After")) || 5;
        say(`The server asks for a pause; this goes on in ${later} s.`);
        wait = 1000 * later;
      } else {
        await show(await answer.json());
        say("");
        wait = EVERY_MS;
      }
    } catch {
      wait = Math.min(LONGEST_MS, 2 * Math.max(wait, EVERY_MS));
      say("The server does not answer. What is shown is not of now; this page goes on trying.");
    }
    timer = setTimeout(ask, Math.max(50, wait - (Date.now() - begun)));
  };

  const begin = () => {
    const place = document.getElementById("live");
    if (!place) return document.querySelector(".sheet h1") ? 0 : setTimeout(begin, 50);
    Object.assign(marks, JSON.parse(place.dataset.marks));
    show(JSON.parse(place.dataset.now));
    document.addEventListener("visibilitychange", () => { if (!document.hidden && !timer) ask(); });
    return ask();
  };
  begin();
})();
