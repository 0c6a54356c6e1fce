/** What an owner may do with a session in its present state. What cannot be taken back is asked for twice. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Button, Confirm, Field, Window } from "../../ui/parts";
import { endSession, eraseSession, extend, goOn, pause, redo, reschedule, type Session } from "../data";
import { CopyLine, Problem } from "../parts";
import { useTexts } from "../texts";

type Asked = "" | "end" | "erase" | "extend" | "redo" | "time";

export function Actions({ session }: { session: Session }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>("");
  const close = () => setAsked("");
  const id = session.session_id;
  const acting = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["session", id] }),
  });
  const act = (what: () => Promise<unknown>) => acting.mutateAsync(what).then(() => undefined, () => undefined);
  const { status } = session;
  const running = status === "IN_PROGRESS" || status === "PAUSED";
  const waits = status === "INITIALIZED";
  const again = !session.redone_by && ["FAILED", "ABANDONED", "EXPIRED", "COMPLETED"].includes(status);
  return (
    <>
      <div className="row">
        {status === "IN_PROGRESS" ? (
          <Button look="quiet" onPress={() => void act(() => pause(id))}>
            {t("session.pause")}
          </Button>
        ) : null}
        {status === "PAUSED" ? <Button onPress={() => void act(() => goOn(id))}>{t("session.resume")}</Button> : null}
        {running ? (
          <>
            <Button look="quiet" onPress={() => setAsked("extend")}>
              {t("session.extend")}
            </Button>
            <Button look="danger" onPress={() => setAsked("end")}>
              {t("session.end")}
            </Button>
          </>
        ) : null}
        {waits ? (
          <Button look="quiet" onPress={() => setAsked("time")}>
            {t("session.reschedule")}
          </Button>
        ) : null}
        {again ? (
          <Button look="quiet" onPress={() => setAsked("redo")}>
            {t("session.redo")}
          </Button>
        ) : null}
        {status === "DELETED" ? null : (
          <Button look="plain" onPress={() => setAsked("erase")}>
            {t("session.delete")}
          </Button>
        )}
      </div>
      {acting.error ? <Problem error={acting.error} /> : null}
      <Confirm title={t("session.end.title")} words={t("session.end.words")} yes={t("session.end")} no={t("app.cancel")} danger isOpen={asked === "end"} onClose={close} onYes={() => act(() => endSession(id))} />
      <Confirm
        title={t("session.delete.title")}
        words={t("session.delete.words")}
        yes={t("session.delete.yes")}
        no={t("app.cancel")}
        danger
        isOpen={asked === "erase"}
        onClose={close}
        onYes={async () => {
          await act(() => eraseSession(id));
          await queries.invalidateQueries({ queryKey: ["sessions"] });
          await navigate("/app/sessions");
        }}
      />
      <Extend isOpen={asked === "extend"} onClose={close} onExtend={(minutes) => act(() => extend(id, 60 * minutes))} />
      <Redo session={session} isOpen={asked === "redo"} onClose={close} />
      <Reschedule session={session} isOpen={asked === "time"} onClose={close} />
    </>
  );
}

interface Asking {
  isOpen: boolean;
  onClose: () => void;
}

function Extend({ isOpen, onClose, onExtend }: Asking & { onExtend: (minutes: number) => Promise<void> }) {
  const { t } = useTexts();
  const [minutes, setMinutes] = useState("10");
  const go = async () => {
    await onExtend(Number(minutes));
    onClose();
  };
  return (
    <Window title={t("session.extend")} isOpen={isOpen} onClose={onClose}>
      <Field label={t("session.extend.minutes")} type="number" value={minutes} onChange={setMinutes} autoFocus />
      <div className="row row-end">
        <Button look="quiet" onPress={onClose}>
          {t("app.cancel")}
        </Button>
        <Button isDisabled={!(Number(minutes) >= 1)} onPress={() => void go()}>
          {t("session.extend")}
        </Button>
      </div>
    </Window>
  );
}

function Redo({ session, isOpen, onClose }: Asking & { session: Session }) {
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
      <div className="row row-end">
        <Button look="quiet" onPress={onClose}>
          {t("app.close")}
        </Button>
        {redoing.data ? null : (
          <Button isPending={redoing.isPending} onPress={() => redoing.mutate()}>
            {t("session.redo")}
          </Button>
        )}
      </div>
    </Window>
  );
}

function Reschedule({ session, isOpen, onClose }: Asking & { session: Session }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const iso = (local: string) => (local ? new Date(local).toISOString() : null);
  const changing = useMutation({
    mutationFn: () => reschedule(session.session_id, iso(from), iso(to)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["session", session.session_id] }),
  });
  return (
    <Window title={t("session.reschedule")} isOpen={isOpen} onClose={onClose}>
      {changing.data?.invite_url ? (
        <CopyLine label={t("create.link", { name: changing.data.user_details.name })} help={t("create.link.help")} value={changing.data.invite_url} />
      ) : (
        <div className="fields">
          <Field label={t("create.not_before")} type="datetime-local" value={from} onChange={setFrom} />
          <Field label={t("create.not_after")} type="datetime-local" value={to} onChange={setTo} />
        </div>
      )}
      {changing.error ? <Problem error={changing.error} /> : null}
      <div className="row row-end">
        <Button look="quiet" onPress={onClose}>
          {t("app.close")}
        </Button>
        {changing.data ? null : (
          <Button isDisabled={!from && !to} isPending={changing.isPending} onPress={() => changing.mutate()}>
            {t("app.save")}
          </Button>
        )}
      </div>
    </Window>
  );
}
