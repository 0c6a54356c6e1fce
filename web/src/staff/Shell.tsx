import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import { NavLink, useLocation } from "react-router";

import { callError } from "../api/calls";
import type { Language } from "../texts/texts";
import { LanguageChoice, Notice } from "../ui/parts";
import type { Me } from "./session";
import { useTexts } from "./texts";

const PLACES = [
  { to: "/app/sessions", key: "nav.sessions", who: ["recruiter", "admin"] },
  { to: "/app/plans", key: "nav.plans", who: ["recruiter", "admin"] },
  { to: "/app/compare", key: "nav.compare", who: ["recruiter", "admin"] },
  { to: "/app/search", key: "nav.search", who: ["recruiter", "admin"] },
  { to: "/app/reports", key: "nav.reports", who: ["recruiter", "admin"] },
  { to: "/app/problems", key: "nav.problems", who: ["recruiter", "admin"] },
  { to: "/app/incidents", key: "nav.incidents", who: ["recruiter", "proctor", "admin"] },
  { to: "/app/live", key: "nav.live", who: ["recruiter", "proctor", "admin"] },
  { to: "/app/agreement", key: "nav.agreement", who: ["proctor", "admin"] },
  { to: "/monitoring_dashboard", key: "nav.monitoring", who: ["recruiter", "admin"] },
  { to: "/app/users", key: "nav.users", who: ["admin"] },
  { to: "/app/webhooks", key: "nav.webhooks", who: ["admin"] },
  { to: "/app/account", key: "nav.account", who: ["recruiter", "proctor", "admin"] },
] as const;

/** What surrounds every page of one who is signed in. */
export function Shell({ me, onLanguage, children }: { me: Me; onLanguage: (language: Language) => void; children: ReactNode }) {
  const { t, language } = useTexts();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const places = PLACES.filter((place) => (place.who as readonly string[]).includes(me.role));
  const here = places.find((place) => pathname.startsWith(place.to));
  return (
    <>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="bar">
        <span className="brand">Viva</span>
        <button type="button" className="button quiet menu" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
          <span aria-hidden="true">☰</span>
          <span className="visually-hidden">{t("app.menu")}:</span> {here ? t(here.key) : t("app.menu")}
        </button>
        <nav id="menu" aria-label={t("app.menu")} className={open ? "open" : ""}>
          <ul>
            {places.map((place) => (
              <li key={place.to}>
                <NavLink to={place.to} onClick={() => setOpen(false)}>
                  {t(place.key)}
                </NavLink>
              </li>
            ))}
          </ul>
        </nav>
        <LanguageChoice label={t("app.language")} value={language} onChange={onLanguage} />
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <Away />
        {children}
      </main>
    </>
  );
}

/** Says on every page that the server is away, as long as something that the page shows is being tried again. */
function Away() {
  const { t } = useTexts();
  const cache = useQueryClient().getQueryCache();
  const away = useSyncExternalStore(
    (changed) => cache.subscribe(changed),
    () => cache.getAll().some((query) => query.isActive() && callError(query.state.fetchFailureReason).passes),
  );
  return away ? <Notice tone="warn">{t("app.outage")}</Notice> : null;
}
