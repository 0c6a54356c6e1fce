/** The windows in which an owner says how a session is to be changed. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import type { Schemas } from "../../api/client";
import { Button, Check, Field, Notice, Window, WindowRow } from "../../ui/parts";
import { redo, reschedule, type Session } from "../data";
import { CopyLine, Problem } from "../parts";
import { correctCandidate } from "../preparing";
import { Mail } from "../sessions/CreateSession";
import { useTexts } from "../texts";
import { localTime, windowOf } from "./window";

interface Asking {
  isOpen: boolean;
  onClose: () => void;
}

export function Extend({ isOpen, onClose, onExtend }: Asking & { onExtend: (minutes: number) => Promise<void> }) {
  const { t } = useTexts();
  const [minutes, setMinutes] = useState("10");
  const go = async () => {
    await onExtend(Number(minutes));
    onClose();
  };
  return (
    <Window title={t("session.extend")} isOpen={isOpen} onClose={onClose}>
      <Field label={t("session.extend.minutes")} type="number" value={minutes} onChange={setMinutes} autoFocus />
      <WindowRow close={t("app.cancel")} onClose={onClose}>
        <Button isDisabled={!(Number(minutes) >= 1)} onPress={() => void go()}>
          {t("session.extend")}
        </Button>
      </WindowRow>
    </Window>
  );
}

export function Redo({ session, isOpen, onClose }: Asking & { session: Session }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const redoing = useMutation({
    mutationFn: () => redo(session.session_id, reason.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["session", session.session_id] }),
  });
  return (
    <Window title={t("session.redo")} isOpen={isOpen} onClose={onClose}>
      {redoing.data?.invite_url ? (
        <CopyLine label={t("create.link", { name: redoing.data.user_details.name })} help={t("create.link.help")} value={redoing.data.invite_url} />
      ) : (
        <Field label={t("session.redo.reason")} maxLength={200} value={reason} onChange={setReason} autoFocus />
      )}
      {redoing.error ? <Problem error={redoing.error} /> : null}
      <WindowRow close={t("app.close")} onClose={onClose}>
        {redoing.data ? null : (
          <Button isPending={redoing.isPending} onPress={() => redoing.mutate()}>
            {t("session.redo")}
          </Button>
        )}
      </WindowRow>
    </Window>
  );
}

export function Reschedule({ session, isOpen, onClose }: Asking & { session: Session }) {
  const { t } = useTexts();
  const [from, setFrom] = useState(localTime(session.not_before));
  const [to, setTo] = useState(localTime(session.not_after));
  const [send, setSend] = useState(false);
  const wanted = windowOf(session, from, to);
  return (
    <Changing
      title={t("session.reschedule")}
      session={session}
      isOpen={isOpen}
      onClose={onClose}
      ready={Object.keys(wanted).length > 0}
      change={() => reschedule(session.session_id, { ...wanted, send })}
    >
      <div className="fields">
        <Field label={t("create.not_before")} type="datetime-local" value={from} onChange={setFrom} />
        <Field label={t("create.not_after")} type="datetime-local" value={to} onChange={setTo} />
      </div>
      <Check isSelected={send} onChange={setSend}>
        {t("session.link.send")}
      </Check>
    </Changing>
  );
}

export function CorrectPerson({ session, isOpen, onClose }: Asking & { session: Session }) {
  const { t } = useTexts();
  const before = session.user_details ?? { name: "", email: "" };
  const [name, setName] = useState(before.name);
  const [email, setEmail] = useState(before.email);
  const [send, setSend] = useState(false);
  const another = email.trim() !== before.email;
  const wanted = { ...(name.trim() !== before.name ? { name: name.trim() } : {}), ...(another ? { email: email.trim() } : {}) };
  return (
    <Changing
      title={t("session.person")}
      session={session}
      isOpen={isOpen}
      onClose={onClose}
      ready={Object.keys(wanted).length > 0 && Boolean(name.trim() && email.trim())}
      change={() => correctCandidate(session.session_id, { ...wanted, send })}
    >
      <Field label={t("create.name")} maxLength={200} value={name} onChange={setName} />
      <Field label={t("create.email")} type="email" maxLength={254} value={email} onChange={setEmail} />
      {another ? <Notice tone="warn">{t("session.person.another")}</Notice> : null}
      <Check isSelected={send} onChange={setSend}>
        {t("session.link.send")}
      </Check>
    </Changing>
  );
}

interface ChangingProps extends Asking {
  title: string;
  session: Session;
  ready: boolean;
  change: () => Promise<Schemas["ChangedAnswer"]>;
  children: ReactNode;
}

/** A change of what a candidate was told, and the link that comes of it, which is shown this once. */
function Changing({ title, session, isOpen, onClose, ready, change, children }: ChangingProps) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const changing = useMutation({
    mutationFn: change,
    onSuccess: (answer) => {
      for (const key of ["session", "links", "resume-of", "proposals"]) void queries.invalidateQueries({ queryKey: [key, session.session_id] });
      if (!answer.invite_url) onClose();
    },
  });
  const made = changing.data?.invite_url ? changing.data : null;
  const close = () => {
    changing.reset();
    onClose();
  };
  return (
    <Window title={title} isOpen={isOpen} onClose={close}>
      {made?.invite_url ? (
        <>
          <CopyLine label={t("create.link", { name: made.user_details.name })} help={t("create.link.help")} value={made.invite_url} />
          <Mail state={made.mail} />
        </>
      ) : (
        children
      )}
      {changing.error ? <Problem error={changing.error} /> : null}
      <WindowRow close={t("app.close")} onClose={close}>
        {made ? null : (
          <Button isDisabled={!ready} isPending={changing.isPending} onPress={() => changing.mutate()}>
            {t("app.save")}
          </Button>
        )}
      </WindowRow>
    </Window>
  );
}
