/** The pages on which nothing can be done but wait, try again, or ask somebody. */

import { useEffect, useState } from "react";

import type { CallError } from "../api/calls";
import { clock } from "../texts/texts";
import { Button, PageTitle } from "../ui/parts";
import type { Seat } from "./calls";
import { errorWords, useTexts } from "./texts";

export function Closed({ error, onAgain }: { error: CallError; onAgain: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  if (error.code === "seat_taken_over") return <TakenOver />;
  const nothing = error.code === "not_authenticated" || error.code === "bad_token";
  const other = t("closed.other", { message: errorWords(texts, error) });
  return (
    <section className="card" role="alert">
      <PageTitle>{t("closed.title")}</PageTitle>
      <p>{nothing ? t("closed.nothing") : texts.maybe(`closed.${error.code}`, other)}</p>
      {nothing ? null : (
        <div>
          <Button look="quiet" onPress={onAgain}>
            {t("closed.again")}
          </Button>
        </div>
      )}
    </section>
  );
}

export function TakenOver() {
  const { t } = useTexts();
  return (
    <section className="card" role="alert">
      <PageTitle>{t("taken.title")}</PageTitle>
      <p>{t("taken.words")}</p>
    </section>
  );
}

export function Outage({ onAgain }: { onAgain: () => void }) {
  const { t } = useTexts();
  return (
    <section className="card" role="alert">
      <PageTitle>{t("outage.title")}</PageTitle>
      <p>{t("outage.words")}</p>
      <div>
        <Button look="quiet" onPress={onAgain}>
          {t("outage.again")}
        </Button>
      </div>
    </section>
  );
}

export function Early({ seat }: { seat: Seat }) {
  const { t, moment } = useTexts();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const from = seat.not_before ?? seat.not_after;
  return (
    <section className="card">
      <PageTitle>{t("early.title")}</PageTitle>
      <p>{t("early.words", { when: moment(from, "long") })}</p>
      <p className="number strong" aria-live="off">
        {t("early.left", { left: clock((Date.parse(from) - now) / 1000) })}
      </p>
    </section>
  );
}

export function Expired({ seat }: { seat: Seat }) {
  const { t, moment } = useTexts();
  return (
    <section className="card">
      <PageTitle>{t("expired.title")}</PageTitle>
      <p>{t("expired.words", { when: moment(seat.not_after, "long") })}</p>
    </section>
  );
}

export function Failed({ onAgain }: { onAgain: () => void }) {
  const { t } = useTexts();
  return (
    <section className="card" role="alert">
      <PageTitle>{t("failed.title")}</PageTitle>
      <p>{t("failed.words")}</p>
      <div>
        <Button onPress={onAgain}>{t("failed.again")}</Button>
      </div>
    </section>
  );
}
