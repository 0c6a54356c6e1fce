/** What is kept about the candidate: as a file for them, and taken from this interview for good. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { offer, settled } from "../../api/calls";
import { Button, Confirm } from "../../ui/parts";
import { anonymise, exportPerson, type Session } from "../data";
import { Problem } from "../parts";
import { useTexts } from "../texts";

export function PersonalData({ session }: { session: Session }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const exporting = useMutation({ mutationFn: exportPerson, onSuccess: ({ blob, name }) => offer(blob, name) });
  const anonymising = useMutation({ mutationFn: () => anonymise(session.session_id), onSuccess: () => queries.invalidateQueries() });
  const email = session.user_details?.email;
  const over = ["COMPLETED", "ABANDONED", "EXPIRED", "FAILED"].includes(session.status);
  if (!email) return null;
  const failed = exporting.error ?? anonymising.error;
  return (
    <section className="card" aria-labelledby="personal">
      <h2 id="personal">{t("people.title")}</h2>
      <p className="field-help">{t("people.session.words", { email })}</p>
      {failed ? <Problem error={failed} /> : null}
      <div className="row">
        <Button look="quiet" isPending={exporting.isPending} onPress={() => exporting.mutate(email)}>
          {t("people.export")}
        </Button>
        {over ? (
          <Button look="plain" onPress={() => setAsked(true)}>
            {t("people.anonymise")}
          </Button>
        ) : null}
      </div>
      <Confirm
        title={t("people.anonymise.title")}
        words={t("people.anonymise.words")}
        yes={t("people.anonymise")}
        no={t("app.cancel")}
        danger
        isOpen={asked}
        onClose={() => setAsked(false)}
        onYes={() => settled(anonymising.mutateAsync())}
      />
    </section>
  );
}
