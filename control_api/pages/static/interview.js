// The plain interview page: invite link → consent → talk. Served with a strict policy; loads nothing from elsewhere.
"use strict";

const API = "/api/parallel_interview/session/";
const RUNNING = new Set(["IN_PROGRESS", "PAUSED"]);
const OVER = new Set(["COMPLETED", "ABANDONED", "EXPIRED", "DELETED"]);
const QUEUE_MS = 3000; // between two questions for a seat
const REJOINS = 8; // times, each waiting longer, before the page asks to be loaded again

const at = (id) => document.getElementById(id);
let seat = null; // what /api/invites said
let room = null; // the LiveKit room while we are in it
let leaving = false;

async function call(method, path, body) {
  const options = { method, headers: {}, credentials: "same-origin" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    const error = new Error(answer.message || t("The server did not understand."));
    error.code = answer.code;
    throw error;
  }
  return answer;
}

// The page in the interview's language where there are words for it; see interview.words.js.
let words = {};

function t(text, values = {}) {
  return (words[text] || text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function speak(language) {
  if (!WORDS[language]) return;
  words = WORDS[language];
  document.documentElement.lang = language;
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const said = texts.currentNode.data.trim();
    if (words[said]) texts.currentNode.data = texts.currentNode.data.replace(said, () => words[said]);
  }
  for (const element of document.querySelectorAll("[aria-label]")) {
    element.setAttribute("aria-label", t(element.getAttribute("aria-label")));
  }
}

function state(text) {
  at("state").textContent = text;
}

function problem(text) {
  at("problem").hidden = !text;
  at("problem").textContent = text || "";
}

function show(name) {
  for (const section of ["consent", "room", "ended"]) at(section).hidden = section !== name;
  const heading = at(`${name}-heading`);
  if (heading && name !== "consent") heading.focus();
}

// --- the way in -------------------------------------------------------------------------------------------------

async function open() {
  const secret = location.hash.slice(1);
  try {
    seat = secret ? await call("POST", "/api/invites/open", { secret }) : await call("GET", "/api/invites/seat");
  } catch (error) {
    state(t("This invitation cannot be opened."));
    problem(error.message);
    return;
  }
  history.replaceState(null, "", location.pathname); // the secret stays out of the address bar and of history
  speak(seat.language);
  at("title").textContent = seat.title;
  document.title = seat.title;
  at("question").lang = seat.language;
  at("introduction").lang = seat.language;
  at("questions").lang = seat.language;
  at("ended-words").lang = document.documentElement.lang;
  at("report").hidden = false;
  void showReported();
  if (OVER.has(seat.status)) return ended();
  if (RUNNING.has(seat.status)) return offerReturn();
  askConsent();
}

function askConsent() {
  state(t("Please read this, then begin when you are ready."));
  at("introduction").textContent = seat.consent.introduction;
  const minutes = Math.round(seat.duration_s / 60);
  at("facts").textContent = t("{count} questions, at most {minutes} minutes.", { count: seat.question_count, minutes });
  at("questions").replaceChildren(...seat.consent.questions.map(choice));
  show("consent");
}

function choice(question) {
  const row = document.createElement("label");
  row.className = "choice";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.name = question.item;
  box.required = question.required;
  const given = seat.consent.given;
  box.checked = Boolean(given && given[question.item]);
  const words = document.createElement("span");
  words.textContent = question.text + (question.required ? t(" (needed)") : t(" (your choice)"));
  row.append(box, words);
  return row;
}

// Nothing is asked twice and nobody is persuaded: the answer says what happens now, in the candidate's language.
async function decline() {
  if (!window.confirm(t("Without your consent the interview does not take place. Decline?"))) return;
  const items = {};
  for (const question of seat.consent.questions) if (question.required) items[question.item] = false;
  try {
    const answer = await call("POST", `${API}${seat.session_id}/consent`, {
      items, text_version: seat.consent.text_version,
    });
    seat.status = answer.status;
    at("ended-heading").textContent = seat.title;
    at("ended-words").textContent = answer.message;
    at("ended-words").lang = seat.language;
    ended();
    void showReported();
  } catch (error) {
    problem(error.message);
  }
}

function offerReturn() {
  at("decline").hidden = true;
  state(t("Your interview is going on. Press the button to return to it."));
  at("introduction").textContent = "";
  at("questions").replaceChildren();
  at("consent-form").querySelector("fieldset").hidden = true;
  at("begin").textContent = t("Return to the interview");
  show("consent");
}

async function begin(event) {
  event.preventDefault();
  at("begin").disabled = true;
  problem("");
  try {
    await preparedMicrophone();
    let way;
    if (RUNNING.has(seat.status)) {
      way = await call("POST", `${API}${seat.session_id}/token`);
    } else {
      await recordConsent();
      state(t("Starting…"));
      way = await started();
      seat.status = "IN_PROGRESS";
    }
    await join(way);
  } catch (error) {
    problem(error.message);
    state(t("It did not begin. You can try again."));
  } finally {
    at("begin").disabled = false;
  }
}

// Begins, or waits in the queue until there is a seat; asking again is harmless.
async function started() {
  for (;;) {
    const way = await call("POST", `${API}${seat.session_id}/start`);
    if (way.status !== "QUEUED") return way;
    seat.status = "QUEUED";
    const minutes = Math.max(1, Math.ceil(way.queue.expected_wait_s / 60));
    state(t(
      "All interviewers are busy. You are number {position} in the queue; it will take about {minutes} min. Please stay on this page.",
      { position: way.queue.position, minutes },
    ));
    await new Promise((resolve) => { setTimeout(resolve, QUEUE_MS); });
  }
}

async function recordConsent() {
  if (seat.status === "FAILED" || seat.status === "QUEUED") return; // it was given before
  const items = {};
  for (const question of seat.consent.questions) {
    items[question.item] = at("consent-form").elements[question.item].checked;
  }
  await call("POST", `${API}${seat.session_id}/consent`, { items, text_version: seat.consent.text_version });
  seat.consent.given = items;
}

// Asks for the microphone before anything starts: without one the interview can still be typed.
async function preparedMicrophone() {
  if (seat.typing_only) return;
  state(t("Your browser asks for the microphone…"));
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
  } catch (error) {
    problem(t("There is no microphone, or it was not allowed. You can type your answers instead."));
  }
}

// --- in the room ------------------------------------------------------------------------------------------------

async function join(way) {
  const { Room, RoomEvent } = window.LivekitClient;
  room = new Room({ adaptiveStream: true, dynacast: true });
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === "audio") at("speakers").append(track.attach());
  });
  room.on(RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()));
  room.on(RoomEvent.Reconnecting, () => state(t("The connection is weak; reconnecting…")));
  room.on(RoomEvent.Reconnected, () => state(t("Connected.")));
  room.on(RoomEvent.AudioPlaybackStatusChanged, () => { at("listen").hidden = room.canPlaybackAudio; });
  room.on(RoomEvent.DataReceived, (bytes, _from, _kind, topic) => {
    if (topic === "viva.progress") progress(JSON.parse(new TextDecoder().decode(bytes)));
  });
  room.registerTextStreamHandler("lk.transcription", (reader, from) => void caption(reader, from.identity));
  await room.connect(way.livekit_url, way.livekit_token);
  room.on(RoomEvent.Disconnected, () => void disconnected()); // from here on: a failed connect is told by its error
  show("room");
  state(t("Connected. The interviewer will greet you."));
  await publish();
}

async function publish() {
  const me = room.localParticipant;
  try {
    if (!seat.typing_only) await me.setMicrophoneEnabled(true);
  } catch (error) {
    problem(t("Your microphone cannot be used. You can type your answers instead."));
  }
  const given = seat.consent.given;
  if (seat.watches_camera && given && given.camera) {
    try {
      const publication = await me.setCameraEnabled(true);
      if (publication && publication.track) {
        publication.track.attach(at("own-camera"));
        at("own-camera").hidden = false;
      }
    } catch (error) {
      problem(t("Your camera cannot be used. The interview goes on without it."));
    }
  }
  showMute();
}

// One stream is one segment or one newer version of it; segments of one id replace each other.
async function caption(reader, identity) {
  const attributes = reader.info.attributes || {};
  const id = attributes["lk.segment_id"] || reader.info.id;
  const final = attributes["lk.transcription_final"] !== "false";
  let text = "";
  for await (const piece of reader) {
    text += piece;
    line(`${identity}/${id}`, identity, text, final);
  }
  // the interviewer's stream ends with the line; of the candidate's words each version is a stream of its own
  if (text && !identity.startsWith("candidate-")) line(`${identity}/${id}`, identity, text, true);
}

function line(key, identity, text, final) {
  const log = at("captions");
  let row = [...log.children].find((child) => child.dataset.key === key);
  if (!row) {
    row = document.createElement("p");
    row.dataset.key = key;
    log.append(row);
  }
  const mine = identity.startsWith("candidate-");
  row.className = final ? "" : "not-final";
  row.textContent = `${mine ? t("You") : t("Interviewer")}: ${text}`;
  log.scrollTop = log.scrollHeight;
}

let told = null; // the latest progress, and when it came: from there the page counts down by itself
setInterval(() => { if (told && room) showProgress(); }, 15000);

function progress(news) {
  told = { news, at: Date.now() };
  showProgress();
  at("question").textContent = news.question || "";
  if (news.state) state(t(news.state.charAt(0).toUpperCase() + news.state.slice(1).replaceAll("_", " ") + "."));
  const trouble = troubles(news);
  at("trouble").textContent = trouble;
  at("trouble").hidden = !trouble;
}

function troubles(news) {
  const failing = news.trouble || [];
  if (failing.includes("stt")) return t("We cannot hear you just now, by a fault of ours. Please type, or wait a moment.");
  if (failing.includes("tts")) return t("The interviewer has no voice just now. Please read the captions.");
  if (news.microphone === "muted") return t("Your microphone is off. Switch it on, or type your answers.");
  if (news.microphone === "silent") return t("No sound comes from your microphone. Please check it, or type your answers.");
  if (news.microphone === "missing") return t("This page has no microphone. You can type your answers.");
  return "";
}

function showProgress() {
  const { news, at: since } = told;
  const minutes = Math.max(0, Math.ceil((news.time_left_s - (Date.now() - since) / 1000) / 60));
  const left = news.time_left_s == null || news.state === "paused" ? "" : t("about {minutes} min left", { minutes });
  const asking = news.stage === "questions";
  const number = Math.min(news.answered + 1, news.total);
  const place = asking ? t("Question {number} of {total}", { number, total: news.total }) : "";
  at("progress").textContent = [place, left].filter(Boolean).join(" · ");
}

// Enter sends, as in any chat; Shift+Enter makes a new line.
function sendOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("type-form").requestSubmit();
}

async function sendTyped(event) {
  event.preventDefault();
  const text = at("typed").value.trim();
  if (!text || !room) return;
  try {
    await room.localParticipant.sendText(text, { topic: "lk.chat" });
    line(`typed/${Date.now()}`, "candidate-", text, true);
    at("typed").value = "";
  } catch (error) {
    problem(t("That was not sent; it is still in the box. Please try again."));
  }
}

function showMute() {
  const muted = !room.localParticipant.isMicrophoneEnabled;
  at("mute").setAttribute("aria-pressed", String(muted));
  at("mute").textContent = muted ? t("Unmute microphone") : t("Mute microphone");
}

async function toggleMute() {
  try {
    await room.localParticipant.setMicrophoneEnabled(!room.localParticipant.isMicrophoneEnabled);
  } catch (error) {
    problem(t("Your microphone cannot be used. You can type your answers instead."));
  }
  showMute();
}

// --- problems ---------------------------------------------------------------------------------------------------

let reportName = null; // of the problem in the box: sent again after a broken connection, it is raised once

async function report(event) {
  event.preventDefault();
  reportName = reportName || `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const body = { kind: at("report-kind").value, text: at("report-words").value, ref: reportName };
  try {
    await call("POST", `${API}${seat.session_id}/problems`, body);
    reportName = null;
    at("report-words").value = "";
    await showReported();
  } catch (error) {
    problem(error.message);
  }
}

async function showReported() {
  let raised;
  try {
    raised = (await call("GET", `${API}${seat.session_id}/problems`)).problems;
  } catch (error) {
    return; // the list is shown when it can be had
  }
  at("reported").replaceChildren(...raised.map((one) => {
    const row = document.createElement("li");
    row.textContent = `${one.text} — ${one.answer || (one.state === "open" ? t("sent; not answered yet") : t("seen"))}`;
    return row;
  }));
}

// --- the way out ------------------------------------------------------------------------------------------------

async function endInterview() {
  if (!window.confirm(t("End the interview now? It cannot be continued afterwards."))) return;
  leaving = true;
  at("end").disabled = true;
  try {
    await call("POST", `${API}${seat.session_id}/end`);
    await room.disconnect();
    ended();
  } catch (error) {
    leaving = false;
    at("end").disabled = false;
    problem(error.message);
  }
}

// Thrown out, or the network went: ask how the session stands, and return to it while it goes on.
async function disconnected() {
  if (leaving) return;
  at("own-camera").hidden = true;
  for (let turn = 0; turn < REJOINS; turn += 1) {
    try {
      const session = await call("GET", API + seat.session_id);
      if (!RUNNING.has(session.status)) return session.status === "FAILED" ? failed() : ended();
      state(t("The connection was lost; returning…"));
      return await join(await call("POST", `${API}${seat.session_id}/token`));
    } catch (error) {
      await new Promise((resolve) => { setTimeout(resolve, 500 * 2 ** turn); });
    }
  }
  problem(t("The connection could not be restored. Please check your network, then load this page again."));
}

function failed() {
  seat.status = "FAILED";
  at("decline").hidden = true;
  show("consent");
  state(t("Something went wrong on our side. You can start again."));
}

function ended() {
  state("");
  show("ended");
}

at("consent-form").addEventListener("submit", (event) => void begin(event));
at("decline").addEventListener("click", () => void decline());
at("report-form").addEventListener("submit", (event) => void report(event));
at("typed").addEventListener("keydown", sendOnEnter);
at("type-form").addEventListener("submit", (event) => void sendTyped(event));
at("mute").addEventListener("click", () => void toggleMute());
at("listen").addEventListener("click", () => void room.startAudio());
at("end").addEventListener("click", () => void endInterview());
if (window.LivekitClient) {
  void open();
} else {
  state(t("This page is not complete."));
  problem(t("The part that carries your voice is missing on the server (livekit-client.umd.js)."));
}
