/** Consent, item by item. Nothing is ticked beforehand, nobody is persuaded, and a no is as near as a yes. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { callError, settled } from "../api/calls";
import { Badge, Button, Check, Confirm, Field, Notice, PageTitle, Window, WindowRow } from "../ui/parts";
import { giveConsent, type Items, raise, type Seat } from "./calls";
import { errorWords, useTexts } from "./texts";

export interface ConsentProps {
  seat: Seat;
  onBack: () => void;
  onGiven: (given: Items & Record<string, boolean>, status: Seat["status"], message: string) => void;
}

export function Consent({ seat, onBack, onGiven }: ConsentProps) {
  const texts = useTexts();
  const { t } = texts;
  const queries = useQueryClient();
  const [items, setItems] = useState<Record<string, boolean>>(() => ({ ...seat.consent.given }));
  const [missing, setMissing] = useState(false);
  const [declining, setDeclining] = useState(false);
  const [person, setPerson] = useState(false);
  const giving = useMutation({
    mutationFn: (chosen: Record<string, boolean>) => giveConsent(seat, chosen),
    onSuccess: (answer) => onGiven(answer.consent.items, answer.status, answer.message),
    onError: (error) => {
      if (callError(error).code === "consent_text_changed") void queries.invalidateQueries({ queryKey: ["seat"] });
    },
  });
  const questions = seat.consent.questions;

  const give = (event: FormEvent) => {
    event.preventDefault();
    const lacks = questions.some((one) => one.required && !items[one.item]);
    setMissing(lacks);
    if (!lacks) giving.mutate(Object.fromEntries(questions.map((one) => [one.item, items[one.item] ?? false])));
  };
  const decline = async () => {
    const required = questions.filter((one) => one.required).map((one) => [one.item, false] as const);
    // what went wrong is shown below the questions
    await settled(giving.mutateAsync(Object.fromEntries(required)));
  };
  const failure = giving.error ? callError(giving.error) : null;

  return (
    <form className="stack" onSubmit={give} noValidate>
      <div className="stack stack-s">
        <PageTitle>{t("consent.title")}</PageTitle>
        <p className="soft">{t("consent.lead")}</p>
      </div>
      {questions.map((one) => (
        <section className="card consent" key={one.item}>
          <Badge tone={one.required ? "accent" : undefined}>
            {one.required ? t("consent.required") : t("consent.optional")}
          </Badge>
          <Check
            name={one.item}
            isSelected={items[one.item] ?? false}
            isInvalid={missing && one.required && !items[one.item]}
            onChange={(yes) => setItems((old) => ({ ...old, [one.item]: yes }))}
          >
            <span lang={seat.language}>{one.text}</span>
          </Check>
          <p className="small soft">{texts.maybe(withoutKey(one.item, one.required), "")}</p>
        </section>
      ))}
      {missing ? <Notice tone="bad">{t("consent.missing")}</Notice> : null}
      {failure ? (
        <Notice tone="bad">
          {failure.code === "consent_text_changed" ? t("consent.changed") : errorWords(texts, failure)}
        </Notice>
      ) : null}
      <div className="row">
        <Button type="submit" isPending={giving.isPending}>
          {t("consent.give")}
        </Button>
        <Button look="quiet" onPress={() => setDeclining(true)}>
          {t("consent.decline")}
        </Button>
        <Button look="plain" onPress={onBack}>
          {t("consent.back")}
        </Button>
      </div>
      <div>
        <Button look="plain" onPress={() => setPerson(true)}>
          {t("consent.human")}
        </Button>
      </div>
      <Confirm
        title={t("decline.title")}
        words={t("decline.words")}
        yes={t("decline.yes")}
        no={t("decline.no")}
        isOpen={declining}
        onClose={() => setDeclining(false)}
        onYes={decline}
      />
      <PersonInstead seat={seat} isOpen={person} onClose={() => setPerson(false)} />
    </form>
  );
}

/** Under which key it says what declining means. */
export function withoutKey(item: string, required: boolean): string {
  return `consent.without.${item}${required && item !== "interview" ? ".required" : ""}`;
}

function PersonInstead({ seat, isOpen, onClose }: { seat: Seat; isOpen: boolean; onClose: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  const [words, setWords] = useState("");
  const wishing = useMutation({
    // the name makes a second press harmless
    mutationFn: () => raise(seat.session_id, "human_alternative", words.trim() || t("human.default"), "human-instead"),
  });
  return (
    <Window title={t("human.title")} isOpen={isOpen} onClose={onClose}>
      {wishing.isSuccess ? (
        <Notice tone="good">{t("human.sent")}</Notice>
      ) : (
        <>
          <p>{t("human.words")}</p>
          <Field label={t("human.label")} rows={3} value={words} onChange={setWords} maxLength={4000} />
          {wishing.error ? <Notice tone="bad">{errorWords(texts, callError(wishing.error))}</Notice> : null}
        </>
      )}
      <WindowRow close={t("problem.close")} onClose={onClose}>
        {wishing.isSuccess ? null : (
          <Button isPending={wishing.isPending} onPress={() => wishing.mutate()}>
            {t("human.send")}
          </Button>
        )}
      </WindowRow>
    </Window>
  );
}
