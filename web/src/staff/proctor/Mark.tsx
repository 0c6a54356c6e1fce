/** Filing what one saw and software did not: dated when the button was pressed, by the server's clock. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button, Choice, Field, Notice, Window, WindowRow } from "../../ui/parts";
import { KINDS } from "../kinds";
import { Problem } from "../parts";
import { useTexts } from "../texts";
import { addIncident, type Kind, type Watchable } from "./calls";

export function Mark({ room, at, onClose }: { room: Watchable; at: number | null; onClose: () => void }) {
  const { t, moment } = useTexts();
  const [kind, setKind] = useState<Kind | "">("");
  const [note, setNote] = useState("");
  const began = new Date(at ?? 0).toISOString();
  const filing = useMutation({
    mutationFn: () => addIncident(room.session_id, { kind: kind as Kind, started_at: began, note: note.trim() }),
  });
  return (
    <Window title={t("live.mark")} isOpen={at !== null} onClose={onClose}>
      {filing.data ? (
        <Notice tone="good">{t("live.marked", { kind: t(`kind.${filing.data.kind}`) })}</Notice>
      ) : (
        <>
          <p>{t("live.mark.at", { at: moment(began, "time") })}</p>
          {/* nothing is preset: what is filed here stands confirmed */}
          <Choice
            label={t("live.mark.kind")}
            value={kind}
            options={[{ value: "" as const, label: t("live.mark.choose") }, ...KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))]}
            onChange={setKind}
          />
          <Field label={t("review.note")} rows={3} maxLength={4000} value={note} onChange={setNote} />
          <p className="field-help">{t("live.mark.words")}</p>
        </>
      )}
      {filing.error ? <Problem error={filing.error} /> : null}
      <WindowRow close={t("app.close")} onClose={onClose}>
        {filing.data ? null : (
          <Button isDisabled={!kind} isPending={filing.isPending} onPress={() => filing.mutate()}>
            {t("live.mark.go")}
          </Button>
        )}
      </WindowRow>
    </Window>
  );
}
