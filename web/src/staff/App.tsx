/** The pages of those who have an account. Each is fetched when it is first opened. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { BrowserRouter, Navigate, Route, Routes, useHref, useLocation, useNavigate } from "react-router";

import { ask } from "../api/calls";
import { type Language, preferred, type Texts, TextsProvider } from "../texts/texts";
import { Loading, Notice, PageTitle } from "../ui/parts";
import { AccountLink } from "./AccountLink";
import { Go, Problem } from "./parts";
import { api, resume, useSignedIn } from "./session";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { staffTexts, useTexts } from "./texts";

const Sessions = lazy(() => import("./sessions/Sessions"));
const CreateSession = lazy(() => import("./sessions/CreateSession"));
const BulkSessions = lazy(() => import("./sessions/BulkSessions"));
const SessionPage = lazy(() => import("./session/SessionPage"));
const Plans = lazy(() => import("./plans/Plans"));
const PlanPage = lazy(() => import("./plans/PlanPage"));
const Problems = lazy(() => import("./Problems"));
const Compare = lazy(() => import("./compare/Compare"));
const Search = lazy(() => import("./Search"));
const Reports = lazy(() => import("./Reports"));
const People = lazy(() => import("./People"));
const Users = lazy(() => import("./Users"));
const Webhooks = lazy(() => import("./Webhooks"));
const Queue = lazy(() => import("./proctor/Queue"));
const IncidentPage = lazy(() => import("./proctor/IncidentPage"));
const Agreement = lazy(() => import("./proctor/Agreement"));
const Live = lazy(() => import("./proctor/Live"));
const Account = lazy(() => import("./Account"));
const Monitoring = lazy(() => import("./Monitoring"));

export function App() {
  const [language, setLanguage] = useState<Language>(remembered);
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem("language", language);
  }, [language]);
  return (
    <I18nProvider locale={language}>
      <TextsProvider value={staffTexts(language) as Texts<string>}>
        <BrowserRouter>
          <Linked>
            <Routes>
              <Route path="/accept-invitation" element={<AccountLink invited />} />
              <Route path="/reset-password" element={<AccountLink invited={false} />} />
              <Route path="*" element={<Anywhere onLanguage={setLanguage} />} />
            </Routes>
          </Linked>
        </BrowserRouter>
      </TextsProvider>
    </I18nProvider>
  );
}

function remembered(): Language {
  const chosen = localStorage.getItem("language"); // a taste, and nothing about a person
  return chosen === "de" || chosen === "en" ? chosen : preferred();
}

function Linked({ children }: { children: React.ReactNode }) {
  const navigate = useNavigate();
  return (
    <RouterProvider navigate={(path) => void navigate(path)} useHref={useHref}>
      {children}
    </RouterProvider>
  );
}

function Anywhere({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const { pathname } = useLocation();
  return /^\/(app|monitoring_dashboard)(\/|$)/.test(pathname) ? <Inside onLanguage={onLanguage} /> : <Lost />;
}

function Inside({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const { t } = useTexts();
  const signedIn = useSignedIn();
  const resuming = useQuery({ queryKey: ["resume"], queryFn: resume, staleTime: Infinity, refetchOnWindowFocus: false });
  const me = useQuery({ queryKey: ["me"], queryFn: () => ask(api.GET("/api/auth/me")), enabled: signedIn, staleTime: 60_000 });
  if (resuming.isPending) {
    return <main className="alone">{resuming.failureReason ? <Notice tone="warn">{t("app.outage")}</Notice> : <Loading>{t("app.loading")}</Loading>}</main>;
  }
  if (!signedIn) return <SignIn onLanguage={onLanguage} />;
  if (me.error) return <Problem error={me.error} onAgain={() => void me.refetch()} />;
  if (!me.data) return <Loading>{t("app.loading")}</Loading>;
  const home = me.data.role === "proctor" ? "/app/incidents" : "/app/sessions";
  const recruits = me.data.role !== "proctor";
  const admin = me.data.role === "admin";
  return (
    <Shell me={me.data} onLanguage={onLanguage}>
      <Suspense fallback={<Loading>{t("app.loading")}</Loading>}>
        <Routes>
          {recruits ? (
            <>
              <Route path="/app/sessions" element={<Sessions />} />
              <Route path="/app/sessions/new" element={<CreateSession />} />
              <Route path="/app/sessions/bulk" element={<BulkSessions />} />
              <Route path="/app/sessions/:id" element={<SessionPage />} />
              <Route path="/app/plans" element={<Plans me={me.data} />} />
              <Route path="/app/plans/:id" element={<PlanPage me={me.data} />} />
              <Route path="/app/problems" element={<Problems />} />
              <Route path="/app/compare" element={<Compare />} />
              <Route path="/app/search" element={<Search />} />
              <Route path="/app/people" element={<People />} />
              <Route path="/app/reports" element={<Reports />} />
              <Route path="/monitoring_dashboard" element={<Monitoring />} />
            </>
          ) : null}
          {admin ? (
            <>
              <Route path="/app/users" element={<Users me={me.data} />} />
              <Route path="/app/webhooks" element={<Webhooks />} />
            </>
          ) : null}
          <Route path="/app/incidents" element={<Queue me={me.data} />} />
          <Route path="/app/incidents/:id" element={<IncidentPage me={me.data} />} />
          <Route path="/app/live" element={<Live me={me.data} />} />
          {recruits && !admin ? null : <Route path="/app/agreement" element={<Agreement />} />}
          <Route path="/app/account" element={<Account me={me.data} />} />
          <Route path="/app" element={<Navigate to={home} replace />} />
          <Route path="*" element={<NoSuchPage />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}

/** Of one who is signed in: the menu is above. */
function NoSuchPage() {
  const { t } = useTexts();
  return (
    <section className="card">
      <PageTitle>{t("lost.title")}</PageTitle>
      <p>{t("lost.words")}</p>
    </section>
  );
}

/** Of anybody: it may be a candidate who typed the address. */
function Lost() {
  const { t } = useTexts();
  return (
    <main className="alone">
      <section className="card">
        <PageTitle>{t("lost.title")}</PageTitle>
        <p>{t("lost.invited")}</p>
        <div>
          <Go to="/app">{t("lost.sign_in")}</Go>
        </div>
      </section>
    </main>
  );
}
