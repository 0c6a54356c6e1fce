/** Many interviews from a CSV: checked whole before anything is made, each bad row with what is wrong. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { callError, offer } from "../../api/calls";
import { sentence } from "../../texts/sentences";
import { Button, Check, Notice, PageTitle } from "../../ui/parts";
import { bulk } from "../data";
import { TablePane } from "../lists";
import { Go, Problem } from "../parts";
import { PlanSelect } from "../plans/PlanSelect";
import { useTexts } from "../texts";
import { Mail } from "./CreateSession";

interface RowError {
  row: number;
  column: string;
  message: string;
}

/** Read the row errors out of a problem's details; anything else is left out. Pure. */
export function rowErrors(details: Readonly<Record<string, unknown>>): RowError[] {
  const errors = details["errors"];
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((one: unknown) => {
    const { row, column, message } = (one ?? {}) as Record<string, unknown>;
    return typeof row === "number" ? [{ row, column: String(column ?? ""), message: String(message ?? "") }] : [];
  });
}

/** A CSV field: quoted, and never read as a formula by a spreadsheet. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

export default function BulkSessions() {
  const { t } = useTexts();
  const [plan, setPlan] = useState("");
  const [csv, setCsv] = useState("");
  const [send, setSend] = useState(false);
  const checking = useMutation({ mutationFn: () => bulk(csv, plan, true, false) });
  const making = useMutation({ mutationFn: () => bulk(csv, plan, false, send) });
  const changed = () => {
    checking.reset();
    making.reset();
  };
  const take = async (file: File | undefined) => {
    setCsv(file ? await file.text() : "");
    changed();
  };
  const failed = making.error ?? checking.error;
  const errors = failed ? rowErrors(callError(failed).details) : [];
  const checked = checking.data;
  const made = making.data;
  const download = () => {
    const lines = (made?.rows ?? []).map((row) => [String(row.row), row.session_id ?? "", row.invite_url ?? ""].map(csvField).join(","));
    offer(new Blob([["row,session_id,invite_url", ...lines].join("\r\n")], { type: "text/csv" }), "invite-links.csv");
  };
  return (
    <section className="card">
      <PageTitle>{t("bulk.title")}</PageTitle>
      <p>{t("bulk.words")}</p>
      <PlanSelect
        label={t("create.plan")}
        none={t("bulk.plan.listed")}
        value={plan}
        onChange={(id) => {
          setPlan(id);
          changed();
        }}
      />
      <label className="field">
        <span className="label">{t("bulk.file")}</span>
        <input className="input" type="file" accept=".csv,text/csv" onChange={(event) => void take(event.target.files?.[0])} />
      </label>
      <Check isSelected={send} onChange={setSend}>
        {t("create.send")}
      </Check>
      {made ? (
        <>
          <Notice tone="good">{t("bulk.done", { count: made.created })}</Notice>
          <Mail state={made.mail} />
          <div className="row">
            <Button onPress={download}>{t("bulk.download")}</Button>
            <Go to="/app/sessions" look="quiet">
              {t("bulk.to_sessions")}
            </Go>
          </div>
        </>
      ) : (
        <div className="row">
          <Button look="quiet" isDisabled={!csv} isPending={checking.isPending} onPress={() => checking.mutate()}>
            {t("bulk.check")}
          </Button>
          {checked ? (
            <Button isPending={making.isPending} onPress={() => making.mutate()}>
              {t("bulk.go", { count: checked.rows.length })}
            </Button>
          ) : null}
        </div>
      )}
      {checked && !made ? <Notice tone="good">{t("bulk.good", { count: checked.rows.length })}</Notice> : null}
      {checked?.warnings.length ? <Rows title={t("bulk.warnings")} rows={checked.warnings} /> : null}
      {errors.length ? <Rows title={t("bulk.errors")} rows={errors} bad /> : failed ? <Problem error={failed} /> : null}
    </section>
  );
}

function Rows({ title, rows, bad }: { title: string; rows: readonly RowError[]; bad?: boolean }) {
  const { t, language } = useTexts();
  return (
    <div className="stack stack-s">
      <Notice tone={bad ? "bad" : "warn"}>{title}</Notice>
      <TablePane label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("bulk.row")}</th>
              <th scope="col">{t("bulk.column")}</th>
              <th scope="col">{t("bulk.problem")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={`${one.row} ${one.column} ${one.message}`}>
                <td>{one.row}</td>
                <td>{one.column}</td>
                <td>{sentence(one.message, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TablePane>
    </div>
  );
}
