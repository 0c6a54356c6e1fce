import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, done } from "../api/calls";
import { Badge, Button, Field, Notice, PageTitle } from "../ui/parts";
import { Loaded, Problem } from "./parts";
import { api, keepToken, type Me } from "./session";
import { useTexts } from "./texts";

export default function Account({ me }: { me: Me }) {
  const { t, moment } = useTexts();
  const queries = useQueryClient();
  const signIns = useQuery({ queryKey: ["sign-ins"], queryFn: () => ask(api.GET("/api/auth/sessions")) });
  const out = useMutation({
    mutationFn: (path: "/api/auth/logout" | "/api/auth/logout-everywhere") => done(api.POST(path)),
    onSettled: () => {
      queries.clear();
      queries.setQueryData(["resume"], true);
      keepToken(null);
    },
  });
  return (
    <>
      <div className="spread">
        <PageTitle>{t("account.title")}</PageTitle>
        <Button look="quiet" onPress={() => out.mutate("/api/auth/logout")}>
          {t("signin.out")}
        </Button>
      </div>
      <section className="card">
        <dl className="facts">
          <Fact name={t("users.name")} value={me.name} />
          <Fact name={t("users.email")} value={me.email} />
          <Fact name={t("users.role")} value={t(`users.role.${me.role}`)} />
        </dl>
      </section>
      <ChangePassword />
      <section className="card" aria-labelledby="sign-ins">
        <h2 id="sign-ins">{t("account.sign_ins")}</h2>
        <Loaded query={signIns}>
          {(data) => (
            <ul className="plain">
              {data.sign_ins.map((one) => (
                <li key={one.family_id}>
                  {one.label ?? "–"} · {moment(one.last_used_at)} {one.current ? <Badge tone="good">{t("account.here")}</Badge> : null}
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        <div>
          <Button look="quiet" onPress={() => out.mutate("/api/auth/logout-everywhere")}>
            {t("account.everywhere")}
          </Button>
        </div>
      </section>
    </>
  );
}

export function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function ChangePassword() {
  const { t } = useTexts();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const changing = useMutation({
    mutationFn: () => done(api.POST("/api/auth/password", { body: { current, new: next } })),
    onSuccess: () => {
      setCurrent("");
      setNext("");
    },
  });
  const change = (event: FormEvent) => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <form className="card" onSubmit={change}>
      <h2>{t("account.change")}</h2>
      <div className="fields">
        <Field label={t("account.current")} type="password" autoComplete="current-password" isRequired value={current} onChange={setCurrent} />
        <Field label={t("account.new")} type="password" autoComplete="new-password" isRequired minLength={10} value={next} onChange={setNext} />
      </div>
      {changing.isSuccess ? <Notice tone="good">{t("account.changed")}</Notice> : null}
      {changing.error ? <Problem error={changing.error} /> : null}
      <div>
        <Button type="submit" isPending={changing.isPending}>
          {t("app.save")}
        </Button>
      </div>
    </form>
  );
}
