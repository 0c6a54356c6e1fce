/** For admins: accounts and invitations. One-time links are shown once, to be handed over. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, done } from "../api/calls";
import type { Schemas } from "../api/client";
import { Badge, Button, Choice, Field, PageTitle, Window } from "../ui/parts";
import { MoreButton, TablePane, usePaged } from "./lists";
import { CopyLine, Loaded, Problem } from "./parts";
import { api, type Me } from "./session";
import { useTexts } from "./texts";

type Role = Schemas["Role"];
type User = Schemas["UserView"];
interface OneTime {
  name: string;
  url: string;
}

const user = (user_id: string) => ({ params: { path: { user_id } } });

export default function Users({ me }: { me: Me }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [link, setLink] = useState<OneTime | null>(null);
  const pages = usePaged(["users"], (cursor) => ask(api.GET("/api/users", { params: { query: { limit: 50, ...(cursor ? { cursor: cursor } : {}) } } })));
  const changed = () => queries.invalidateQueries({ queryKey: ["users"] });
  const toggling = useMutation({
    mutationFn: (one: User) =>
      one.disabled_at ? ask(api.POST("/api/users/{user_id}/enable", user(one.user_id))) : ask(api.POST("/api/users/{user_id}/disable", user(one.user_id))),
    onSuccess: changed,
  });
  const changing = useMutation({
    mutationFn: ({ one, role }: { one: User; role: Role }) => ask(api.PATCH("/api/users/{user_id}", { ...user(one.user_id), body: { role } })),
    onSuccess: changed,
  });
  const resetting = useMutation({
    mutationFn: (one: User) => ask(api.POST("/api/users/{user_id}/password-reset", user(one.user_id))),
    onSuccess: (answer, one) => setLink({ name: one.name, url: answer.url }),
  });
  const users = pages.data?.pages.flatMap((page) => page.users) ?? [];
  const failed = pages.error ?? toggling.error ?? changing.error ?? resetting.error;
  return (
    <>
      <PageTitle>{t("users.title")}</PageTitle>
      <Invite onLink={setLink} />
      {failed ? <Problem error={failed} /> : null}
      <TablePane label={t("users.title")}>
        <table className="cards-on-phones">
          <thead>
            <tr>
              <th scope="col">{t("users.name")}</th>
              <th scope="col">{t("users.role")}</th>
              <th scope="col">{t("sessions.status")}</th>
              <th scope="col">
                <span className="visually-hidden">{t("users.disable")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {users.map((one) => (
              <tr key={one.user_id}>
                <th scope="row">
                  {one.name}
                  <div className="small soft">{one.email}</div>
                </th>
                <td>
                  <RoleChoice label={`${t("users.role")}: ${one.name}`} hideLabel value={one.role} onChange={(role) => changing.mutate({ one, role })} />
                </td>
                <td>{one.disabled_at ? <Badge tone="warn">{t("users.disabled")}</Badge> : <Badge tone="good">{t("users.active")}</Badge>}</td>
                <td>
                  <div className="row">
                    <Button look="plain" size="small" onPress={() => resetting.mutate(one)}>
                      {t("users.reset")}
                    </Button>
                    {one.user_id === me.user_id ? null : (
                      <Button look="plain" size="small" onPress={() => toggling.mutate(one)}>
                        {one.disabled_at ? t("users.enable") : t("users.disable")}
                      </Button>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TablePane>
      <MoreButton pages={pages} />
      <Invitations onLink={setLink} />
      <Window title={t("users.link", { name: link?.name ?? "" })} isOpen={link !== null} onClose={() => setLink(null)}>
        <CopyLine label={t("users.link", { name: link?.name ?? "" })} help={t("users.link.help")} value={link?.url ?? ""} />
        <div className="row row-end">
          <Button onPress={() => setLink(null)}>{t("app.close")}</Button>
        </div>
      </Window>
    </>
  );
}

function RoleChoice({ label, hideLabel, value, onChange }: { label: string; hideLabel?: boolean; value: Role; onChange: (role: Role) => void }) {
  const { t } = useTexts();
  return (
    <Choice
      label={label}
      hideLabel={hideLabel ?? false}
      value={value}
      options={(["recruiter", "proctor", "admin"] as const).map((role) => ({ value: role, label: t(`users.role.${role}`) }))}
      onChange={onChange}
    />
  );
}

function Invite({ onLink }: { onLink: (link: OneTime) => void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("recruiter");
  const inviting = useMutation({
    mutationFn: () => ask(api.POST("/api/users/invite", { body: { name: name.trim(), email: email.trim(), role } })),
    onSuccess: (answer) => {
      onLink({ name: answer.name, url: answer.url });
      setName("");
      setEmail("");
      void queries.invalidateQueries({ queryKey: ["invitations"] });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    inviting.mutate();
  };
  return (
    <form className="card" onSubmit={send}>
      <h2>{t("users.invite")}</h2>
      <div className="fields">
        <Field label={t("users.name")} isRequired maxLength={200} value={name} onChange={setName} />
        <Field label={t("users.email")} type="email" isRequired value={email} onChange={setEmail} />
        <RoleChoice label={t("users.role")} value={role} onChange={setRole} />
      </div>
      {inviting.error ? <Problem error={inviting.error} /> : null}
      <div>
        <Button type="submit" isPending={inviting.isPending}>
          {t("users.invite")}
        </Button>
      </div>
    </form>
  );
}

function Invitations({ onLink }: { onLink: (link: OneTime) => void }) {
  const { t, moment } = useTexts();
  const queries = useQueryClient();
  const open = useQuery({
    queryKey: ["invitations"],
    queryFn: () => ask(api.GET("/api/users/invitations", { params: { query: { only_open: true, limit: 100 } } })),
  });
  const path = (invitation_id: string) => ({ params: { path: { invitation_id } } });
  const changed = () => queries.invalidateQueries({ queryKey: ["invitations"] });
  const resending = useMutation({
    mutationFn: (id: string) => ask(api.POST("/api/users/invitations/{invitation_id}/resend", path(id))),
    onSuccess: (answer) => {
      onLink({ name: answer.name, url: answer.url });
      return changed();
    },
  });
  const withdrawing = useMutation({
    mutationFn: (id: string) => done(api.DELETE("/api/users/invitations/{invitation_id}", path(id))),
    onSuccess: changed,
  });
  return (
    <section className="card" aria-labelledby="invitations">
      <h2 id="invitations">{t("users.invitations")}</h2>
      <Loaded query={open}>
        {(data) =>
          data.invitations.length ? (
            <ul className="plain stack">
              {data.invitations.map((one) => (
                <li key={one.invitation_id} className="spread">
                  <span>
                    {one.name} <span className="soft">{one.email}</span> · {t(`users.role.${one.role}`)} · {t("users.expires")} {moment(one.expires_at)}
                  </span>
                  <span className="row">
                    <Button look="plain" size="small" onPress={() => resending.mutate(one.invitation_id)}>
                      {t("users.resend")}
                    </Button>
                    <Button look="plain" size="small" onPress={() => withdrawing.mutate(one.invitation_id)}>
                      {t("users.withdraw")}
                    </Button>
                  </span>
                </li>
              ))}
            </ul>
          ) : (
            <p className="soft">{t("users.none")}</p>
          )
        }
      </Loaded>
    </section>
  );
}
