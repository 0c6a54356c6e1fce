// The page behind the one-time links for accounts: an invitation, or a new password. Loads nothing from elsewhere.
"use strict";

const at = (id) => document.getElementById(id);
const invited = location.pathname === "/accept-invitation";

function problem(text) {
  at("problem").hidden = !text;
  at("problem").textContent = text || "";
}

function done(text) {
  history.replaceState(null, "", location.pathname); // the secret is used up; it need not stay in the address bar
  at("form").hidden = true;
  at("state").textContent = text;
  at("title").focus();
}

async function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.message || "The server did not understand.");
  return answer;
}

async function save(event) {
  event.preventDefault();
  problem("");
  if (at("password").value !== at("again").value) {
    problem("The two passwords differ.");
    return;
  }
  const body = { secret: location.hash.slice(1), password: at("password").value };
  if (invited && at("name").value.trim()) body.name = at("name").value.trim();
  at("send").disabled = true;
  try {
    const answer = await send(invited ? "/api/auth/accept-invitation" : "/api/auth/reset-password", body);
    done(invited ? `Your account is ready. Sign in as ${answer.email}.` : "Your new password is set. Sign in with it.");
  } catch (error) {
    problem(error.message);
  } finally {
    at("send").disabled = false;
  }
}

at("title").textContent = document.title = invited ? "Make your account" : "Set a new password";
at("name-row").hidden = !invited;
if (!location.hash) problem("This link is not whole: open it again as it was sent to you.");
at("form").addEventListener("submit", save);
