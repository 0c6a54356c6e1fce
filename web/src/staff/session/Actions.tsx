/** What an owner may do with a session in its present state. What cannot be taken back is asked for twice. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { settled } from "../../api/calls";
import { Button, Confirm } from "../../ui/parts";
import { endSession, eraseSession, extend, goOn, pause, type Session, startSession } from "../data";
import { Problem } from "../parts";
import { useTexts } from "../texts";
import { CorrectPerson, Extend, Redo, Reschedule } from "./Windows";

type Asked = "" | "end" | "erase" | "extend" | "redo" | "time" | "person";

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
  const act = (what: () => Promise<unknown>) => settled(acting.mutateAsync(what));
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
        {status === "FAILED" ? <Button onPress={() => void act(() => startSession(id))}>{t("session.start_again")}</Button> : null}
        {waits ? (
          <>
            <Button look="quiet" onPress={() => setAsked("time")}>
              {t("session.reschedule")}
            </Button>
            <Button look="quiet" onPress={() => setAsked("person")}>
              {t("session.person")}
            </Button>
          </>
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
      <Reschedule key={`${session.not_before} ${session.not_after}`} session={session} isOpen={asked === "time"} onClose={close} />
      <CorrectPerson session={session} isOpen={asked === "person"} onClose={close} />
    </>
  );
}
