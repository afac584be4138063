// What "Try it" does in the browser: send the file, show the answer. Words reach the page as text only, never as HTML.
"use strict";
(() => {
  const LONGEST_S = 120;
  const make = (name, words = "", classes = "") => {
    const made = document.createElement(name);
    if (words) made.textContent = words;
    if (classes) made.className = classes;
    return made;
  };
  const put = (parent, ...children) => (parent.append(...children), parent);
  const percent = (share) => `${Math.round(100 * share)} %`;

  const say = (words, wrong = false) => {
    const place = document.getElementById("tried-said");
    place.replaceChildren(words ? put(make("div", "", wrong ? "tell wrong" : "tell"), make("p", words)) : "");
  };

  // A table whose last column is a bar beside its figure.
  const table = (caption, heads, rows) => {
    const made = put(make("table", "", "bars-in"), make("caption", caption));
    const head = make("tr");
    for (const each of heads) { const cell = make("th", each); cell.scope = "col"; head.append(cell); }
    put(made, put(make("thead"), head));
    const most = Math.max(...rows.map((row) => row.share), 1e-9);
    const body = make("tbody");
    for (const row of rows) {
      const name = make("th", row.name);
      name.scope = "row";
      const bar = make("span", "", "bar-of");
      bar.style.width = `${(100 * row.share) / most}%`;
      body.append(put(make("tr"), name, make("td", row.figure), put(make("td", "", "bar-cell"), bar)));
    }
    return put(made, body);
  };

  const animal = (each, number, words) => {
    const called = (name) => words[name] || name.replaceAll("_", " ");
    const part = make("section");
    put(part, make("h3", `${number}. ${each.species === "cat" ? "A cat" : `A ${each.species}`}: ${called(each.behavior).toLowerCase()}, ${percent(each.confidence)}`));
    const said = [];
    if (each.pose) said.push(`Holds itself: ${called(each.pose).toLowerCase()}.`);
    if (each.comfort_score !== null) said.push(`Comfort ${each.comfort_score.toFixed(2)} of 1: an indicator, not a diagnosis.`);
    if (each.anomaly_flag !== null) said.push(each.anomaly_flag ? "Unusual for this cat." : "Nothing unusual for this cat.");
    const list = make("ul", "", "plain");
    for (const words of [...said, ...each.reasons]) list.append(make("li", words[0].toUpperCase() + words.slice(1) + (words.endsWith(".") ? "" : ".")));
    part.append(list);
    const rows = Object.entries(each.probabilities).sort((a, b) => b[1] - a[1]);
    part.append(table("How likely each behaviour is", ["Behaviour", "Chance", ""], rows.map(([name, share]) => ({ name: called(name), figure: percent(share), share }))));
    return part;
  };

  const shown = (answer, words) => {
    const place = document.getElementById("tried");
    const count = answer.animals.length;
    const title = make("h2", count === 0 ? "No animal was found" : count === 1 ? "One animal was found" : `${count} animals were found`);
    place.replaceChildren(title);
    if (answer.annotated) {
      const picture = make("img", "", "tried-picture");
      picture.src = `data:${answer.annotated.media_type};base64,${answer.annotated.data}`;
      picture.width = answer.annotated.width;
      picture.height = answer.annotated.height;
      picture.alt = count ? "The picture with what was found drawn into it" : "The picture";
      place.append(picture);
    }
    if (count === 0) place.append(make("p", "Take a picture that shows more of the cat, or try the accurate mode."));
    if (answer.damaged) place.append(make("p", "Some of the clip could not be decoded, and was not seen."));
    answer.animals.forEach((each, number) => place.append(animal(each, number + 1, words)));
    const steps = Object.entries(answer.milliseconds);
    place.append(make("h2", "How long it took"));
    place.append(table("Milliseconds by step", ["Step", "ms", ""], steps.map(([name, ms]) => ({ name, figure: ms < 10 ? ms.toFixed(1) : ms.toFixed(0), share: ms }))));
    place.append(make("h2", "Which networks looked"));
    const list = make("dl", "", "facts");
    for (const [name, model] of Object.entries(answer.models)) put(list, make("dt", name), put(make("dd"), make("code", `${model.name} ${model.fingerprint.slice(0, 12)}`)));
    place.append(list);
    title.tabIndex = -1;
    title.focus();
  };

  const send = async (form) => {
    const file = form.elements.file.files[0];
    if (!file) return say("Choose a photo or clip first.", true);
    const body = new FormData();
    body.append("file", file);
    body.append("mode", form.elements.mode.value);
    body.append("annotated", "true");
    const button = form.querySelector("button");
    const stop = new AbortController();
    const begun = Date.now();
    const clock = setInterval(() => {
      const seconds = Math.round((Date.now() - begun) / 1000);
      say(`Looking at ${file.name} for ${seconds} s…`);
      if (seconds >= LONGEST_S) stop.abort();
    }, 1000);
    button.disabled = true;
    say(`Looking at ${file.name}…`);
    document.getElementById("tried").replaceChildren();
    try {
      const answer = await fetch("/api/v1/predict", { method: "POST", body, headers: { "X-CSRF-Token": form.dataset.csrf }, signal: stop.signal });
      const tree = await answer.json();
      if (!answer.ok) return say(`${tree.title}. ${tree.detail || ""}`, true);
      say("");
      shown(tree, JSON.parse(form.dataset.words));
    } catch (error) {
      say(error.name === "AbortError" ? `No answer after ${LONGEST_S} s. Try a shorter clip.` : "The server does not answer. Is catml serve still running?", true);
    } finally {
      clearInterval(clock);
      button.disabled = false;
    }
  };

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "trying") return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("dragover", (event) => {
    if (event.target.closest?.(".drop")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const place = event.target.closest?.(".drop");
    if (!place || !event.dataTransfer.files.length) return;
    event.preventDefault();
    const form = place.closest("form");
    form.elements.file.files = event.dataTransfer.files;
    form.requestSubmit();
  });
})();
