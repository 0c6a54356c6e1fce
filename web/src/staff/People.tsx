/** What a person may ask for: everything that is kept about them, or that it goes. Of one's own interviews; for admins of all. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { offer, settled } from "../api/calls";
import { Button, Confirm, Field, Notice, PageTitle } from "../ui/parts";
import { erasePerson, exportPerson } from "./data";
import { Problem } from "./parts";
import { useTexts } from "./texts";

export default function People() {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [asked, setAsked] = useState(false);
  const exporting = useMutation({ mutationFn: exportPerson, onSuccess: ({ blob, name }) => offer(blob, name) });
  const erasing = useMutation({ mutationFn: erasePerson, onSuccess: () => queries.invalidateQueries() });
  const failed = exporting.error ?? erasing.error;
  const whose = email.trim();
  const go = (event: FormEvent) => {
    event.preventDefault();
    erasing.reset();
    exporting.mutate(whose);
  };
  return (
    <>
      <PageTitle>{t("people.title")}</PageTitle>
      <form className="card" onSubmit={go}>
        <p>{t("people.words")}</p>
        <Field label={t("people.email")} type="email" isRequired maxLength={254} value={email} onChange={setEmail} />
        {failed ? <Problem error={failed} /> : null}
        {exporting.isSuccess ? <Notice tone="good">{t("people.exported")}</Notice> : null}
        {erasing.data ? <Notice tone="good">{t("people.erased", { count: erasing.data.erased_sessions })}</Notice> : null}
        <div className="row">
          <Button type="submit" isDisabled={!whose} isPending={exporting.isPending}>
            {t("people.export")}
          </Button>
          <Button look="danger" isDisabled={!whose} isPending={erasing.isPending} onPress={() => {
              exporting.reset();
              setAsked(true);
            }}>
            {t("people.erase")}
          </Button>
        </div>
      </form>
      <Confirm
        title={t("people.erase.title", { email: whose })}
        words={t("people.erase.words")}
        yes={t("people.erase.yes")}
        no={t("app.cancel")}
        danger
        isOpen={asked}
        onClose={() => setAsked(false)}
        onYes={() => settled(erasing.mutateAsync(whose))}
      />
    </>
  );
}
