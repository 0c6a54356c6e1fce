/** The page behind a one-time link: an invitation, or a new password. The link's secret is behind `#`. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, done } from "../api/calls";
import { createApi } from "../api/client";
import { Button, Field, Notice, PageTitle } from "../ui/parts";
import { Go, Problem } from "./parts";
import { useTexts } from "./texts";

const plain = createApi("");

export function AccountLink({ invited }: { invited: boolean }) {
  const { t } = useTexts();
  const [secret] = useState(() => location.hash.slice(1));
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const saving = useMutation({
    mutationFn: async () => {
      const body = { secret, password };
      if (!invited) return done(plain.POST("/api/auth/reset-password", { body })).then(() => "");
      const whole = name.trim() ? { ...body, name: name.trim() } : body;
      return (await ask(plain.POST("/api/auth/accept-invitation", { body: whole }))).email;
    },
    // the secret is used up; it need not stay in the address bar
    onSuccess: () => history.replaceState(null, "", location.pathname),
  });
  const differ = again !== "" && password !== again;
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (password === again) saving.mutate();
  };
  return (
    <main className="alone">
      <form className="card" onSubmit={save}>
        <PageTitle>{invited ? t("account.make") : t("account.reset")}</PageTitle>
        {secret ? null : <Notice tone="bad">{t("account.broken")}</Notice>}
        {saving.isSuccess ? (
          <>
            <Notice tone="good">{invited ? t("account.made", { email: saving.data }) : t("account.set")}</Notice>
            <Go to="/app/">{t("signin.title")}</Go>
          </>
        ) : (
          <>
            {invited ? (
              <Field label={t("account.name")} autoComplete="name" maxLength={200} value={name} onChange={setName} />
            ) : null}
            <Field label={t("account.new")} type="password" autoComplete="new-password" isRequired minLength={10} maxLength={800} value={password} onChange={setPassword} />
            <Field label={t("account.again")} type="password" autoComplete="new-password" isRequired maxLength={800} value={again} onChange={setAgain} error={differ ? t("account.differ") : undefined} />
            {saving.error ? <Problem error={saving.error} /> : null}
            <div>
              <Button type="submit" isPending={saving.isPending}>
                {t("app.save")}
              </Button>
            </div>
          </>
        )}
      </form>
    </main>
  );
}
