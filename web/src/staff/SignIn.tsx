import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, callError } from "../api/calls";
import type { Language } from "../texts/texts";
import { Button, Field, LanguageChoice, Notice, PageTitle } from "../ui/parts";
import { api, keepToken, wasEnded } from "./session";
import { errorWords, useTexts } from "./texts";

export function SignIn({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const texts = useTexts();
  const { t, language } = texts;
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signing = useMutation({
    mutationFn: () => ask(api.POST("/api/auth/login", { body: { email: email.trim(), password } })),
    onSuccess: (answer) => {
      queries.clear(); // nothing of one account is shown to another
      queries.setQueryData(["resume"], true);
      keepToken(answer.access_token);
    },
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
    signing.mutate();
  };
  const failure = signing.error ? callError(signing.error) : null;
  return (
    <main className="alone">
      <form className="card" onSubmit={go}>
        <PageTitle>{t("signin.title")}</PageTitle>
        {wasEnded() && !failure ? <Notice>{t("signin.ended")}</Notice> : null}
        <Field label={t("signin.email")} type="email" autoComplete="username" isRequired value={email} onChange={setEmail} />
        <Field
          label={t("signin.password")}
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
        <p className="field-help">{t("signin.forgotten")}</p>
        {failure ? <Notice tone="bad">{texts.maybe(`signin.${failure.code}`, errorWords(texts, failure))}</Notice> : null}
        <div className="spread">
          <Button type="submit" isPending={signing.isPending}>
            {t("signin.go")}
          </Button>
          <LanguageChoice label={t("app.language")} value={language} onChange={onLanguage} />
        </div>
      </form>
    </main>
  );
}
