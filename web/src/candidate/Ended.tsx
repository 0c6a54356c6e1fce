/** After the interview: what comes next, one's own data, and the way to say that something is not right. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { callError, offer } from "../api/calls";
import { Button, Confirm, Notice, PageTitle } from "../ui/parts";
import { Feedback } from "./after/Feedback";
import { Noticed } from "./after/Noticed";
import { askErasure, ownData, readSession, type Seat } from "./calls";
import { ProblemWindow } from "./ProblemWindow";
import { errorWords, useTexts } from "./texts";

export function Ended({ seat, declined, said }: { seat: Seat; declined: boolean; said: string }) {
  const { t } = useTexts();
  return (
    <>
      <section className="card">
        <PageTitle>{declined ? t("end.declined.title") : t("end.title")}</PageTitle>
        {declined ? <p lang={seat.language}>{said || t("end.declined.words")}</p> : <HowItEnded seat={seat} />}
      </section>
      {declined || seat.status === "DELETED" ? null : (
        <section className="card" aria-labelledby="next">
          <h2 id="next">{t("end.next")}</h2>
          <ol className="stack stack-s">
            <li>{t("end.next.1")}</li>
            <li>{t("end.next.2")}</li>
            <li>{t("end.next.3")}</li>
          </ol>
        </section>
      )}
      {declined || seat.status === "DELETED" ? null : <Feedback seat={seat} />}
      {declined || seat.status === "DELETED" ? null : <Noticed seat={seat} />}
      {seat.status === "DELETED" ? null : <OwnData />}
      {declined || seat.status === "DELETED" ? null : <Contest seat={seat} />}
    </>
  );
}

function HowItEnded({ seat }: { seat: Seat }) {
  const { t } = useTexts();
  const session = useQuery({ queryKey: ["session", "end"], queryFn: () => readSession(seat.session_id) });
  const progress = session.data?.progress;
  switch (seat.status) {
    case "ABANDONED":
      return <p>{t("end.abandoned")}</p>;
    case "EXPIRED":
      return <p>{t("end.expired")}</p>;
    case "DELETED":
      return <p>{t("end.deleted")}</p>;
    default:
      return <p className="end-line">{progress ? t("end.completed", { answered: progress.answered, total: progress.total }) : ""}</p>;
  }
}

function OwnData() {
  const texts = useTexts();
  const { t } = texts;
  const [asking, setAsking] = useState(false);
  const exporting = useMutation({ mutationFn: ownData, onSuccess: (zip) => offer(zip, "my-interview.zip") });
  const erasing = useMutation({ mutationFn: askErasure });
  return (
    <section className="card" aria-labelledby="data">
      <h2 id="data">{t("end.data")}</h2>
      <p>{t("end.data.words")}</p>
      <div className="row">
        <Button look="quiet" isPending={exporting.isPending} onPress={() => exporting.mutate()}>
          {t("end.export")}
        </Button>
        <Button look="quiet" isDisabled={erasing.isSuccess} onPress={() => setAsking(true)}>
          {t("end.erase")}
        </Button>
      </div>
      {exporting.isPending ? <p role="status">{t("end.export.making")}</p> : null}
      {exporting.error ? (
        <Notice tone="bad">{t("end.export.failed", { message: errorWords(texts, callError(exporting.error)) })}</Notice>
      ) : null}
      {erasing.isSuccess ? <Notice tone="good">{t("end.erase.sent")}</Notice> : null}
      {erasing.error ? <Notice tone="bad">{errorWords(texts, callError(erasing.error))}</Notice> : null}
      <Confirm
        title={t("end.erase.title")}
        words={t("end.erase.words")}
        yes={t("end.erase.yes")}
        no={t("end.erase.no")}
        danger
        isOpen={asking}
        onClose={() => setAsking(false)}
        onYes={() => erasing.mutateAsync().catch(() => undefined)}
      />
    </section>
  );
}

function Contest({ seat }: { seat: Seat }) {
  const { t } = useTexts();
  const [writing, setWriting] = useState(false);
  return (
    <section className="card" aria-labelledby="contest">
      <h2 id="contest">{t("end.contest")}</h2>
      <p>{t("end.contest.words")}</p>
      <div>
        <Button look="quiet" onPress={() => setWriting(true)}>
          {t("end.contest.open")}
        </Button>
      </div>
      <ProblemWindow seat={seat} isOpen={writing} first="misheard" onClose={() => setWriting(false)} />
    </section>
  );
}
