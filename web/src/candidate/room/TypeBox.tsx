import { type KeyboardEvent, useState } from "react";
import { TextArea, TextField } from "react-aria-components";

import { Button } from "../../ui/parts";
import { useTexts } from "../texts";

/** Typing instead of talking. What was not sent stays in the box. */
export function TypeBox({ onSend }: { onSend: (text: string) => Promise<void> }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    const words = text.trim();
    if (!words || busy) return;
    setBusy(true);
    try {
      await onSend(words);
      setText("");
      setFailed(false);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="type"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <TextField className="type-field" aria-label={t("room.type")} value={text} onChange={setText} maxLength={5000}>
        <TextArea className="input" rows={1} placeholder={t("room.type")} title={t("room.type.help")} onKeyDown={key} />
      </TextField>
      <Button type="submit" look="quiet" isPending={busy}>
        {t("room.send")}
      </Button>
      <p className="field-error" role="alert">
        {failed ? t("room.send.failed") : ""}
      </p>
    </form>
  );
}
