// What "Cats" does with photos in the browser: send each, say what became of it, and take it back. Words are text only.
"use strict";
(() => {
  const MOST = 40; // photos at a time
  const LONGEST_MS = 60000; // for one photo
  const AGAIN_MS = 2000;
  const LONGEST_AGAIN_MS = 3600000;
  const make = (name, words = "", classes = "") => {
    const made = document.createElement(name);
    if (words) made.textContent = words;
    if (classes) made.className = classes;
    return made;
  };
  const say = (words, wrong = false) => {
    const line = make("div", "", wrong ? "tell wrong" : "tell");
    line.append(make("p", words));
    document.getElementById("enrolled-said").replaceChildren(...(words ? [line] : []));
  };
  const asked = async (form, method, path, body, longest = LONGEST_MS) => {
    const stop = AbortSignal.timeout(longest);
    const answer = await fetch(path, { method, body, headers: { "X-CSRF-Token": form.dataset.csrf }, signal: stop });
    const tree = answer.status === 204 ? {} : await answer.json();
    return { ok: answer.ok, tree, words: answer.ok ? "" : [tree.title, tree.detail].filter(Boolean).join(": ") };
  };

  // A line for one photo: what it is called, what became of it, and the way back.
  const line = (file, name) => {
    const place = make("li", "", "enrolled-row");
    const picture = make("img");
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    const about = make("span", `${file.name}: being looked at…`);
    place.append(picture, about);
    document.getElementById("enrolled").prepend(place);
    return { place, about, name };
  };

  const send = async (form, cat, called, file) => {
    const { place, about } = line(file, called);
    const body = new FormData();
    body.append("file", file);
    const path = `/api/v1/cats/${encodeURIComponent(cat)}/photos`;
    try {
      const { ok, tree, words } = await asked(form, "POST", path, body);
      if (!ok) {
        about.textContent = `${file.name}: not kept. ${words}`;
        return false;
      }
      if (tree.there) {
        about.textContent = `${file.name}: ${called} is known by it already.`;
        return false;
      }
      about.textContent = `${file.name}: kept, ${called} is on it (${tree.confidence.toFixed(2)}).`;
      const back = make("button", "Undo", "button");
      back.type = "button";
      back.setAttribute("aria-label", `Undo: ${file.name}`);
      back.addEventListener("click", async () => {
        const gone = await asked(form, "DELETE", `${path}/${tree.md5}`).catch(() => ({ ok: false }));
        about.textContent = gone.ok ? `${file.name}: taken back.` : `${file.name}: could not be taken back; try again.`;
        if (gone.ok) {
          back.remove();
          again(form);
        }
      });
      place.append(back);
      return true;
    } catch (error) {
      about.textContent = `${file.name}: not kept. ${error.name === "TimeoutError" ? "No answer after a minute." : "The server does not answer."}`;
      return false;
    }
  };

  // Past days are told again; how that goes is asked until it is through.
  const again = async (form) => {
    const begun = Date.now();
    try {
      let { tree, ok, words } = await asked(form, "POST", "/api/v1/refresh");
      while (ok && tree.state === "running" && Date.now() - begun < LONGEST_AGAIN_MS) {
        say(tree.words);
        await new Promise((done) => setTimeout(done, AGAIN_MS));
        ({ tree, ok, words } = await asked(form, "GET", "/api/v1/refresh"));
      }
      say(ok ? tree.words : words, !ok || tree.state === "failed");
    } catch {
      say("The server does not answer. The photos that were kept stay; catml refresh tells past days again.", true);
    }
  };

  const take = async (form, files) => {
    const cat = form.elements.cat.value;
    const called = form.elements.cat.selectedOptions[0].textContent;
    const chosen = [...files].slice(0, MOST);
    let kept = 0;
    for (const file of chosen) kept += await send(form, cat, called, file);
    form.elements.files.value = "";
    if (files.length > MOST) say(`${files.length - MOST} photos were left out: ${MOST} at a time.`, true);
    if (kept) again(form);
  };

  document.addEventListener("change", (event) => {
    if (event.target.id === "enrolling-files" && event.target.files.length) take(event.target.form, [...event.target.files]);
  });
  document.addEventListener("submit", (event) => { if (event.target.id === "enrolling") event.preventDefault(); });
  document.addEventListener("dragover", (event) => { if (event.target.closest?.("#enrolling")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const form = event.target.closest?.("#enrolling");
    if (!form || !event.dataTransfer.files.length) return;
    event.preventDefault();
    take(form, [...event.dataTransfer.files]);
  });
})();
