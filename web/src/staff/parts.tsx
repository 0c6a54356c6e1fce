/** What the pages of recruiters share: loading and errors in one way, links that look like buttons, one-time links. */

import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";

import { Badge, Button, type Look, Loading, Notice, type Tone } from "../ui/parts";
import type { Status } from "./data";
import type { Me } from "./session";
import { errorWords, useTexts } from "./texts";

/** Says who did something, by user id: recruiters are told no names of others. */
export function useWho(owner_id: string): (by: string) => string {
  const { t } = useTexts();
  const me = useQueryClient().getQueryData<Me>(["me"]);
  return (by) => (by === me?.user_id ? t("app.you") : by === owner_id ? t("app.owner") : t("app.somebody"));
}

export function Problem({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const texts = useTexts();
  return (
    <Notice tone="bad">
      <p>{errorWords(texts, error)}</p>
      {onAgain ? (
        <Button look="quiet" size="small" onPress={onAgain}>
          {texts.t("app.again")}
        </Button>
      ) : null}
    </Notice>
  );
}

/** A query's data once it is there; until then that it is loading or in error, and what to do. That it is away is said above. */
export function Loaded<Data>({ query, children }: { query: UseQueryResult<Data>; children: (data: Data) => ReactNode }) {
  const { t } = useTexts();
  const again = () => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? <Problem error={query.error} onAgain={again} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error) return <Problem error={query.error} onAgain={again} />;
  return <Loading>{t("app.loading")}</Loading>;
}

export function Go({ to, look = "main", children }: { to: string; look?: Look; children: ReactNode }) {
  return (
    <Link to={to} className={`button ${look}`}>
      {children}
    </Link>
  );
}

const TONES: Partial<Record<Status, Tone>> = {
  IN_PROGRESS: "accent",
  PAUSED: "warn",
  QUEUED: "warn",
  COMPLETED: "good",
  FAILED: "bad",
};

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useTexts();
  return <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>;
}

/** A secret that is shown once, with a button that copies it. */
export function CopyLine({ label, help, value }: { label: string; help?: string; value: string }) {
  const { t } = useTexts();
  const [copied, setCopied] = useState<"" | "app.copied" | "app.copy.failed">("");
  const copy = async () => {
    await navigator.clipboard.writeText(value); // there is no clipboard where the page did not come over https
    setCopied("app.copied");
  };
  return (
    <div className="stack stack-s">
      <label className="field">
        <span className="label">{label}</span>
        <input className="input mono" readOnly value={value} onFocus={(event) => event.target.select()} />
      </label>
      {help ? <p className="field-help">{help}</p> : null}
      <div className="row">
        <Button look="quiet" size="small" onPress={() => void copy().catch(() => setCopied("app.copy.failed"))}>
          {t("app.copy")}
        </Button>
        <span role="status" className="small">
          {copied ? t(copied) : ""}
        </span>
      </div>
    </div>
  );
}
