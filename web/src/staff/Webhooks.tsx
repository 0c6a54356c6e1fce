/** For admins: where events are sent, and what came of it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { ask, done } from "../api/calls";
import type { Schemas } from "../api/client";
import { Badge, Button, Check, Confirm, Field, PageTitle, Window } from "../ui/parts";
import { CopyLine, Loaded, Problem } from "./parts";
import { api } from "./session";
import { useTexts } from "./texts";

type Webhook = Schemas["WebhookView"];
type EventKind = Schemas["EventKind"];

const EVENTS: readonly EventKind[] = [
  "session.completed", "session.ended", "report.ready", "incident.filed", "problem.raised", "invite.created",
  "invite.reminder", "invite.changed", "invite.withdrawn",
];
const of = (webhook_id: string) => ({ params: { path: { webhook_id } } });

export default function Webhooks() {
  const { t } = useTexts();
  const [secret, setSecret] = useState("");
  const webhooks = useQuery({ queryKey: ["webhooks"], queryFn: () => ask(api.GET("/api/webhooks/outgoing")) });
  return (
    <>
      <PageTitle>{t("webhooks.title")}</PageTitle>
      <Add onSecret={setSecret} />
      <Loaded query={webhooks}>
        {(data) =>
          data.webhooks.length ? (
            data.webhooks.map((one) => <One key={one.webhook_id} webhook={one} onSecret={setSecret} />)
          ) : (
            <p className="card">{t("webhooks.empty")}</p>
          )
        }
      </Loaded>
      <Window title={t("webhooks.secret")} isOpen={secret !== ""} onClose={() => setSecret("")}>
        <CopyLine label={t("webhooks.secret")} help={t("webhooks.secret.help")} value={secret} />
        <div className="row row-end">
          <Button onPress={() => setSecret("")}>{t("app.close")}</Button>
        </div>
      </Window>
    </>
  );
}

function Add({ onSecret }: { onSecret: (secret: string) => void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [events, setEvents] = useState<readonly EventKind[]>(["session.completed", "report.ready"]);
  const adding = useMutation({
    mutationFn: () => ask(api.POST("/api/webhooks/outgoing", { body: { url: url.trim(), description, events: [...events] } })),
    onSuccess: (answer) => {
      onSecret(answer.secret);
      setUrl("");
      return queries.invalidateQueries({ queryKey: ["webhooks"] });
    },
  });
  const add = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <form className="card" onSubmit={add}>
      <h2>{t("webhooks.add")}</h2>
      <div className="fields">
        <Field label={t("webhooks.url")} type="url" isRequired placeholder="https://" value={url} onChange={setUrl} />
        <Field label={t("webhooks.description")} maxLength={200} value={description} onChange={setDescription} />
      </div>
      <fieldset className="group">
        <legend>{t("webhooks.events")}</legend>
        <div className="fields">
          {EVENTS.map((kind) => (
            <Check key={kind} isSelected={events.includes(kind)} onChange={(yes) => setEvents(EVENTS.filter((one) => (one === kind ? yes : events.includes(one))))}>
              <code>{kind}</code>
            </Check>
          ))}
        </div>
      </fieldset>
      {adding.error ? <Problem error={adding.error} /> : null}
      <div>
        <Button type="submit" isPending={adding.isPending}>
          {t("webhooks.add")}
        </Button>
      </div>
    </form>
  );
}

function One({ webhook, onSecret }: { webhook: Webhook; onSecret: (secret: string) => void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const [shown, setShown] = useState(false);
  const changed = () => queries.invalidateQueries({ queryKey: ["webhooks"] });
  const switching = useMutation({
    mutationFn: () => ask(api.PATCH("/api/webhooks/outgoing/{webhook_id}", { ...of(webhook.webhook_id), body: { disabled: !webhook.disabled_at } })),
    onSuccess: changed,
  });
  const pinging = useMutation({
    mutationFn: () => ask(api.POST("/api/webhooks/outgoing/{webhook_id}/ping", of(webhook.webhook_id))),
    onSuccess: () => {
      setShown(true);
      return queries.invalidateQueries({ queryKey: ["deliveries", webhook.webhook_id] });
    },
  });
  const rotating = useMutation({
    mutationFn: () => ask(api.POST("/api/webhooks/outgoing/{webhook_id}/secret", of(webhook.webhook_id))),
    onSuccess: (answer) => onSecret(answer.secret),
  });
  const failed = switching.error ?? pinging.error ?? rotating.error;
  return (
    <section className="card">
      <div className="spread">
        <h2 className="mono">{webhook.url}</h2>
        <Badge tone={webhook.disabled_at ? "warn" : "good"}>{webhook.disabled_at ? t("users.disabled") : t("users.active")}</Badge>
      </div>
      {webhook.description ? <p>{webhook.description}</p> : null}
      <p className="small soft">{webhook.events.join(", ")}</p>
      {failed ? <Problem error={failed} /> : null}
      <div className="row">
        <Button look="quiet" size="small" isPending={pinging.isPending} onPress={() => pinging.mutate()}>
          {t("webhooks.ping")}
        </Button>
        <Button look="quiet" size="small" onPress={() => switching.mutate()}>
          {webhook.disabled_at ? t("webhooks.on") : t("webhooks.off")}
        </Button>
        <Button look="quiet" size="small" onPress={() => rotating.mutate()}>
          {t("webhooks.rotate")}
        </Button>
        <Button look="plain" size="small" onPress={() => setRemoving(true)}>
          {t("app.remove")}
        </Button>
      </div>
      <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
        <summary>{t("webhooks.deliveries")}</summary>
        {shown ? <Deliveries id={webhook.webhook_id} /> : null}
      </details>
      <Confirm
        title={`${t("app.remove")}?`}
        words={webhook.url}
        yes={t("app.remove")}
        no={t("app.cancel")}
        danger
        isOpen={removing}
        onClose={() => setRemoving(false)}
        onYes={async () => {
          await done(api.DELETE("/api/webhooks/outgoing/{webhook_id}", of(webhook.webhook_id)));
          await changed();
        }}
      />
    </section>
  );
}

function Deliveries({ id }: { id: string }) {
  const { t, moment } = useTexts();
  const queries = useQueryClient();
  const sent = useQuery({
    queryKey: ["deliveries", id],
    queryFn: () => ask(api.GET("/api/webhooks/outgoing/{webhook_id}/deliveries", { params: { path: { webhook_id: id }, query: { limit: 20 } } })),
    refetchInterval: 5000,
  });
  const replaying = useMutation({
    mutationFn: (delivery_id: string) => ask(api.POST("/api/webhooks/outgoing/deliveries/{delivery_id}/replay", { params: { path: { delivery_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries", id] }),
  });
  return (
    <Loaded query={sent}>
      {(data) =>
        data.deliveries.length ? (
          <ul className="plain stack stack-s more">
            {data.deliveries.map((one) => (
              <li key={one.delivery_id} className="row small">
                <code>{one.event}</code>
                <Badge tone={one.status === "delivered" ? "good" : one.status === "failed" ? "bad" : "warn"}>{t(`delivery.${one.status}`)}</Badge>
                <span className="soft">
                  {moment(one.created_at)} · {t("webhooks.attempts", { count: one.attempts })} {one.log.at(-1)?.code ?? one.log.at(-1)?.error ?? ""}
                </span>
                {one.status === "failed" || one.status === "delivered" ? (
                  <Button look="plain" size="small" onPress={() => replaying.mutate(one.delivery_id)}>
                    {t("webhooks.replay")}
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        ) : (
          <p className="soft more">{t("webhooks.nothing")}</p>
        )
      }
    </Loaded>
  );
}
